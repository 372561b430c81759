#include <inttypes.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "tests/node/must.h"
#include "tests/node/scripted_impl.h"

/* The script's commands: one row of the table each. */

struct command {
	struct buf *out;
	struct scripted *node;
	struct endpoint *endpoint; /* that it is about */
	const struct json *given;
	bool names_endpoint;
	const char *wrong; /* the parameter that is missing or bad */
};

/* Blocks that one command may make: a slip of the finger is no use to anyone. */
#define BLOCKS_MOST 10000000

static const struct json *given(const struct command *c, const char *name)
{
	return json_member(c->given, name);
}

/* A number that may be left out. */
static uint64_t number(struct command *c, const char *name, uint64_t otherwise)
{
	int64_t value;

	if (json_kind(given(c, name)) == JSON_KIND_ABSENT)
		return otherwise;
	if (json_int(&value, given(c, name)) && value >= 0)
		return (uint64_t)value;
	c->wrong = name;
	return otherwise;
}

static uint64_t needed_number(struct command *c, const char *name)
{
	if (json_kind(given(c, name)) == JSON_KIND_ABSENT)
		c->wrong = name;
	return number(c, name, 0);
}

static synth_index needed_block(struct command *c)
{
	const char *text = json_text(given(c, "hash"), NULL);
	synth_index index = 0;
	struct hash hash;

	if (!text || hash_parse(&hash, text) != OK ||
	    !synth_by_hash(c->node->synth, &hash, &index))
		c->wrong = "hash";
	return index;
}

static const struct {
	const char *name;
	size_t offset;
} density_members[] = {
#define MEMBER(name)                                                           \
	{                                                                      \
#name, offsetof(struct density, name)                          \
	}
    MEMBER(empty),  MEMBER(busy),    MEMBER(transfers), MEMBER(batch),
    MEMBER(ours),   MEMBER(payouts), MEMBER(noise),	MEMBER(odd),
    MEMBER(failed), MEMBER(streams),
#undef MEMBER
};

bool script_density(struct density *out, const struct json *object,
		    const char **why)
{
	size_t known = 0;

	for (size_t i = 0;
	     i < sizeof(density_members) / sizeof(density_members[0]); i++) {
		const struct json *value =
		    json_member(object, density_members[i].name);
		int64_t n;

		if (json_kind(value) == JSON_KIND_ABSENT)
			continue;
		*why = density_members[i].name;
		if (!json_int(&n, value) || n < 0 || n > 1000000)
			return false;
		memcpy((char *)out + density_members[i].offset,
		       &(uint32_t){(uint32_t)n}, sizeof(uint32_t));
		known++;
	}
	*why = "density";
	return known == json_count(object) && out->batch > 0;
}

static struct density density(struct command *c)
{
	struct density made = synth_rules_in(c->node->synth)->density;
	const char *why;

	if (!script_density(&made, given(c, "density"), &why))
		c->wrong = why;
	return made;
}

