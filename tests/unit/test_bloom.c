#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chain/bloom.h"
#include "chain/parse.h"
#include "tests/unit/lib_files.h"

static void bits_stand_where_the_paper_puts_them(void **state)
{
	/* keccak256("") is c5d2 4601 86f7...: bits 0x5d2, 0x601, 0x6f7. */
	struct bloom want = {{0}}, bloom = {{0}};

	(void)state;
	want.b[255 - 0x5d2 / 8] = 1 << 0x5d2 % 8;
	want.b[255 - 0x601 / 8] = 1 << 0x601 % 8;
	want.b[255 - 0x6f7 / 8] = 1 << 0x6f7 % 8;
	bloom_add(&bloom, "", 0);
	assert_true(bloom_eq(&bloom, &want));
	assert_true(bloom_has(&bloom, "", 0));
	assert_false(bloom_has(&bloom, "a", 1));
}

/* Each of the three bits is needed. */
static void a_missing_bit_excludes(void **state)
{
	static const unsigned bits[] = {0x5d2, 0x601, 0x6f7};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct bloom bloom;

		memset(bloom.b, 0xff, sizeof(bloom.b));
		assert_true(bloom_has(&bloom, "", 0));
		bloom.b[255 - bits[i] / 8] &= (uint8_t) ~(1u << bits[i] % 8);
		assert_false(bloom_has(&bloom, "", 0));
	}
}

static void a_log_adds_its_address_and_topics_only(void **state)
{
	struct raw_log log = {
	    .address = {{1}},
	    .n_topics = 2,
	    .topics = {{{2}}, {{3}}, {{4}}, {{5}}},
	    .data = {(const uint8_t *)"data", 4},
	};
	struct bloom bloom = {{0}}, want = {{0}}, other = {{0}};

	(void)state;
	bloom_add_log(&bloom, &log);
	bloom_add(&want, log.address.b, 20);
	bloom_add(&want, log.topics[0].b, 32);
	bloom_add(&other, log.topics[1].b, 32);
	assert_false(bloom_eq(&bloom, &want));
	bloom_merge(&want, &other);
	assert_true(bloom_eq(&bloom, &want));
}

/* Every receipt's bloom, and the block's out of them. */
static void check_block(const char *number)
{
	char name[64];
	struct json_doc *header_doc, *doc;
	struct receipts receipts;
	struct header header;
	struct bloom all = {{0}};
	struct arena *arena;

	(void)snprintf(name, sizeof(name), "mainnet/header-%s.json", number);
	header_doc = corpus_json(name);
	(void)snprintf(name, sizeof(name), "mainnet/receipts-%s.json", number);
	doc = corpus_json(name);
	arena = arena_new(64u << 20);
	assert_non_null(arena);
	assert_int_equal(parse_header(&header,
				      json_at(json_doc_root(header_doc),
					      "0/response/result"),
				      arena, NULL),
			 OK);
	assert_int_equal(
	    parse_receipts(&receipts,
			   json_at(json_doc_root(doc), "0/response/result"),
			   arena, NULL),
	    OK);
	assert_true(receipts.n > 50);
	for (size_t i = 0; i < receipts.n; i++) {
		struct bloom bloom;

		receipt_bloom(&bloom, &receipts.list[i]);
		assert_true(bloom_eq(&bloom, &receipts.list[i].bloom));
		bloom_merge(&all, &bloom);
	}
	assert_true(bloom_eq(&all, &header.logs_bloom));
	json_doc_free(doc);
	json_doc_free(header_doc);
	arena_free(arena);
}

static void corpus_mainnet(void **state)
{
	(void)state;
	check_block("12000000");
	check_block("17000000");
	check_block("18000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bits_stand_where_the_paper_puts_them),
	    cmocka_unit_test(a_missing_bit_excludes),
	    cmocka_unit_test(a_log_adds_its_address_and_topics_only),
	    cmocka_unit_test(corpus_mainnet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
