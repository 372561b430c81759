#include "db/schema/differences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

struct bench {
	struct arena *arena;
	struct difference *items;
	size_t n;
};

static void compare(struct bench *bench, const char *expected,
		    const char *found)
{
	struct schema_lines want = {.n = 0}, have = {.n = 0};

	bench->arena = arena_new(1 << 16);
	assert_non_null(bench->arena);
	bench->items = NULL;
	assert_int_equal(schema_lines_parse(&want, bench->arena, expected), OK);
	assert_int_equal(schema_lines_parse(&have, bench->arena, found), OK);
	schema_lines_sort(&want);
	schema_lines_sort(&have);
	assert_int_equal(schema_compare(&bench->items, &bench->n, bench->arena,
					&want, &have),
			 OK);
}

static void expect(const struct bench *bench, size_t i, const char *name,
		   const char *expected, const char *found, bool within)
{
	const struct difference *d = &bench->items[i];

	assert_true(i < bench->n);
	assert_string_equal(d->name, name);
	assert_true(!d->expected == !expected && !d->found == !found);
	if (expected)
		assert_string_equal(d->expected, expected);
	if (found)
		assert_string_equal(d->found, found);
	assert_int_equal(d->within, within);
}

static void test_equal(void **state)
{
	struct bench bench;

	(void)state;
	compare(&bench, "", "");
	assert_int_equal(bench.n, 0);
	arena_free(bench.arena);
	compare(&bench, "b: 2\na: 1: x\n", "a: 1: x\nb: 2\n");
	assert_int_equal(bench.n, 0);
	arena_free(bench.arena);
}

static void test_each_kind(void **state)
{
	struct bench bench;

	(void)state;
	compare(&bench, "a: 1\nc: 3\nd: 4\n", "b: 2\nc: x\nd: 4\ne: 5\n");
	assert_int_equal(bench.n, 4);
	expect(&bench, 0, "a", "1", NULL, false);
	expect(&bench, 1, "b", NULL, "2", false);
	expect(&bench, 2, "c", "3", "x", false);
	expect(&bench, 3, "e", NULL, "5", false);
	arena_free(bench.arena);
	compare(&bench, "", "a: 1\n");
	assert_int_equal(bench.n, 1);
	arena_free(bench.arena);
	compare(&bench, "a: 1\n", "");
	assert_int_equal(bench.n, 1);
	arena_free(bench.arena);
}

/* What belongs to a whole is told apart only if all of it is gone, or new. */
static void test_within(void **state)
{
	struct bench bench;

	(void)state;
	compare(&bench, "t: table\nt column a: text\nt2: table\n", "");
	assert_int_equal(bench.n, 3);
	expect(&bench, 0, "t", "table", NULL, false);
	expect(&bench, 1, "t column a", "text", NULL, true);
	expect(&bench, 2, "t2", "table", NULL, false);
	arena_free(bench.arena);
	compare(&bench, "t: table\nt column a: text\n",
		"t: view\nt column a: int\nt column b: int\n");
	assert_int_equal(bench.n, 3);
	expect(&bench, 0, "t", "table", "view", false);
	expect(&bench, 1, "t column a", "text", "int", false);
	expect(&bench, 2, "t column b", NULL, "int", false);
	arena_free(bench.arena);
}

static void test_no_text(void **state)
{
	struct schema_lines lines = {.n = 0};
	struct arena *arena = arena_new(1 << 16);

	(void)state;
	assert_int_equal(schema_lines_parse(&lines, arena, "a 1\n"),
			 ERR_SYNTAX);
	assert_int_equal(schema_lines_parse(&lines, arena, ": 1\n"),
			 ERR_SYNTAX);
	assert_int_equal(schema_lines_parse(&lines, arena, "a: 1"), ERR_SYNTAX);
	arena_free(arena);
	arena = arena_new(8);
	assert_int_equal(schema_lines_parse(&lines, arena, "a: 1\n"),
			 ERR_NOMEM);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_equal),
	    cmocka_unit_test(test_each_kind),
	    cmocka_unit_test(test_within),
	    cmocka_unit_test(test_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
