#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chain/parse.h"
#include "chain/trie.h"
#include "tests/unit/lib_files.h"
#include "tests/unit/lib_raw.h"

static struct arena *arena;

static enum err root_of(struct hash *root, const struct json *result,
			struct fault *fault)
{
	struct receipts receipts;
	enum err err = parse_receipts(&receipts, result, arena, fault);

	if (err == OK)
		err = receipts_root(root, &receipts, arena);
	return err;
}

static enum err root_of_text(struct hash *root, const char *text,
			     struct fault *fault)
{
	struct json_doc *doc = json_doc_of(text);
	enum err err = root_of(root, json_doc_root(doc), fault);

	json_doc_free(doc);
	return err;
}

static struct hash own_root(void)
{
	struct json_doc *doc = own_json("unit/data/proof-block.json");
	struct hash root = hash_from(
	    json_text(json_at(json_doc_root(doc), "receiptsRoot"), NULL));

	json_doc_free(doc);
	return root;
}

/* One of each type; the root is that of @ethereumjs/mpt. */
static void the_root_is_known(void **state)
{
	struct json_doc *doc = own_json("unit/data/proof-receipts.json");
	struct hash want = own_root(), root;

	(void)state;
	assert_int_equal(root_of(&root, json_doc_root(doc), NULL), OK);
	assert_true(hash_eq(&root, &want));
	json_doc_free(doc);
}

/* The nth of each field, so that several receipts and logs are bent. */
static void every_bit_counts(void **state)
{
	static const char *const names[] = {
	    "type",   "status", "cumulativeGasUsed", "logsBloom", "address",
	    "topics", "data"};
	struct json_doc *doc = own_json("unit/data/proof-receipts.json");
	struct hash want = own_root(), root;
	size_t flipped = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		for (size_t nth = 0; nth < 6; nth++) {
			char *text =
			    flip_bit(json_doc_root(doc), names[i], nth);

			if (!text)
				continue;
			if (root_of_text(&root, text, NULL) == OK)
				assert_false(hash_eq(&root, &want));
			free(text);
			flipped++;
		}
	}
	assert_in_range(flipped, 35, 42);
	json_doc_free(doc);
}

#define BLOOM_OF_NOTHING                                                       \
	"0000000000000000000000000000000000000000000000000000000000000000"     \
	"0000000000000000000000000000000000000000000000000000000000000000"     \
	"0000000000000000000000000000000000000000000000000000000000000000"     \
	"0000000000000000000000000000000000000000000000000000000000000000"     \
	"0000000000000000000000000000000000000000000000000000000000000000"     \
	"0000000000000000000000000000000000000000000000000000000000000000"     \
	"0000000000000000000000000000000000000000000000000000000000000000"     \
	"0000000000000000000000000000000000000000000000000000000000000000"
#define RECEIPT(fields)                                                        \
	"[{\"cumulativeGasUsed\":\"0x5208\",\"logsBloom\":"                    \
	"\"0x" BLOOM_OF_NOTHING "\"," fields "}]"
#define LOG(fields)                                                            \
	RECEIPT("\"status\":\"0x1\",\"logs\":[{\"address\":\"0x"               \
		"1111111111111111111111111111111111111111\"," fields "}]")
#define TOPIC                                                                  \
	"\"0x2222222222222222222222222222222222222222222222222222222222222222" \
	"\""