static void put_head(struct command *c)
{
	const struct synth *synth = c->node->synth;
	const struct synth_block *head = synth_block(synth, synth_head(synth));
	char text[HASH_TEXT_SIZE];
	struct timespec now;
	uint64_t final;

	must(clock_gettime(CLOCK_REALTIME, &now) == 0);
	buf_printf(c->out,
		   "\"result\":{\"number\":%" PRIu64
		   ",\"hash\":\"%s\",\"at\":%.3f,\"finalized\":",
		   head->number, hash_format(text, &head->hash),
		   (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6);
	if (synth_final(synth, &final))
		buf_printf(c->out, "%" PRIu64 "}", final);
	else
		buf_puts(c->out, "null}");
}

static void do_mine(struct command *c)
{
	uint64_t blocks = number(c, "blocks", 1);
	struct density made = density(c);

	if (blocks > BLOCKS_MOST)
		c->wrong = "blocks";
	if (c->wrong)
		return;
	synth_mine(c->node->synth, blocks, &made);
	put_head(c);
}

static void do_fork(struct command *c)
{
	struct synth *synth = c->node->synth;
	uint64_t depth = needed_number(c, "depth");
	uint64_t blocks = number(c, "blocks", depth + 1);
	uint64_t carry = number(c, "carry", 500);
	struct density made = density(c);

	if (depth > synth_block(synth, synth_head(synth))->number)
		c->wrong = "depth";
	if (blocks > BLOCKS_MOST)
		c->wrong = "blocks";
	if (c->wrong)
		return;
	synth_fork(synth, depth, (unsigned)carry);
	synth_mine(synth, blocks, &made);
	put_head(c);
}

static void do_switch(struct command *c)
{
	synth_index head = needed_block(c);
	uint64_t carry = number(c, "carry", 500);

	if (c->wrong)
		return;
	synth_switch(c->node->synth, head, (unsigned)carry);
	put_head(c);
}

static void do_finalize(struct command *c)
{
	struct synth *synth = c->node->synth;
	uint64_t head = synth_block(synth, synth_head(synth))->number;
	uint64_t behind = number(c, "behind", 0);

	behind = behind < head ? behind : head;
	if (json_kind(given(c, "behind")) == JSON_KIND_ABSENT)
		behind = head - needed_number(c, "number");
	if (behind > head)
		c->wrong = "number";
	if (c->wrong)
		return;
	synth_finalize(synth, head - behind);
	put_head(c);
}

static void do_lie(struct command *c)
{
	const char *name = json_text(given(c, "lie"), NULL);
	const char *method = json_text(given(c, "method"), NULL);
	struct lie_rule rule;

	if (!name || !lie_named(name)) {
		c->wrong = "lie";
		return;
	}
	rule = lie_rule_of(name);
	if (method && strlen(method) >= sizeof(rule.method))
		c->wrong = "method";
	else if (method)
		(void)snprintf(rule.method, sizeof(rule.method), "%s", method);
	rule.from = number(c, "from", rule.from);
	rule.to = number(c, "to", rule.to);
	rule.chance = (unsigned)number(c, "chance", rule.chance);
	rule.size = number(c, "size", rule.size);
	if (given(c, "count"))
		rule.left = (int64_t)number(c, "count", 0);
	if (c->endpoint->n_rules == RULES_MOST)
		c->wrong = "lie";
	if (c->wrong)
		return;
	(void)scripted_lie(c->node, c->endpoint->name, &rule);
	buf_printf(c->out, "\"result\":{\"rule\":%zu}",
		   c->endpoint->n_rules - 1);
}

static void do_honest(struct command *c)
{
	scripted_honest(c->node, c->names_endpoint ? c->endpoint->name : NULL);
	buf_puts(c->out, "\"result\":true");
}

static void do_lag(struct command *c)
{
	uint64_t blocks = needed_number(c, "blocks");

	if (c->wrong)
		return;
	c->endpoint->lag = blocks;
	buf_puts(c->out, "\"result\":true");
}

static void do_stay(struct command *c)
{
	synth_index head = 0;
	bool stays = given(c, "hash") != NULL;

	if (stays)
		head = needed_block(c);
	if (c->wrong)
		return;
	c->endpoint->stays = stays;
	c->endpoint->head = head;
	buf_puts(c->out, "\"result\":true");
}

static void do_truth(struct command *c)
{
	uint64_t from = needed_number(c, "from"), to = needed_number(c, "to");

	if (c->wrong)
		return;
	buf_puts(c->out, "\"result\":{");
	script_truth(c->out, c->node->synth, from, to);
	buf_puts(c->out, "}");
}

static const char *role_of(const struct cast *cast, uint32_t party)
{
	if (cast_is_platform(cast, party))
		return "platform";
	if (cast_is_ours(cast, party))
		return "worker";
	return party == cast_fee_wallet(cast) ? "fee" : "stranger";
}

static void do_cast(struct command *c)
{
	const struct cast *cast = synth_cast(c->node->synth);
	struct address address;
	char text[ADDRESS_TEXT_SIZE];

	must(address_parse(&address, CAST_TOKEN) == OK);
	buf_printf(c->out, "\"result\":{\"token\":\"%s\"",
		   address_checksum(text, &address));
	must(address_parse(&address, CAST_STREAMING) == OK);
	buf_printf(c->out, ",\"streaming\":\"%s\",\"wallets\":[",
		   address_checksum(text, &address));
	for (uint32_t i = CAST_WALLETS; i < cast->n_parties; i++) {
		address = cast_address(cast, i);
		buf_printf(c->out, "%s{\"address\":\"%s\",\"role\":\"%s\"}",
			   i > CAST_WALLETS ? "," : "",
			   address_checksum(text, &address), role_of(cast, i));
	}
	buf_puts(c->out, "]}");
}

static void do_lies(struct command *c)
{
	static const char *const levels[] = {"twist", "call", "batch", "http"};

	buf_puts(c->out, "\"result\":[");
	for (size_t i = 0; i < n_lies; i++)
		buf_printf(c->out,
			   "%s{\"name\":\"%s\",\"what\":\"%s\",\"level\":\"%s\""
			   ",\"methods\":\"%s\",\"size\":%" PRIu64 "}",
			   i > 0 ? "," : "", lies[i].name, lies[i].what,
			   levels[lies[i].level],
			   lies[i].methods ? lies[i].methods : "",
			   lies[i].size);
	buf_puts(c->out, "]");
}

static void do_counts(struct command *c)
{
	struct endpoint *e = c->endpoint;
	const char *comma = "";
	bool reset = false;

	buf_printf(c->out,
		   "\"result\":{\"requests\":%" PRIu64 ",\"calls\":%" PRIu64
		   ",\"bytes_in\":%" PRIu64 ",\"bytes_out\":%" PRIu64
		   ",\"methods\":{",
		   e->counts.requests, e->counts.calls, e->counts.bytes_in,
		   e->counts.bytes_out);
	for (size_t i = 0; i < METHODS_MOST && e->methods[i].name[0]; i++)
		buf_printf(c->out, "%s\"%s\":%" PRIu64, i > 0 ? "," : "",
			   e->methods[i].name, e->methods[i].calls);
	buf_puts(c->out, "},\"lies\":{");
	for (size_t i = 0; i < n_lies; i++) {
		if (e->told[i] == 0)
			continue;
		buf_printf(c->out, "%s\"%s\":%" PRIu64, comma, lies[i].name,
			   e->told[i]);
		comma = ",";
	}
	buf_puts(c->out, "}}");
	if (json_bool(&reset, given(c, "reset")) && reset) {
		e->counts = (struct scripted_counts){0};
		memset(e->methods, 0, sizeof(e->methods));
		memset(e->told, 0, sizeof(e->told));
	}
}

static const struct {
	const char *name;
	void (*run)(struct command *c);
} commands[] = {
    {"script_mine", do_mine},	  {"script_fork", do_fork},
    {"script_switch", do_switch}, {"script_finalize", do_finalize},
    {"script_lie", do_lie},	  {"script_honest", do_honest},
    {"script_lag", do_lag},	  {"script_stay", do_stay},
    {"script_head", put_head},	  {"script_truth", do_truth},
    {"script_cast", do_cast},	  {"script_lies", do_lies},
    {"script_counts", do_counts},
};

bool script_call(struct buf *out, struct scripted *node,
		 struct endpoint *endpoint, const char *method,
		 const struct json *params)
{
	struct command c = {.out = out, .node = node, .endpoint = endpoint};
	const char *name;

	c.given = json_kind(params) == JSON_KIND_ARRAY ? json_element(params, 0)
						       : params;
	name = json_text(given(&c, "endpoint"), NULL);
	c.names_endpoint = name != NULL;
	if (name)
		c.endpoint = scripted_endpoint(node, name);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, method) != 0)
			continue;
		commands[i].run(&c);
		if (c.wrong)
			buf_printf(out,
				   "\"error\":{\"code\":-32602,\"message\":"
				   "\"%s: %s is missing or bad\"}",
				   method, c.wrong);
		return true;
	}
	return false;
}
