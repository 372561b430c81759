#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chain/parse.h"
#include "tests/unit/lib_files.h"

static struct arena *arena;

#define H32(digit)                                                             \
	"\"0x" digit digit digit digit digit digit digit digit digit digit     \
	    digit digit digit digit digit digit "\""
#define LOG(fields)                                                            \
	"[{\"address\":\"0x1111111111111111111111111111111111111111\","        \
	"\"topics\":[" H32("aaaa") "," H32(                                    \
	    "bbbb") "],\"data\":\"0x0102\","                                   \
		    "\"blockHash\":" H32("cccc") ",\"transactionHash\":" H32(  \
			"dddd") "," fields "}]"

static enum err parse(struct found_logs *logs, const char *text,
		      struct fault *fault)
{
	struct json_doc *doc = json_doc_of(text);
	enum err err = parse_logs(logs, json_doc_root(doc), arena, fault);

	json_doc_free(doc);
	return err;
}

static void a_log_is_read_whole(void **state)
{
	struct found_logs logs;
	const struct found_log *log;

	(void)state;
	assert_int_equal(
	    parse(&logs,
		  LOG("\"blockNumber\":\"0xa\",\"transactionIndex\":\"0x2\","
		      "\"logIndex\":\"0xffffffff\",\"removed\":true"),
		  NULL),
	    OK);
	assert_int_equal(logs.n, 1);
	log = &logs.list[0];
	assert_int_equal(log->block_number, 10);
	assert_int_equal(log->tx_index, 2);
	assert_int_equal(log->log_index, UINT32_MAX);
	assert_true(log->removed);
	assert_int_equal(log->block_hash.b[31], 0xcc);
	assert_int_equal(log->tx_hash.b[0], 0xdd);
	assert_int_equal(log->raw.address.b[19], 0x11);
	assert_int_equal(log->raw.n_topics, 2);
	assert_int_equal(log->raw.topics[1].b[5], 0xbb);
	assert_int_equal(log->raw.data.len, 2);
	assert_int_equal(log->raw.data.data[1], 2);
}

static void strange_logs_are_refused(void **state)
{
	static const struct {
		const char *text, *fault;
		enum err err;
	} cases[] = {
	    {"null", "not have it", ERR_NOT_YET},
	    {"{}", "not an array", ERR_NONSENSE},
	    {"[[]]", "log 0: is an array", ERR_NONSENSE},
	    {LOG("\"transactionIndex\":\"0x0\",\"logIndex\":\"0x0\""),
	     "blockNumber", ERR_NONSENSE},
	    {LOG("\"blockNumber\":null,\"transactionIndex\":\"0x0\","
		 "\"logIndex\":\"0x0\""),
	     "blockNumber", ERR_NONSENSE},
	    {LOG("\"blockNumber\":\"0x1\",\"logIndex\":\"0x0\""),
	     "transactionIndex", ERR_NONSENSE},
	    {LOG("\"blockNumber\":\"0x1\",\"transactionIndex\":\"0x0\","
		 "\"logIndex\":\"0x100000000\""),
	     "logIndex", ERR_NONSENSE},
	    {LOG("\"blockNumber\":\"0x1\",\"transactionIndex\":\"0x0\","
		 "\"logIndex\":\"0x0\",\"removed\":\"false\""),
	     "removed", ERR_NONSENSE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct found_logs logs;
		struct fault fault = {0};

		if (parse(&logs, cases[i].text, &fault) != cases[i].err)
			fail_msg("case %zu: %s", i, fault.text);
		if (!strstr(fault.text, cases[i].fault))
			fail_msg("case %zu says: %s", i, fault.text);
	}
}

static void corpus_replies(void **state)
{
	static const char *const names[] = {
	    "contract-addr",	     "filter-with-blockHash-and-topics",
	    "filter-with-blockHash", "topic-exact-match",
	    "topic-null-wildcard",   "topic-wildcard"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct json_doc *doc;
		struct found_logs logs;
		struct fault fault = {0};
		char name[96];

		(void)snprintf(name, sizeof(name),
			       "execution-apis/eth_getLogs/%s.io", names[i]);
		doc = corpus_reply(name);
		if (parse_logs(&logs, json_at(json_doc_root(doc), "result"),
			       arena, &fault) != OK)
			fail_msg("%s: %s", names[i], fault.text);
		assert_true(logs.n > 0);
		assert_false(logs.list[0].removed);
		assert_int_equal(logs.list[0].raw.n_topics, 2);
		json_doc_free(doc);
	}
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 20);
	return arena ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_log_is_read_whole),
	    cmocka_unit_test(strange_logs_are_refused),
	    cmocka_unit_test(corpus_replies),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
