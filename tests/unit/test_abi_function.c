#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/u256.h"
#include "contracts-abi/abi.h"
#include "embedded/abis.h"
#include "tests/unit/lib_mapping.h"

/* Functions of an ABI: how they are called, and what their answers say. */

static struct abi parse(struct arena *arena, const char *json, size_t len)
{
	struct fault fault = {0};
	struct abi abi = {0};

	if (abi_parse(&abi, arena, "test", json, len, &fault) != OK)
		fail_msg("%s", fault.text);
	return abi;
}

static struct abi parse_text(struct arena *arena, const char *text)
{
	char json[4096];

	quoted(json, sizeof(json), text);
	return parse(arena, json, strlen(json));
}

static const struct abi_function *named(const struct abi *abi, const char *name)
{
	return abi_function_named(abi, name, strlen(name));
}

/* Selectors that were not computed by this program: viem's
 * toFunctionSelector(). */
static const struct {
	const char *file, *name, *signature;
	uint8_t selector[ABI_SELECTOR];
	size_t len;	   /* of an answer */
	const char *first; /* of its words */
} shipped[] = {
    {"payment-streaming",
     "getStreamDetails",
     "getStreamDetails(uint256)",
     {0x17, 0x64, 0xe8, 0x95},
     352,
     "id"},
    {"payment-streaming",
     "streamCount",
     "streamCount()",
     {0x89, 0xd0, 0xe1, 0x19},
     32,
     ""},
    {"micro-loan",
     "getLoanDetails",
     "getLoanDetails(uint256)",
     {0x66, 0x87, 0x7b, 0x8d},
     448,
     "id"},
    {"sablier-lockup",
     "statusOf",
     "statusOf(uint256)",
     {0xad, 0x35, 0xef, 0xd4},
     32,
     "status"},
    {"sablier-lockup-v2",
     "getRecipient",
     "getRecipient(uint256)",
     {0x6d, 0x0c, 0xee, 0x75},
     32,
     "recipient"},
};

static void test_shipped(void **state)
{
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < sizeof(shipped) / sizeof(shipped[0]); i++) {
		const struct embedded *file = embedded_abis;
		const struct abi_function *f;
		struct abi abi;

		while (strcmp(file->name, shipped[i].file) != 0)
			file++;
		abi = parse(arena, file->text, file->len);
		f = named(&abi, shipped[i].name);
		assert_non_null(f);
		assert_ptr_equal(named(&abi, shipped[i].signature), f);
		assert_string_equal(f->signature, shipped[i].signature);
		assert_memory_equal(f->selector, shipped[i].selector, 4);
		assert_int_equal(f->outputs.len, shipped[i].len);
		assert_int_equal(f->n_results, shipped[i].len / 32);
		assert_string_equal(f->results[0].name, shipped[i].first);
		assert_null(named(&abi, "getStream"));
		assert_null(named(&abi, "getStreamDetails("));
	}
	arena_free(arena);
}

#define FUNCTION "{'type':'function','name':"
#define BY_ID ",'inputs':[{'name':'id','type':'uint256'}],'outputs':"

/* What is wrong with a function is no harm to the rest of the ABI. */
static void test_unreadable(void **state)
{
	static const char text[] =
	    "[" FUNCTION
	    "'old','inputs':[{'name':'f','type':'function'}]}," FUNCTION
	    "'nameless'" BY_ID "[{'type':'bool'}]}," FUNCTION "'silent'" BY_ID
	    "7}," FUNCTION "'1st'" BY_ID "[]},{'type':'function'}," FUNCTION
	    "'well'" BY_ID "[{'name':'','type':'bool'}]}]";
	static const struct {
		const char *name, *says;
	} wrong[] = {{"old", "a type is not canonical"},
		     {"nameless", "without a name"},
		     {"silent", "must be arrays"}};
	struct arena *arena = arena_new(1 << 20);
	struct abi abi = parse_text(arena, text);

	(void)state;
	assert_int_equal(abi.n_functions, 4);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		const struct abi_function *f = named(&abi, wrong[i].name);

		assert_non_null(f);
		assert_non_null(strstr(f->unreadable, wrong[i].says));
		assert_null(f->signature);
		assert_int_equal(f->n_results, 0);
	}
	assert_null(named(&abi, "well")->unreadable);
	arena_free(arena);
}

static void put_word(uint8_t *data, size_t i, uint64_t value)
{
	const struct u256 v = u256_from_u64(value);

	u256_to_be(data + 32 * i, &v);
}

/* An answer with a text in it has one encoding, as a log does (Solidity ABI
 * specification, "Formal Specification of the Encoding"). */
static void test_answer(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct abi abi =
	    parse_text(arena, "[" FUNCTION "'jar'" BY_ID
			      "[{'name':'','type':'tuple','components':["
			      "{'name':'label','type':'string'},"
			      "{'name':'owner','type':'address'}]},"
			      "{'name':'sum','type':'uint128'}]}]");
	const struct abi_function *f = named(&abi, "jar");
	struct hash words[ABI_MAX_PARAMS] = {{{0x5a}}};
	uint8_t data[32 * 7] = {0};
	const char *why = NULL;

	(void)state;
	assert_int_equal(f->n_results, 3);
	assert_string_equal(f->results[1].name, "owner");
	put_word(data, 0, 64);	 /* the tuple begins after two words */
	put_word(data, 1, 500);	 /* sum */
	put_word(data, 2, 64);	 /* label, two words into the tuple */
	put_word(data, 3, 0xa1); /* owner */
	put_word(data, 4, 2);
	memcpy(data + 32 * 5, "hi", 2);
	for (size_t len = 0; len <= sizeof(data); len++) {
		enum err err = abi_decode_answer(f, (struct bytes){data, len},
						 words, &why);

		assert_int_equal(err, len == 192 ? OK : ERR_SYNTAX);
		assert_non_null(len == 192 ? "" : why);
		if (len < 192)
			assert_int_equal(words[0].b[0], 0x5a);
	}
	assert_int_equal(words[1].b[31], 0xa1);
	assert_int_equal(words[2].b[30], 1);
	data[32] = 1; /* a sum of more than 128 bits */
	assert_int_equal(
	    abi_decode_answer(f, (struct bytes){data, 192}, words, &why),
	    ERR_SYNTAX);
	assert_string_equal(why, "an integer exceeds its type");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shipped),
	    cmocka_unit_test(test_unreadable),
	    cmocka_unit_test(test_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
