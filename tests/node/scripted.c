#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node/must.h"
#include "tests/node/scripted_impl.h"

struct endpoint *scripted_endpoint(struct scripted *node, const char *name)
{
	struct endpoint *endpoint;

	while (*name == '/')
		name++;
	for (endpoint = node->endpoints; endpoint; endpoint = endpoint->next)
		if (strcmp(endpoint->name, name) == 0)
			return endpoint;
	endpoint = calloc(1, sizeof(*endpoint));
	must(endpoint && strlen(name) < sizeof(endpoint->name));
	(void)snprintf(endpoint->name, sizeof(endpoint->name), "%s", name);
	for (const char *c = name; *c; c++)
		endpoint->number = 31 * endpoint->number + (unsigned char)*c;
	endpoint->next = node->endpoints;
	node->endpoints = endpoint;
	return endpoint;
}

synth_index scripted_tip(const struct scripted *node,
			 const struct endpoint *endpoint)
{
	synth_index head =
	    endpoint->stays ? endpoint->head : synth_head(node->synth);
	uint64_t number = synth_block(node->synth, head)->number;
	uint64_t lag = endpoint->lag < number ? endpoint->lag : number;

	must(synth_at(node->synth, head, number - lag, &head));
	return head;
}

/* What the rule would throw now; counts that it was asked. */
static bool falls(const struct scripted *node, const struct endpoint *endpoint,
		  size_t i, struct dice *dice)
{
	struct lie_rule *rule = endpoint->rules[i];

	*dice = dice_of(synth_rules_in(node->synth)->seed, endpoint->number, i,
			rule->asked++);
	return rule->left != 0 && dice_chance(dice, rule->chance);
}

static void count_told(struct endpoint *endpoint, struct lie_rule *rule)
{
	rule->told++;
	if (rule->left > 0)
		rule->left--;
	endpoint->told[rule->lie - lies]++;
}

static bool rule_fits(const struct lie_rule *rule, const struct question *q,
		      bool has_blocks, uint64_t from, uint64_t to)
{
	if (rule->method[0] ? strcmp(rule->method, q->method) != 0
			    : !lie_fits(rule->lie, q->method))
		return false;
	if (!has_blocks)
		return rule->from == 0 && rule->to == UINT64_MAX;
	return from <= rule->to && to >= rule->from;
}

/* Answers with the lie; false: it had nothing to lie about. */
static bool tell(struct buf *out, size_t start, const struct lie_rule *rule,
		 struct question *q, struct lie_hand *hand)
{
	bool told = false;

	if (rule->lie->level == LIE_TWIST) {
		out->len = start;
		q->twist = rule->lie->twist;
		q->size = rule->size;
		q->dice = hand->dice;
		q->told = &told;
		answer_call(out, q);
		q->twist = TWIST_NONE;
		return told;
	}
	hand->out = out;
	hand->start = start;
	hand->size = rule->size;
	return rule->lie->tell(hand);
}

static void answer_or_lie(struct buf *out, struct scripted *node,
			  struct endpoint *endpoint, struct question *q)
{
	size_t start = out->len;
	bool ignored = false;
	struct lie_hand hand = {0};

	q->told = &ignored;
	answer_call(out, q);
	hand.has_blocks =
	    endpoint->n_rules > 0 && answer_blocks(q, &hand.from, &hand.to);
	for (size_t i = 0; i < endpoint->n_rules; i++) {
		struct lie_rule *rule = endpoint->rules[i];

		if (rule->lie->level > LIE_CALL ||
		    !rule_fits(rule, q, hand.has_blocks, hand.from, hand.to) ||
		    !falls(node, endpoint, i, &hand.dice))
			continue;
		if (tell(out, start, rule, q, &hand)) {
			count_told(endpoint, rule);
			return;
		}
		out->len = start;
		answer_call(out, q);
	}
}

