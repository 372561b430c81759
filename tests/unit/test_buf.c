#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/buf.h"

static void text_is_put_together(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 1000);
	assert_string_equal(buf.data, "");
	buf_puts(&buf, "a");
	buf_putc(&buf, 'b');
	buf_add(&buf, "cd", 2);
	buf_add(&buf, NULL, 0);
	buf_printf(&buf, " %d %s", 42, "x");
	buf_hex(&buf, "\x0f\xf0", 2);
	assert_string_equal(buf.data, "abcd 42 x0ff0");
	assert_int_equal(buf.len, strlen(buf.data));
	assert_int_equal(buf.err, OK);
	buf_reset(&buf);
	assert_int_equal(buf.len, 0);
	assert_string_equal(buf.data, "");
	buf_puts(&buf, "again");
	assert_string_equal(buf.data, "again");
	buf_free(&buf);
	assert_string_equal(buf.data, "");
	buf_free(&buf);
}

static void it_grows(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 100000);
	for (int i = 0; i < 100000; i++) {
		buf_putc(&buf, (char)('a' + i % 26));
		assert_true(buf.len < buf.size);
	}
	assert_int_equal(buf.err, OK);
	assert_int_equal(buf.len, 100000);
	assert_int_equal(buf.data[99999], 'a' + 99999 % 26);
	assert_int_equal(buf.data[100000], 0);
	buf_free(&buf);
}

static void the_cap_holds_and_sticks(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 8);
	buf_puts(&buf, "12345678"); /* exactly the cap */
	assert_int_equal(buf.err, OK);
	buf_putc(&buf, '9');
	assert_int_equal(buf.err, ERR_LIMIT);
	assert_string_equal(buf.data, "12345678");
	buf_reset(&buf);
	buf_puts(&buf, "1234");
	buf_puts(&buf, "56789");
	assert_int_equal(buf.err, ERR_LIMIT);
	buf_puts(&buf, "5"); /* would fit, but the error is sticky */
	buf_printf(&buf, "%d", 5);
	buf_hex(&buf, "5", 1);
	assert_string_equal(buf.data, "1234");
	buf_reset(&buf);
	buf_printf(&buf, "%s", "123456789");
	assert_int_equal(buf.err, ERR_LIMIT);
	assert_string_equal(buf.data, "");
	buf_reset(&buf);
	buf_hex(&buf, "12345", 5);
	assert_int_equal(buf.err, ERR_LIMIT);
	buf_reset(&buf);
	buf_hex(&buf, "1234", 4);
	assert_string_equal(buf.data, "31323334");
	buf_free(&buf);
}

static void impossible_lengths(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	buf_puts(&buf, "x");
	buf_add(&buf, "y", SIZE_MAX);
	assert_int_equal(buf.err, ERR_LIMIT);
	buf_reset(&buf);
	buf_hex(&buf, "y", SIZE_MAX / 2 + 1);
	assert_int_equal(buf.err, ERR_LIMIT);
	buf_free(&buf);
	buf_init(&buf, 0);
	buf_puts(&buf, "");
	assert_int_equal(buf.err, OK);
	buf_putc(&buf, 'x');
	assert_int_equal(buf.err, ERR_LIMIT);
	buf_free(&buf);
}

static void zero_bytes_are_bytes(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	buf_add(&buf, "a\0b", 3);
	assert_int_equal(buf.len, 3);
	assert_memory_equal(buf.data, "a\0b", 4);
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_is_put_together),
	    cmocka_unit_test(it_grows),
	    cmocka_unit_test(the_cap_holds_and_sticks),
	    cmocka_unit_test(impossible_lengths),
	    cmocka_unit_test(zero_bytes_are_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
