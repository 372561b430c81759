#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdalign.h>

#include "common/arena.h"

static bool is_zeroed(const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (size_t i = 0; i < len; i++)
		if (bytes[i])
			return false;
	return true;
}

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
	struct arena *arena = arena_new(16 * 1024 * 1024);
	uint8_t *pieces[500];

	(void)state;
	assert_non_null(arena);
	for (size_t i = 0; i < 500; i++) {
		size_t len = i % 50 == 49 ? 100000 : i + 1;

		pieces[i] = arena_alloc(arena, len, 1);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t),
				 0);
		assert_true(is_zeroed(pieces[i], len));
		memset(pieces[i], (int)(i % 255) + 1, len);
	}
	for (size_t i = 0; i < 500; i++) {
		size_t len = i % 50 == 49 ? 100000 : i + 1;

		assert_int_equal(pieces[i][0], i % 255 + 1);
		assert_int_equal(pieces[i][len - 1], i % 255 + 1);
	}
	arena_free(arena);
}

static void the_cap_holds(void **state)
{
	struct arena *arena = arena_new(1000);
	void *array = NULL;
	size_t room = 0;

	(void)state;
	assert_non_null(arena);
	assert_null(arena_alloc(arena, 1, 1001));
	assert_int_equal(arena_used(arena), 0);
	assert_non_null(arena_alloc(arena, 1, 900));
	assert_true(arena_used(arena) >= 900 && arena_used(arena) <= 1000);
	assert_null(arena_alloc(arena, 1, 200));
	assert_null(arena_copy(arena, "x", 200).data);
	assert_null(arena_grow(arena, array, 0, &room, 100));
	assert_int_equal(room, 0);
	arena_reset(arena);
	assert_int_equal(arena_used(arena), 0);
	assert_non_null(arena_alloc(arena, 1, 200));
	arena_free(arena);
	arena_free(NULL);
}

static void sizes_that_overflow(void **state)
{
	struct arena *arena = arena_new(SIZE_MAX);
	size_t room = SIZE_MAX / 2 + 1;
	char one;

	(void)state;
	assert_non_null(arena);
	assert_null(arena_alloc(arena, SIZE_MAX, 2));
	assert_null(arena_alloc(arena, SIZE_MAX, 1));
	assert_null(arena_alloc(arena, SIZE_MAX - 20, 1));
	assert_null(arena_alloc(arena, (size_t)1 << 32, (size_t)1 << 32));
	assert_null(arena_grow(arena, &one, room, &room, 1));
	assert_int_equal(arena_used(arena), 0);
	arena_free(arena);
}

static void copies(void **state)
{
	struct arena *arena = arena_new(4096);
	struct bytes copy;
	char text[] = "hello";
	char *dup;

	(void)state;
	assert_non_null(arena);
	copy = arena_copy(arena, text, sizeof(text));
	dup = arena_strdup(arena, text);
	memset(text, 0, sizeof(text));
	assert_int_equal(copy.len, 6);
	assert_memory_equal(copy.data, "hello", 6);
	assert_string_equal(dup, "hello");
	copy = arena_copy(arena, NULL, 0);
	assert_non_null(copy.data);
	assert_int_equal(copy.len, 0);
	assert_non_null(arena_alloc(arena, 0, 8));
	arena_free(arena);
}

static void an_array_grows(void **state)
{
	struct arena *arena = arena_new(4 * 1024 * 1024);
	uint32_t *array = NULL;
	size_t room = 0;

	(void)state;
	assert_non_null(arena);
	for (uint32_t n = 0; n < 100000; n++) {
		array = arena_grow(arena, array, n, &room, sizeof(*array));
		assert_non_null(array);
		assert_true(room > n);
		assert_int_equal(array[n], 0);
		array[n] = n;
	}
	for (uint32_t n = 0; n < 100000; n++)
		assert_int_equal(array[n], n);
	/* What it took while it was smaller has been given back. */
	assert_true(arena_used(arena) < 2 * 100000 * sizeof(*array));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_are_zeroed_aligned_and_apart),
	    cmocka_unit_test(the_cap_holds),
	    cmocka_unit_test(sizes_that_overflow),
	    cmocka_unit_test(copies),
	    cmocka_unit_test(an_array_grows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
