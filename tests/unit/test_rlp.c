#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chain/rlp.h"
#include "tests/unit/lib_files.h"

static struct arena *arena;

static void check_text(const struct buf *out, const char *hex)
{
	char text[256];

	assert_int_equal(out->err, OK);
	assert_in_range(out->len, 0, 127);
	hex_encode(text, out->data, out->len);
	assert_string_equal(text, hex);
}

static void integers_are_minimal(void **state)
{
	static const struct {
		uint64_t value;
		const char *hex;
	} cases[] = {
	    {0, "80"},
	    {1, "01"},
	    {127, "7f"},
	    {128, "8180"},
	    {255, "81ff"},
	    {256, "820100"},
	    {1u << 24, "8401000000"},
	    {UINT64_MAX, "88ffffffffffffffff"},
	};
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct u256 wide = u256_from_u64(cases[i].value);

		buf_init(&out, 64);
		rlp_put_u64(&out, cases[i].value);
		check_text(&out, cases[i].hex);
		buf_reset(&out);
		rlp_put_u256(&out, &wide);
		check_text(&out, cases[i].hex);
		buf_free(&out);
	}
}

static void lists_nest(void **state)
{
	struct buf out;
	size_t outer, inner;

	(void)state;
	buf_init(&out, 512);
	outer = rlp_open_list(&out);
	inner = rlp_open_list(&out);
	rlp_close_list(&out, inner);
	inner = rlp_open_list(&out);
	rlp_put_bytes(&out, "dog", 3);
	rlp_put_u64(&out, 5);
	rlp_close_list(&out, inner);
	rlp_close_list(&out, outer);
	check_text(&out, "c7c0c583646f6705");
	buf_free(&out);
}

/* A payload of 55 bytes is the last whose length fits the first byte. */
static void lengths_grow_at_56(void **state)
{
	static const uint8_t zeros[70000];
	static const struct {
		size_t len;
		const char *string, *list;
	} cases[] = {
	    {55, "b7", "f7"},
	    {56, "b838", "f838"},
	    {255, "b8ff", "f8ff"},
	    {256, "b90100", "f90100"},
	    {65536, "ba010000", "fa010000"},
	};
	struct buf out;
	char text[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t header = strlen(cases[i].string) / 2;
		size_t mark;

		buf_init(&out, 1 << 20);
		rlp_put_bytes(&out, zeros, cases[i].len);
		assert_int_equal(out.len, header + cases[i].len);
		hex_encode(text, out.data, header);
		assert_string_equal(text, cases[i].string);
		buf_reset(&out);
		mark = rlp_open_list(&out);
		for (size_t k = 0; k < cases[i].len; k++)
			rlp_put_bytes(&out, "\x01", 1);
		rlp_close_list(&out, mark);
		hex_encode(text, out.data, header);
		assert_string_equal(text, cases[i].list);
		assert_int_equal(
		    rlp_check((struct bytes){(uint8_t *)out.data, out.len}),
		    OK);
		buf_free(&out);
	}
}

static void a_full_buffer_is_said_once(void **state)
{
	struct buf out;
	size_t mark;

	(void)state;
	buf_init(&out, 4);
	mark = rlp_open_list(&out);
	rlp_put_bytes(&out, "dog", 3);
	rlp_close_list(&out, mark);
	assert_int_equal(out.err, ERR_LIMIT);
	buf_free(&out);
}

static void other_forms_are_refused(void **state)
{
	static const char *const bad[] = {
	    "",	      /* nothing */
	    "8101",   /* a small byte is itself */
	    "b801ff", /* a short length spelled out */
	    "b90037", /* a length with a leading zero */
	    "b9",
	    "b901",		  /* the length is cut short */
	    "83646f",		  /* cut short */
	    "c20183",		  /* the inner item is cut short */
	    "0101",		  /* something behind it */
	    "c1c1",		  /* the inner list is cut short */
	    "c28101",		  /* not canonical inside */
	    "bfffffffffffffffff", /* a length that would wrap */
	    "ffffffffffffffffff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(rlp_check(hex_bytes(arena, bad[i])),
				 ERR_SYNTAX);
}

