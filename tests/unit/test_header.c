#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chain/parse.h"
#include "chain/proof.h"
#include "common/keccak.h"
#include "tests/unit/lib_files.h"
#include "tests/unit/lib_raw.h"

static struct arena *arena;

/* In the order of their RLP; the own header has them all. */
static const char *const fields[] = {
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "extraData",
    "mixHash",
    "nonce",
    "baseFeePerGas",
    "withdrawalsRoot",
    "blobGasUsed",
    "excessBlobGas",
    "parentBeaconBlockRoot",
    "requestsHash",
    "blockAccessListHash",
    "slotNumber",
};
#define N_FIELDS (sizeof(fields) / sizeof(fields[0]))

static enum err prove_text(const char *text, struct fault *fault)
{
	struct json_doc *doc = json_doc_of(text);
	struct header header;
	enum err err = proof_header(&header, json_doc_root(doc), arena, fault);

	json_doc_free(doc);
	return err;
}

static void all_fields_are_hashed(void **state)
{
	struct json_doc *doc = own_json("unit/data/proof-block.json");
	struct header header;
	struct fault fault = {0};

	(void)state;
	assert_int_equal(
	    proof_header(&header, json_doc_root(doc), arena, &fault), OK);
	assert_int_equal(header.n_fields, HEADER_SLOT_NUMBER);
	assert_int_equal(header.number, 20000000);
	for (size_t i = 0; i < N_FIELDS; i++) {
		char *text = flip_bit(json_doc_root(doc), fields[i], 0);

		assert_non_null(text);
		fault = (struct fault){0};
		if (prove_text(text, &fault) != ERR_UNPROVEN)
			fail_msg("%s does not count", fields[i]);
		assert_non_null(strstr(fault.text, "0xb6bab58e"));
		free(text);
	}
	json_doc_free(doc);
}

/* The text of the own header with the field called something else. */
static char *without(const struct json *block, const char *field)
{
	struct buf text;
	char name[64];
	char *at;

	buf_init(&text, 1 << 20);
	json_print(&text, block);
	(void)snprintf(name, sizeof(name), "\"%s\":", field);
	at = strstr(text.data, name);
	assert_non_null(at);
	at[1] = '_';
	return text.data;
}

static void every_field_is_needed(void **state)
{
	struct json_doc *doc = own_json("unit/data/proof-block.json");

	(void)state;
	for (size_t i = 0; i < N_FIELDS; i++) {
		char *text = without(json_doc_root(doc), fields[i]);
		struct fault fault = {0};
		bool is_last = i == N_FIELDS - 1;

		assert_int_equal(prove_text(text, &fault),
				 is_last ? ERR_UNPROVEN : ERR_NONSENSE);
		if (!is_last)
			assert_non_null(strstr(fault.text, fields[i]));
		free(text);
	}
	json_doc_free(doc);
}

