#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/node/scripted_impl.h"

/* The scripted node's lies and commands, asked without a network. */

static uv_loop_t loop;
static struct synth *synth;
static struct scripted *node;

static int setup(void **state)
{
	struct synth_rules rules = synth_rules_of(3);

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	rules.density.empty = 0;
	synth = synth_new(&rules);
	synth_mine(synth, 40, NULL);
	synth_fork(synth, 20, 500);
	synth_mine(synth, 30, NULL);
	synth_finalize(synth, 40);
	node = scripted_new(&loop, 0, synth);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scripted_close(node);
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	synth_free(synth);
	return 0;
}

static struct web_reply ask(const char *path, const char *body)
{
	struct web_request request = {path, body, strlen(body)};
	struct web_reply reply = {.status = 200};

	buf_init(&reply.body, WEB_BODY_CAP);
	scripted_answer(node, &request, &reply);
	assert_int_equal(reply.body.err, OK);
	return reply;
}

static bool reply_eq(const struct web_reply *a, const struct web_reply *b)
{
	return a->manner == b->manner && a->status == b->status &&
	       a->pause_ms == b->pause_ms &&
	       strcmp(a->headers, b->headers) == 0 &&
	       a->body.len == b->body.len &&
	       memcmp(a->body.data, b->body.data, a->body.len) == 0;
}

#define CALL(id, method, params)                                               \
	"{\"jsonrpc\":\"2.0\",\"id\":" #id ",\"method\":\"" method             \
	"\",\"params\":[" params "]}"

/* Each lie has something to lie about in one of these. */
static const char *const questions[] = {
    "[" CALL(1, "eth_getBlockByNumber", "\"latest\",true") "," CALL(
	2, "eth_getBlockByNumber", "\"finalized\",false") "]",
    "[" CALL(1, "eth_getBlockByNumber", "\"0x1e\",true") "," CALL(
	2, "eth_getBlockReceipts", "\"0x1e\"") "]",
    CALL(7, "eth_getLogs", "{\"fromBlock\":\"0x5\",\"toBlock\":\"0x14\"}"),
};

static void every_lie_departs_from_the_truth(void **state)
{
	size_t n_questions = sizeof(questions) / sizeof(questions[0]);

	(void)state;
	for (size_t i = 0; i < n_lies; i++) {
		struct lie_rule rule = lie_rule_of(lies[i].name);
		unsigned differ = 0, told = 0;

		if (rule.size >= 1000 && rule.lie->level == LIE_CALL)
			rule.size = 10; /* caps that the questions exceed */
		if (strcmp(lies[i].name, "batch_cap") == 0)
			rule.size = 1;
		for (size_t q = 0; q < n_questions; q++) {
			struct web_reply truth = ask("/honest", questions[q]);
			struct web_reply lie;
			const struct lie_rule *own;

			own = scripted_lie(node, "liar", &rule);
			lie = ask("/liar", questions[q]);
			told += own->told > 0;
			differ += !reply_eq(&truth, &lie);
			assert_int_equal(own->told > 0,
					 !reply_eq(&truth, &lie));
			scripted_honest(node, "liar");
			buf_free(&truth.body);
			buf_free(&lie.body);
		}
		if (told == 0 || differ == 0)
			fail_msg("%s was not told", lies[i].name);
	}
}

/* What a lie does to a call is legible JSON, but for those that are none. */
static void lies_about_calls_are_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_lies; i++) {
		struct lie_rule rule = lie_rule_of(lies[i].name);
		struct web_reply lie;
		struct json_doc *doc;
		struct fault fault;

		if (rule.lie->level == LIE_HTTP ||
		    strcmp(rule.lie->name, "deep") == 0)
			continue;
		(void)scripted_lie(node, "liar", &rule);
		for (size_t q = 0; q < 3; q++) {
			lie = ask("/liar", questions[q]);
			if (json_doc_parse(&doc, lie.body.data, lie.body.len,
					   &fault) != OK)
				fail_msg("%s: %s", lies[i].name, fault.text);
			json_doc_free(doc);
			buf_free(&lie.body);
		}
		scripted_honest(node, "liar");
	}
}