/* The payload is all there, so that only the form of its length is wrong. */
static void a_length_has_no_leading_zero(void **state)
{
	uint8_t text[3 + 56] = {0xb9, 0x00, 56};
	const struct bytes all = {text, sizeof(text)};

	(void)state;
	assert_int_equal(rlp_check(all), ERR_SYNTAX);
	text[0] = 0xf9;
	assert_int_equal(rlp_check(all), ERR_SYNTAX);
	text[1] = 0xf8;
	assert_int_equal(rlp_check((struct bytes){text + 1, 58}), OK);
}

static void nesting_is_limited(void **state)
{
	uint8_t deep[3 * 400];
	size_t at = sizeof(deep);

	(void)state;
	for (int i = 0; i < 400; i++) {
		size_t len = sizeof(deep) - at;

		if (len > 255)
			deep[--at] = (uint8_t)len;
		if (len > 55)
			deep[--at] = (uint8_t)(len > 255 ? len >> 8 : len);
		deep[--at] = (uint8_t)(len > 255  ? 0xf9
				       : len > 55 ? 0xf8
						  : 0xc0 + len);
	}
	assert_int_equal(
	    rlp_check((struct bytes){deep + at, sizeof(deep) - at}), ERR_LIMIT);
}

static void integers_are_read_strictly(void **state)
{
	struct bytes zero = hex_bytes(arena, "820001");
	struct bytes wide = hex_bytes(arena, "89010000000000000000");
	struct bytes list = hex_bytes(arena, "c101");
	struct rlp_item item;
	struct u256 v256;
	uint64_t v = 7;

	(void)state;
	assert_int_equal(rlp_next(&item, &zero), OK);
	assert_int_equal(rlp_u64(&v, &item), ERR_SYNTAX);
	assert_int_equal(rlp_next(&item, &wide), OK);
	assert_int_equal(rlp_u64(&v, &item), ERR_RANGE);
	assert_int_equal(rlp_u256(&v256, &item), OK);
	assert_int_equal(v256.w[1], 1);
	assert_int_equal(rlp_next(&item, &list), OK);
	assert_int_equal(rlp_u64(&v, &item), ERR_SYNTAX);
	assert_int_equal(v, 7);
}

/* Writes a value of rlptest.json. "#..." is a decimal above what JSON holds:
 * returns false for one above 256 bits, which we never write. */
static bool put_value(struct buf *out, const struct json *value)
{
	const char *text = json_text(value, NULL);
	struct u256 wide;
	int64_t number;
	size_t mark;
	bool done = true;

	if (json_int(&number, value)) {
		rlp_put_u64(out, (uint64_t)number);
	} else if (json_kind(value) == JSON_KIND_ARRAY) {
		mark = rlp_open_list(out);
		for (size_t i = 0; i < json_count(value); i++)
			done &= put_value(out, json_element(value, i));
		rlp_close_list(out, mark);
	} else if (text && text[0] == '#') {
		if (u256_parse(&wide, text + 1) != OK)
			return false;
		rlp_put_u256(out, &wide);
	} else {
		/* A NUL in it is the one byte of "bytestring00". */
		rlp_put_bytes(out, text ? text : "", text ? strlen(text) : 1);
	}
	return done;
}

static void corpus_valid(void **state)
{
	static const char *const names[] = {
	    "emptystring",  "bytestring00",  "bytestring01", "bytestring7F",
	    "shortstring",  "shortstring2",  "longstring",   "longstring2",
	    "zero",	    "smallint",	     "smallint2",    "smallint3",
	    "smallint4",    "mediumint1",    "mediumint2",   "mediumint3",
	    "mediumint4",   "mediumint5",    "emptylist",    "stringlist",
	    "multilist",    "shortListMax1", "longList1",    "longList2",
	    "listsoflists", "listsoflists2", "dictTest1",    "bigint",
	};
	struct json_doc *doc =
	    corpus_json("ethereum-tests/RLPTests/rlptest.json");
	const struct json *root = json_doc_root(doc);
	size_t n = sizeof(names) / sizeof(names[0]);

	(void)state;
	assert_int_equal(json_count(root), n);
	for (size_t i = 0; i < n; i++) {
		const struct json *test = json_at(root, names[i]);
		struct bytes want =
		    hex_bytes(arena, json_text(json_at(test, "out"), NULL));
		struct buf out;

		assert_int_equal(rlp_check(want), OK);
		buf_init(&out, 1 << 16);
		if (put_value(&out, json_at(test, "in"))) {
			assert_int_equal(out.len, want.len);
			assert_memory_equal(out.data, want.data, want.len);
		} else {
			assert_string_equal(names[i], "bigint");
		}
		buf_free(&out);
	}
	json_doc_free(doc);
}

