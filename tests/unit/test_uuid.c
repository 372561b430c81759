#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/uuid.h"

/* RFC 9562, appendix A.6: a version 7 of 2022-02-22T19:22:22Z. */
static const char example[] = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";

static void text_and_back(void **state)
{
	struct uuid u, upper;
	char text[UUID_TEXT_SIZE];

	(void)state;
	assert_int_equal(uuid_parse(&u, example), OK);
	assert_int_equal(u.b[0], 0x01);
	assert_int_equal(u.b[15], 0x8f);
	assert_string_equal(uuid_format(text, &u), example);
	assert_int_equal(
	    uuid_parse(&upper, "017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), OK);
	assert_true(uuid_eq(&u, &upper));
	upper.b[15]++;
	assert_false(uuid_eq(&u, &upper));
	assert_false(uuid_is_nil(&u));
	assert_int_equal(uuid_parse(&u, "00000000-0000-0000-0000-000000000000"),
			 OK);
	assert_true(uuid_is_nil(&u));
	u.b[15] = 1;
	assert_false(uuid_is_nil(&u));
}

static void malformed(void **state)
{
	static const char *const texts[] = {
	    "",
	    "017f22e279b07cc398c4dc0c0c07398f",
	    "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
	    "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
	    "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
	    "017f22e279-b0-7cc3-98c4-dc0c0c07398f",
	    "{17f22e2-79b0-7cc3-98c4-dc0c0c07398}",
	    "017f22e2-79b0-7cc3-98c40dc0c0c07398f",
	};
	struct uuid u = {{42}};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(uuid_parse(&u, texts[i]), ERR_SYNTAX);
	assert_int_equal(u.b[0], 42);
}

static void version_7(void **state)
{
	const uint64_t ms = 0x017f22e279b0;
	struct uuid one, two, later;
	uint8_t ones = 0, zeros = 0xff;

	(void)state;
	assert_int_equal(uuid_v7(&one, ms), OK);
	assert_int_equal(uuid_v7(&two, ms), OK);
	assert_int_equal(uuid_v7(&later, ms + 1), OK);
	assert_memory_equal(one.b, "\x01\x7f\x22\xe2\x79\xb0", 6);
	assert_false(uuid_eq(&one, &two));
	assert_true(memcmp(later.b, one.b, 16) > 0);
	assert_true(memcmp(later.b, two.b, 16) > 0);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(uuid_v7(&one, ms), OK);
		assert_int_equal(one.b[6] >> 4, 7);
		assert_int_equal(one.b[8] >> 6, 2);
		ones |= one.b[15];
		zeros &= one.b[15];
	}
	assert_int_equal(ones, 0xff);
	assert_int_equal(zeros, 0);
}

static void the_clock_has_48_bits(void **state)
{
	struct uuid u = {{42}};

	(void)state;
	assert_int_equal(uuid_v7(&u, (uint64_t)1 << 48), ERR_RANGE);
	assert_int_equal(u.b[0], 42);
	assert_int_equal(uuid_v7(&u, ((uint64_t)1 << 48) - 1), OK);
	assert_memory_equal(u.b, "\xff\xff\xff\xff\xff\xff", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_and_back),
	    cmocka_unit_test(malformed),
	    cmocka_unit_test(version_7),
	    cmocka_unit_test(the_clock_has_48_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