static void strange_receipts_are_refused(void **state)
{
	static const struct {
		const char *text, *fault;
		enum err err;
	} cases[] = {
	    {"null", "not have it", ERR_NOT_YET},
	    {"{}", "not an array", ERR_NONSENSE},
	    {"[null]", "receipt 0: is null", ERR_NONSENSE},
	    {"[7]", "receipt 0: is a number", ERR_NONSENSE},
	    {RECEIPT("\"logs\":[]"), "status", ERR_NONSENSE},
	    {RECEIPT("\"status\":\"0x2\",\"logs\":[]"), "status", ERR_NONSENSE},
	    {RECEIPT("\"status\":\"0x01\",\"logs\":[]"), "status",
	     ERR_NONSENSE},
	    {RECEIPT("\"status\":1,\"logs\":[]"), "status", ERR_NONSENSE},
	    {RECEIPT("\"root\":\"0x1\",\"logs\":[]"), "root", ERR_NONSENSE},
	    {RECEIPT("\"status\":\"0x1\""), "logs", ERR_NONSENSE},
	    {RECEIPT("\"status\":\"0x1\",\"logs\":{}"), "logs", ERR_NONSENSE},
	    {RECEIPT("\"status\":\"0x1\",\"logs\":[[]]"), "receipt 0, log 0",
	     ERR_NONSENSE},
	    {RECEIPT("\"type\":\"0x7e\",\"status\":\"0x1\",\"logs\":[]"),
	     "0x7e", ERR_USAGE},
	    {RECEIPT("\"type\":\"0x5\",\"status\":\"0x1\",\"logs\":[]"),
	     "chain.verify", ERR_USAGE},
	    {RECEIPT("\"type\":\"0x10000000000000001\",\"status\":\"0x1\","
		     "\"logs\":[]"),
	     "type", ERR_NONSENSE},
	    {LOG("\"data\":\"0x\""), "topics", ERR_NONSENSE},
	    {LOG("\"topics\":[]"), "data", ERR_NONSENSE},
	    {LOG("\"topics\":[],\"data\":\"0x1\""), "data", ERR_NONSENSE},
	    {LOG("\"topics\":[],\"data\":\"0x1g\""), "data", ERR_NONSENSE},
	    {LOG("\"topics\":[],\"data\":\"12\""), "data", ERR_NONSENSE},
	    {LOG("\"topics\":[],\"data\":\"\""), "data", ERR_NONSENSE},
	    {LOG("\"topics\":[\"0x22\"],\"data\":\"0x\""), "topics[0]",
	     ERR_NONSENSE},
	    {LOG("\"topics\":[" TOPIC ",null],\"data\":\"0x\""), "topics[1]",
	     ERR_NONSENSE},
	    {LOG("\"topics\":[" TOPIC "," TOPIC "," TOPIC "," TOPIC "," TOPIC
		 "],\"data\":\"0x\""),
	     "topics", ERR_NONSENSE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault fault = {0};
		struct hash root;

		if (root_of_text(&root, cases[i].text, &fault) != cases[i].err)
			fail_msg("case %zu: %s", i, fault.text);
		if (!strstr(fault.text, cases[i].fault))
			fail_msg("case %zu says: %s", i, fault.text);
	}
}

static void optional_fields_may_be_missing(void **state)
{
	static const char *const good[] = {
	    RECEIPT("\"status\":\"0x1\",\"logs\":[]"),
	    RECEIPT("\"type\":null,\"status\":\"0x0\",\"root\":null,"
		    "\"logs\":[]"),
	    RECEIPT("\"type\":\"0x4\",\"status\":\"0x0\",\"logs\":[]"),
	    RECEIPT("\"root\":" TOPIC ",\"logs\":[]"),
	    LOG("\"topics\":[" TOPIC "," TOPIC "," TOPIC "," TOPIC
		"],\"data\":\"0x\""),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct fault fault = {0};
		struct hash root;

		if (root_of_text(&root, good[i], &fault) != OK)
			fail_msg("case %zu: %s", i, fault.text);
	}
}

/* The root is that of @ethereumjs/mpt. */
static void before_byzantium_there_is_a_root(void **state)
{
	struct hash want =
	    hash_from("0xce0af9a712f8d492d9f1cad6ca8971e1fc1122a2e"
		      "34eef3c40de12259df66302");
	struct hash root;

	(void)state;
	assert_int_equal(root_of_text(&root,
				      RECEIPT("\"root\":" TOPIC ",\"logs\":[]"),
				      NULL),
			 OK);
	assert_true(hash_eq(&root, &want));
}

static void a_full_arena_is_said(void **state)
{
	struct json_doc *doc = own_json("unit/data/proof-receipts.json");
	size_t refused = 0;

	(void)state;
	for (size_t cap = 0; cap < 16384; cap += 64) {
		struct arena *tight = arena_new(cap);
		struct receipts receipts;
		struct hash root;
		enum err err;

		assert_non_null(tight);
		err =
		    parse_receipts(&receipts, json_doc_root(doc), tight, NULL);
		if (err == OK)
			err = receipts_root(&root, &receipts, tight);
		assert_true(err == OK || err == ERR_NOMEM);
		refused += err != OK;
		arena_free(tight);
	}
	assert_in_range(refused, 1, 255);
	json_doc_free(doc);
}

static void check_mainnet(const char *number, size_t n)
{
	char name[64];
	struct json_doc *header_doc, *doc;
	struct header header;
	struct hash root;

	(void)snprintf(name, sizeof(name), "mainnet/header-%s.json", number);
	header_doc = corpus_json(name);
	(void)snprintf(name, sizeof(name), "mainnet/receipts-%s.json", number);
	doc = corpus_json(name);
	assert_int_equal(
	    json_count(json_at(json_doc_root(doc), "0/response/result")), n);
	assert_int_equal(parse_header(&header,
				      json_at(json_doc_root(header_doc),
					      "0/response/result"),
				      arena, NULL),
			 OK);
	assert_int_equal(
	    root_of(&root, json_at(json_doc_root(doc), "0/response/result"),
		    NULL),
	    OK);
	assert_true(hash_eq(&root, &header.receipts_root));
	json_doc_free(header_doc);
	json_doc_free(doc);
}

static void corpus_mainnet(void **state)
{
	(void)state;
	check_mainnet("12000000", 263);
	check_mainnet("17000000", 102);
	check_mainnet("18000000", 94);
}

/* The receiptsRoot of a block of chain.rlp, and how many transactions. */
static struct hash chain_root(uint64_t number)
{
	size_t len;
	char *text = corpus_text("execution-apis/chain.rlp", &len);
	struct bytes rest = {(uint8_t *)text, len};
	struct rlp_item block, item;
	struct header header = {.number = 0};

	while (header.number != number) {
		assert_int_equal(rlp_next(&block, &rest), OK);
		assert_int_equal(rlp_next(&item, &block.payload), OK);
		raw_header(&header, item.whole);
	}
	free(text);
	return header.receipts_root;
}

static void corpus_replies(void **state)
{
	static const struct {
		const char *name;
		uint64_t number;
	} cases[] = {
	    {"by-hash", 1},
	    {"n", 1},
	    {"latest", 54},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hash want = chain_root(cases[i].number), root;
		struct json_doc *doc;
		char name[128];

		(void)snprintf(
		    name, sizeof(name),
		    "execution-apis/eth_getBlockReceipts/get-block-receipts-%s"
		    ".io",
		    cases[i].name);
		doc = corpus_reply(name);
		assert_int_equal(
		    root_of(&root, json_at(json_doc_root(doc), "result"), NULL),
		    OK);
		assert_true(hash_eq(&root, &want));
		json_doc_free(doc);
	}
}

/* One receipt of each type. No block of the corpora has only typed ones, so that
 * their roots are those of the own block (the_root_is_known). */
static void corpus_types(void **state)
{
	static const struct {
		const char *name;
		uint8_t type;
		bool has_root;
		size_t n_logs;
	} cases[] = {
	    {"legacy-receipt", 0, true, 0}, {"access-list", 1, false, 1},
	    {"dynamic-fee", 2, false, 1},   {"blob-tx", 3, false, 1},
	    {"setcode-tx", 4, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_doc *doc, *list;
		struct receipts receipts;
		struct bloom bloom;
		struct buf text;
		char name[96];

		(void)snprintf(
		    name, sizeof(name),
		    "execution-apis/eth_getTransactionReceipt/get-%s.io",
		    cases[i].name);
		doc = corpus_reply(name);
		buf_init(&text, 1 << 16);
		buf_putc(&text, '[');
		json_print(&text, json_at(json_doc_root(doc), "result"));
		buf_putc(&text, ']');
		list = json_doc_of(text.data);
		assert_int_equal(
		    parse_receipts(&receipts, json_doc_root(list), arena, NULL),
		    OK);
		assert_int_equal(receipts.list[0].type, cases[i].type);
		assert_int_equal(receipts.list[0].has_root, cases[i].has_root);
		assert_int_equal(receipts.list[0].n_logs, cases[i].n_logs);
		receipt_bloom(&bloom, &receipts.list[0]);
		assert_true(bloom_eq(&bloom, &receipts.list[0].bloom));
		buf_free(&text);
		json_doc_free(list);
		json_doc_free(doc);
	}
}

static void corpus_empty_and_unknown(void **state)
{
	static const struct {
		const char *name;
		enum err err;
	} cases[] = {
	    {"0", OK},
	    {"earliest", OK},
	    {"empty", ERR_NOT_YET},
	    {"future", ERR_NOT_YET},
	    {"not-found", ERR_NOT_YET},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hash root;
		struct json_doc *doc;
		char name[128];

		(void)snprintf(
		    name, sizeof(name),
		    "execution-apis/eth_getBlockReceipts/get-block-receipts-%s"
		    ".io",
		    cases[i].name);
		doc = corpus_reply(name);
		assert_int_equal(
		    root_of(&root, json_at(json_doc_root(doc), "result"), NULL),
		    cases[i].err);
		if (cases[i].err == OK)
			assert_true(hash_eq(&root, &trie_empty_root));
		json_doc_free(doc);
	}
}

/* debug_getRawReceipts gives what receipt_encode makes, from before
 * Byzantium: with a root instead of a status. */
static void corpus_raw(void **state)
{
	struct json_doc *doc =
	    corpus_reply("execution-apis/debug_getRawReceipts/get-block-n.io");
	const struct json *result = json_at(json_doc_root(doc), "result");
	struct hash want = chain_root(3), root;
	struct bytes values[16];
	size_t n = json_count(result);

	(void)state;
	assert_in_range(n, 1, 16);
	for (size_t i = 0; i < n; i++) {
		struct receipt receipt;
		struct buf out;

		values[i] =
		    hex_bytes(arena, json_text(json_element(result, i), NULL));
		raw_receipt(&receipt, values[i], arena);
		assert_true(receipt.has_root);
		buf_init(&out, 1 << 16);
		receipt_encode(&out, &receipt);
		assert_int_equal(out.len, values[i].len);
		assert_memory_equal(out.data, values[i].data, out.len);
		buf_free(&out);
	}
	assert_int_equal(trie_ordered_root(&root, values, n, arena), OK);
	assert_true(hash_eq(&root, &want));
	json_doc_free(doc);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(64u << 20);
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
	    cmocka_unit_test(the_root_is_known),
	    cmocka_unit_test(every_bit_counts),
	    cmocka_unit_test(strange_receipts_are_refused),
	    cmocka_unit_test(optional_fields_may_be_missing),
	    cmocka_unit_test(before_byzantium_there_is_a_root),
	    cmocka_unit_test(a_full_arena_is_said),
	    cmocka_unit_test(corpus_mainnet),
	    cmocka_unit_test(corpus_replies),
	    cmocka_unit_test(corpus_types),
	    cmocka_unit_test(corpus_empty_and_unknown),
	    cmocka_unit_test(corpus_raw),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
