#include "common/secret_key.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* 00 01 02 ... 1f */
#define KEY_BASE64 "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define KEY_HEX                                                                \
	"000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F"

static void test_keys(void **state)
{
	static const char *const wrong[] = {
	    "",
	    "secret",
	    KEY_BASE64 "\n",
	    " " KEY_BASE64,
	    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", /* 31 */
	    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g", /* 33 */
	    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",  /* no "=" */
	    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=", /* stray bits */
	    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=AAAA",
	    KEY_HEX "20",
	    "0x" KEY_HEX,
	};
	struct secret_key hex, base64 = {{1}};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(secret_key_parse(&base64, wrong[i]),
				 ERR_SYNTAX);
		assert_int_equal(base64.b[0], 1);
	}
	assert_int_equal(secret_key_parse(&hex, KEY_HEX), OK);
	assert_int_equal(secret_key_parse(&base64, KEY_BASE64), OK);
	for (uint8_t i = 0; i < 32; i++) {
		assert_int_equal(hex.b[i], i);
		assert_int_equal(base64.b[i], i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