static void lies_are_counted_and_end(void **state)
{
	struct lie_rule rule = lie_rule_of("null");
	const struct lie_rule *own;

	(void)state;
	rule.left = 2;
	rule.from = rule.to = 30;
	own = scripted_lie(node, "a", &rule);
	for (unsigned i = 0; i < 4; i++) {
		struct web_reply reply = ask(
		    "/a", CALL(1, "eth_getBlockByNumber", "\"0x1e\",false"));

		assert_int_equal(strstr(reply.body.data, ":null}") != NULL,
				 i < 2);
		buf_free(&reply.body);
		reply = ask("/a",
			    CALL(1, "eth_getBlockByNumber", "\"0x1d\",false"));
		assert_null(strstr(reply.body.data, ":null}"));
		buf_free(&reply.body);
	}
	assert_int_equal(own->told, 2);
	assert_int_equal(scripted_calls(node, "a", "eth_getBlockByNumber"), 8);
	assert_int_equal(scripted_calls(node, "b", "eth_getBlockByNumber"), 0);
	assert_int_equal(scripted_counts(node, "a").requests, 8);
}

/* The same lies at the same moments, whenever it is told again. */
static void chance_is_replayed(void **state)
{
	uint64_t falls[2] = {0};

	(void)state;
	for (unsigned run = 0; run < 2; run++) {
		struct lie_rule rule = lie_rule_of("empty_array");
		const struct lie_rule *own;

		rule.chance = 500;
		own = scripted_lie(node, "a", &rule);
		for (unsigned i = 0; i < 64; i++) {
			uint64_t before = own->told;
			struct web_reply reply =
			    ask("/a", CALL(1, "eth_chainId", ""));

			falls[run] = falls[run] << 1 | (own->told > before);
			buf_free(&reply.body);
		}
		scripted_honest(node, "a");
	}
	assert_int_equal(falls[0], falls[1]);
	assert_in_range(__builtin_popcountll(falls[0]), 16, 48);
}

static void endpoints_lag_and_stay(void **state)
{
	struct web_reply reply;
	synth_index other;

	(void)state;
	scripted_lag(node, "a", 7);
	reply = ask("/a", CALL(1, "eth_blockNumber", ""));
	assert_non_null(strstr(reply.body.data, "\"0x2b\""));
	buf_free(&reply.body);
	reply = ask("/b", CALL(1, "eth_blockNumber", ""));
	assert_non_null(strstr(reply.body.data, "\"0x32\""));
	buf_free(&reply.body);
	assert_true(synth_other(synth, 40, &other));
	scripted_stay(node, "b", other);
	reply = ask("/b", CALL(1, "eth_getBlockByNumber", "\"latest\",false"));
	assert_non_null(strstr(reply.body.data, "\"number\":\"0x28\""));
	buf_free(&reply.body);
	/* It shares no more than block 20 with the chain, of which 40 is. */
	reply =
	    ask("/b", CALL(1, "eth_getBlockByNumber", "\"finalized\",false"));
	assert_non_null(strstr(reply.body.data, "\"number\":\"0x14\""));
	buf_free(&reply.body);
}

static void says(const char *body, const char *wanted)
{
	struct web_reply reply = ask("/a", body);

	if (!strstr(reply.body.data, wanted))
		fail_msg("%s\nsays %.300s", body, reply.body.data);
	buf_free(&reply.body);
}

static void commands(void **state)
{
	(void)state;
	says(CALL(1, "script_mine", "{\"blocks\":5}"), "\"number\":55");
	says(CALL(1, "script_fork", "{\"depth\":3,\"blocks\":1}"),
	     "\"number\":53");
	says(CALL(1, "script_finalize", "{\"behind\":3}"), "\"finalized\":50");
	says(CALL(1, "script_finalize", "{\"number\":51}"), "\"finalized\":51");
	says(CALL(1, "script_finalize", "{\"number\":54}"),
	     "number is missing");
	says(CALL(1, "script_fork", "{\"depth\":54}"), "depth is missing");
	says(CALL(1, "script_mine", "{\"density\":{\"busy\":0,\"x\":1}}"),
	     "density is missing or bad");
	says(CALL(1, "script_lie", "{\"lie\":\"white\"}"), "lie is missing");
	says(CALL(1, "script_lie", "{\"lie\":\"null\",\"count\":1}"),
	     "\"rule\":0");
	says(CALL(1, "eth_chainId", ""), "null");
	says(CALL(1, "eth_chainId", ""), "0x7a69");
	says(CALL(1, "script_counts", ""), "\"lies\":{\"null\":1}");
	says(CALL(1, "script_truth", "{\"from\":1,\"to\":9}"), "StreamCreated");
	says(CALL(1, "script_cast", ""), "\"role\":\"platform\"");
	says(CALL(1, "script_lies", ""), "\"name\":\"hang_up\"");
	says(CALL(1, "script_dance", ""), "does not exist");
	says("{", "-32700");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(every_lie_departs_from_the_truth),
	    TEST(lies_about_calls_are_json),
	    TEST(lies_are_counted_and_end),
	    TEST(chance_is_replayed),
	    TEST(endpoints_lag_and_stay),
	    TEST(commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