static void other_results_are_told_apart(void **state)
{
	static const struct {
		const char *text;
		enum err err;
	} cases[] = {
	    {"null", ERR_NOT_YET}, {"[]", ERR_NONSENSE},
	    {"{}", ERR_NONSENSE},  {"\"0x\"", ERR_NONSENSE},
	    {"1", ERR_NONSENSE},   {"{\"hash\":null}", ERR_NONSENSE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault fault = {0};

		assert_int_equal(prove_text(cases[i].text, &fault),
				 cases[i].err);
		assert_int_equal(fault.code, cases[i].err);
		assert_true(strlen(fault.text) > 10);
	}
}

static void number_and_timestamp_must_fit(void **state)
{
	struct header header = {.number = 5, .timestamp = INT64_MAX};
	struct block_ref ref;

	(void)state;
	assert_int_equal(header_ref(&ref, &header), OK);
	assert_int_equal(ref.timestamp, INT64_MAX);
	header.timestamp++;
	assert_int_equal(header_ref(&ref, &header), ERR_RANGE);
	header = (struct header){.number = INT64_MAX, .timestamp = 5};
	assert_int_equal(header_ref(&ref, &header), OK);
	header.number++;
	assert_int_equal(header_ref(&ref, &header), ERR_RANGE);
}

/* 54 blocks over all forks to Osaka: decoded, encoded again, chained. */
static void corpus_chain(void **state)
{
	size_t len, n = 0, bytes;
	char *text = corpus_text("execution-apis/chain.rlp", &len);
	struct bytes rest = {(uint8_t *)text, len};
	bool seen[HEADER_SLOT_NUMBER + 1] = {false};
	struct hash parent = {{0}};

	(void)state;
	for (; rest.len > 0; n++) {
		struct rlp_item block, header_item;
		struct header header;
		struct buf out;

		assert_int_equal(rlp_next(&block, &rest), OK);
		assert_int_equal(rlp_next(&header_item, &block.payload), OK);
		raw_header(&header, header_item.whole);
		buf_init(&out, 1 << 16);
		header_encode(&out, &header);
		bytes = header_item.whole.len;
		assert_int_equal(out.len, bytes);
		assert_memory_equal(out.data, header_item.whole.data, bytes);
		buf_free(&out);
		assert_int_equal(header.number, n + 1);
		if (n > 0)
			assert_true(hash_eq(&header.parent_hash, &parent));
		assert_int_equal(header_hash(&parent, &header), OK);
		seen[header.n_fields] = true;
	}
	assert_int_equal(n, 54);
	assert_true(seen[HEADER_FRONTIER] && seen[HEADER_BASE_FEE] &&
		    seen[HEADER_WITHDRAWALS_ROOT] && seen[HEADER_BEACON_ROOT] &&
		    seen[HEADER_REQUESTS_HASH]);
	free(text);
}

static struct header prove(const struct json_doc *doc, const char *path,
			   unsigned n)
{
	struct fault fault = {0};
	struct header header;

	if (proof_header(&header, json_at(json_doc_root(doc), path), arena,
			 &fault) != OK)
		fail_msg("%s", fault.text);
	assert_int_equal(header.n_fields, n);
	return header;
}

/* What the header of that number in chain.rlp hashes to. */
static struct hash hash_in_chain(uint64_t number)
{
	size_t len;
	char *text = corpus_text("execution-apis/chain.rlp", &len);
	struct bytes rest = {(uint8_t *)text, len};
	struct header header = {.number = 0};
	struct hash hash;

	while (header.number != number) {
		struct rlp_item block, item;

		assert_int_equal(rlp_next(&block, &rest), OK);
		assert_int_equal(rlp_next(&item, &block.payload), OK);
		raw_header(&header, item.whole);
		hash = keccak256(item.whole.data, item.whole.len);
	}
	free(text);
	return hash;
}

static void corpus_replies(void **state)
{
	static const struct {
		const char *name;
		unsigned n_fields;
	} cases[] = {
	    {"Hash/get-block-by-hash", 15},
	    {"Number/get-genesis", 15},
	    {"Number/get-block-london-fork", 16},
	    {"Number/get-block-merge-fork", 16},
	    {"Number/get-block-shanghai-fork", 17},
	    {"Number/get-block-cancun-fork", 20},
	    {"Number/get-block-prague-fork", 21},
	    {"Number/get-finalized", 21},
	    {"Number/get-safe", 21},
	    {"Number/get-latest", 21},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_doc *doc;
		struct header header;
		struct hash hash;
		char name[128];

		(void)snprintf(name, sizeof(name),
			       "execution-apis/eth_getBlockBy%s.io",
			       cases[i].name);
		doc = corpus_reply(name);
		header = prove(doc, "result", cases[i].n_fields);
		if (header.number > 0) {
			hash = hash_in_chain(header.number);
			assert_true(hash_eq(&header.hash, &hash));
		}
		json_doc_free(doc);
	}
}

static void corpus_unknown_blocks(void **state)
{
	static const char *const names[] = {
	    "execution-apis/eth_getBlockByHash/get-block-by-empty-hash.io",
	    "execution-apis/eth_getBlockByHash/get-block-by-notfound-hash.io",
	    "execution-apis/eth_getBlockByNumber/get-block-notfound.io",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct json_doc *doc = corpus_reply(names[i]);
		struct header header;

		assert_int_equal(
		    proof_header(&header, json_at(json_doc_root(doc), "result"),
				 arena, NULL),
		    ERR_NOT_YET);
		json_doc_free(doc);
	}
}

static void corpus_mainnet(void **state)
{
	static const struct {
		const char *name;
		unsigned n_fields;
	} cases[] = {
	    {"mainnet/header-12000000.json", 15},
	    {"mainnet/header-17000000.json", 16},
	    {"mainnet/header-18000000.json", 17},
	    {"mainnet/block-19900000.json", 20},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_doc *doc = corpus_json(cases[i].name);

		(void)prove(doc, "0/response/result", cases[i].n_fields);
		json_doc_free(doc);
	}
}

static void corpus_raw(void **state)
{
	struct json_doc *doc =
	    corpus_reply("execution-apis/debug_getRawHeader/get-block-n.io");
	struct bytes raw = hex_bytes(
	    arena, json_text(json_at(json_doc_root(doc), "result"), NULL));
	struct hash want = keccak256(raw.data, raw.len), hash;
	struct header header;

	(void)state;
	raw_header(&header, raw);
	assert_int_equal(header.number, 3);
	assert_int_equal(header_hash(&hash, &header), OK);
	assert_true(hash_eq(&hash, &want));
	json_doc_free(doc);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 24);
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
	    cmocka_unit_test(all_fields_are_hashed),
	    cmocka_unit_test(every_field_is_needed),
	    cmocka_unit_test(other_results_are_told_apart),
	    cmocka_unit_test(number_and_timestamp_must_fit),
	    cmocka_unit_test(corpus_chain),
	    cmocka_unit_test(corpus_replies),
	    cmocka_unit_test(corpus_unknown_blocks),
	    cmocka_unit_test(corpus_mainnet),
	    cmocka_unit_test(corpus_raw),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