static void count_call(struct endpoint *endpoint, const char *method)
{
	endpoint->counts.calls++;
	for (size_t i = 0; i < METHODS_MOST; i++) {
		if (!endpoint->methods[i].name[0])
			(void)snprintf(endpoint->methods[i].name,
				       sizeof(endpoint->methods[i].name), "%s",
				       method);
		if (strcmp(endpoint->methods[i].name, method) == 0) {
			endpoint->methods[i].calls++;
			return;
		}
	}
}

/* One call; true: it was the script's. */
static bool answer_one(struct buf *out, struct scripted *node,
		       struct endpoint *endpoint, const struct json *call)
{
	const char *method = json_text(json_member(call, "method"), NULL);
	const struct json *params = json_member(call, "params");
	struct question q = {.synth = node->synth,
			     .tip = scripted_tip(node, endpoint),
			     .method = method ? method : "",
			     .params = params};
	bool is_script;

	buf_puts(out, "{\"jsonrpc\":\"2.0\",\"id\":");
	json_print(out, json_member(call, "id"));
	buf_putc(out, ',');
	is_script = strncmp(q.method, "script_", 7) == 0 &&
		    script_call(out, node, endpoint, q.method, params);
	if (!is_script) {
		count_call(endpoint, q.method);
		answer_or_lie(out, node, endpoint, &q);
	}
	buf_putc(out, '}');
	return is_script;
}

/* Whether a rule about whole replies fits the request: by its first call. */
static bool fits_reply(const struct lie_rule *rule, const struct json *request)
{
	const struct json *call = json_kind(request) == JSON_KIND_ARRAY
				      ? json_element(request, 0)
				      : request;
	const char *method = json_text(json_member(call, "method"), NULL);

	return !rule->method[0] ||
	       (method && strcmp(rule->method, method) == 0);
}

/* The reply's body, made of the entries as they are now. */
static void assemble(struct buf *body, const struct lie_hand *hand)
{
	struct buf made;

	buf_init(&made, WEB_BODY_CAP);
	buf_puts(&made, hand->is_batch ? "[" : "");
	for (size_t i = 0; i < hand->n; i++) {
		buf_puts(&made, i > 0 ? "," : "");
		buf_add(&made, body->data + hand->entries[i].at,
			hand->entries[i].len);
	}
	buf_puts(&made, hand->is_batch ? "]" : "");
	buf_free(body);
	*body = made;
}

static void lie_about_reply(struct scripted *node, struct endpoint *endpoint,
			    const struct json *request, struct lie_hand *hand)
{
	for (size_t i = 0; i < endpoint->n_rules; i++) {
		struct lie_rule *rule = endpoint->rules[i];

		if (rule->lie->level < LIE_BATCH ||
		    !fits_reply(rule, request) ||
		    !falls(node, endpoint, i, &hand->dice))
			continue;
		hand->size = rule->size;
		if (!rule->lie->tell(hand))
			continue;
		count_told(endpoint, rule);
		if (rule->lie->level == LIE_BATCH)
			assemble(&hand->reply->body, hand);
		return;
	}
}

/* True: all of it was the script's. */
static bool answer_all(struct scripted *node, struct endpoint *endpoint,
		       const struct json *request, struct web_reply *reply)
{
	bool is_batch = json_kind(request) == JSON_KIND_ARRAY;
	size_t n = is_batch ? json_count(request) : 1;
	struct lie_hand hand = {
	    .out = &reply->body, .n = n, .is_batch = is_batch, .reply = reply};
	bool is_script = true;

	hand.entries = calloc(n + 1, sizeof(*hand.entries));
	must(hand.entries);
	buf_puts(&reply->body, is_batch ? "[" : "");
	for (size_t i = 0; i < n; i++) {
		buf_puts(&reply->body, i > 0 ? "," : "");
		hand.entries[i].at = reply->body.len;
		is_script &=
		    answer_one(&reply->body, node, endpoint,
			       is_batch ? json_element(request, i) : request);
		hand.entries[i].len = reply->body.len - hand.entries[i].at;
	}
	buf_puts(&reply->body, is_batch ? "]" : "");
	if (!is_script)
		lie_about_reply(node, endpoint, request, &hand);
	free(hand.entries);
	return is_script;
}