static void corpus_invalid(void **state)
{
	static const char *const names[] = {
	    "int32Overflow",
	    "int32Overflow2",
	    "wrongSizeList",
	    "wrongSizeList2",
	    "incorrectLengthInArray",
	    "randomRLP",
	    "bytesShouldBeSingleByte00",
	    "bytesShouldBeSingleByte01",
	    "bytesShouldBeSingleByte7F",
	    "leadingZerosInLongLengthArray1",
	    "leadingZerosInLongLengthArray2",
	    "leadingZerosInLongLengthList1",
	    "leadingZerosInLongLengthList2",
	    "nonOptimalLongLengthArray1",
	    "nonOptimalLongLengthArray2",
	    "nonOptimalLongLengthList1",
	    "nonOptimalLongLengthList2",
	    "emptyEncoding",
	    "lessThanShortLengthArray1",
	    "lessThanShortLengthArray2",
	    "lessThanShortLengthList1",
	    "lessThanShortLengthList2",
	    "lessThanLongLengthArray1",
	    "lessThanLongLengthArray2",
	    "lessThanLongLengthList1",
	    "lessThanLongLengthList2",
	};
	struct json_doc *doc =
	    corpus_json("ethereum-tests/RLPTests/invalidRLPTest.json");
	const struct json *root = json_doc_root(doc);
	size_t n = sizeof(names) / sizeof(names[0]);

	(void)state;
	assert_int_equal(json_count(root), n);
	for (size_t i = 0; i < n; i++) {
		const struct json *test = json_at(root, names[i]);

		if (rlp_check(hex_bytes(arena, json_text(json_at(test, "out"),
							 NULL))) != ERR_SYNTAX)
			fail_msg("%s was accepted", names[i]);
	}
	json_doc_free(doc);
}

static void corpus_random(void **state)
{
	struct json_doc *doc =
	    corpus_json("ethereum-tests/RLPTests/RandomRLPTests/example.json");
	const struct json *test =
	    json_at(json_doc_root(doc), "listsoflists2/out");

	(void)state;
	assert_int_equal(rlp_check(hex_bytes(arena, json_text(test, NULL))),
			 OK);
	json_doc_free(doc);
}

/* However a real block is cut or bent, reading it ends, and in bounds. */
static void corpus_cut_and_bent(void **state)
{
	size_t len;
	char *chain = corpus_text("execution-apis/chain.rlp", &len);
	struct bytes rest = {(uint8_t *)chain, len};
	struct rlp_item block;
	size_t refused = 0;
	uint8_t *copy;

	(void)state;
	assert_int_equal(rlp_next(&block, &rest), OK);
	for (size_t n = 0; n < block.whole.len; n++) {
		copy = malloc(n + 1); /* a reader beyond it is seen */
		assert_non_null(copy);
		memcpy(copy + 1, block.whole.data, n);
		assert_int_not_equal(rlp_check((struct bytes){copy + 1, n}),
				     OK);
		free(copy);
	}
	copy = malloc(block.whole.len);
	assert_non_null(copy);
	for (size_t i = 0; i < 8 * block.whole.len; i++) {
		memcpy(copy, block.whole.data, block.whole.len);
		copy[i / 8] ^= (uint8_t)(1u << i % 8);
		refused +=
		    rlp_check((struct bytes){copy, block.whole.len}) != OK;
	}
	assert_true(refused > 0);
	free(copy);
	free(chain);
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
	    cmocka_unit_test(integers_are_minimal),
	    cmocka_unit_test(lists_nest),
	    cmocka_unit_test(lengths_grow_at_56),
	    cmocka_unit_test(a_full_buffer_is_said_once),
	    cmocka_unit_test(other_forms_are_refused),
	    cmocka_unit_test(a_length_has_no_leading_zero),
	    cmocka_unit_test(nesting_is_limited),
	    cmocka_unit_test(integers_are_read_strictly),
	    cmocka_unit_test(corpus_valid),
	    cmocka_unit_test(corpus_invalid),
	    cmocka_unit_test(corpus_random),
	    cmocka_unit_test(corpus_cut_and_bent),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