void scripted_answer(void *arg, const struct web_request *request,
		     struct web_reply *reply)
{
	struct scripted *node = arg;
	struct endpoint *endpoint = scripted_endpoint(node, request->path);
	struct fault fault = {0};
	struct json_doc *doc;

	if (json_doc_parse(&doc, request->body, request->len, &fault) != OK) {
		buf_puts(&reply->body,
			 "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":"
			 "-32700,\"message\":\"parse error\"}}");
		return;
	}
	if (!answer_all(node, endpoint, json_doc_root(doc), reply)) {
		endpoint->counts.requests++;
		endpoint->counts.bytes_in += request->len;
		endpoint->counts.bytes_out += reply->body.len;
		if (node->after)
			node->after(node->after_arg);
	}
	json_doc_free(doc);
}

struct scripted *scripted_new(uv_loop_t *loop, uint16_t port,
			      struct synth *synth)
{
	struct scripted *node = calloc(1, sizeof(*node));

	must(node && n_lies <= 128);
	node->synth = synth;
	node->web = web_new(loop, port, scripted_answer, node);
	(void)snprintf(node->url, sizeof(node->url), "http://127.0.0.1:%u/",
		       web_port(node->web));
	return node;
}

void scripted_close(struct scripted *node)
{
	struct endpoint *next;

	web_close(node->web);
	scripted_honest(node, NULL);
	for (; node->endpoints; node->endpoints = next) {
		next = node->endpoints->next;
		free(node->endpoints);
	}
	free(node);
}

const char *scripted_url(const struct scripted *node)
{
	return node->url;
}

struct lie_rule lie_rule_of(const char *name)
{
	const struct lie *lie = lie_named(name);

	must(lie);
	return (struct lie_rule){.lie = lie,
				 .to = UINT64_MAX,
				 .chance = 1000,
				 .left = -1,
				 .size = lie->size};
}

const struct lie_rule *scripted_lie(struct scripted *node, const char *name,
				    const struct lie_rule *rule)
{
	struct endpoint *endpoint = scripted_endpoint(node, name);
	struct lie_rule *own = malloc(sizeof(*own));

	must(own && endpoint->n_rules < RULES_MOST);
	must(!synth_rules_in(node->synth)->keep); /* some lies change bodies */
	*own = *rule;
	endpoint->rules[endpoint->n_rules++] = own;
	return own;
}

static void be_honest(struct endpoint *endpoint)
{
	while (endpoint->n_rules > 0)
		free(endpoint->rules[--endpoint->n_rules]);
	endpoint->lag = 0;
	endpoint->stays = false;
}

void scripted_honest(struct scripted *node, const char *name)
{
	if (name) {
		be_honest(scripted_endpoint(node, name));
		return;
	}
	for (struct endpoint *e = node->endpoints; e; e = e->next)
		be_honest(e);
}

void scripted_lag(struct scripted *node, const char *name, uint64_t blocks)
{
	scripted_endpoint(node, name)->lag = blocks;
}

void scripted_stay(struct scripted *node, const char *name, synth_index head)
{
	struct endpoint *endpoint = scripted_endpoint(node, name);

	endpoint->stays = true;
	endpoint->head = head;
}

struct scripted_counts scripted_counts(struct scripted *node,
				       const char *endpoint)
{
	return scripted_endpoint(node, endpoint)->counts;
}

uint64_t scripted_calls(struct scripted *node, const char *name,
			const char *method)
{
	const struct endpoint *endpoint = scripted_endpoint(node, name);

	for (size_t i = 0; i < METHODS_MOST; i++)
		if (strcmp(endpoint->methods[i].name, method) == 0)
			return endpoint->methods[i].calls;
	return 0;
}

void scripted_after(struct scripted *node, void (*after)(void *arg), void *arg)
{
	node->after = after;
	node->after_arg = arg;
}
