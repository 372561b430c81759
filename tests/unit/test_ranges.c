#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/sync/ranges.h"

#define BLOCKS 200

static void is_well_formed(const struct ranges *set)
{
	for (size_t i = 0; i < set->n; i++) {
		assert_true(set->items[i].from <= set->items[i].to);
		if (i > 0)
			assert_true(set->items[i - 1].to + 1 <
				    set->items[i].from);
	}
}

static bool has(const struct ranges *set, uint64_t block)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->items[i].from <= block && block <= set->items[i].to)
			return true;
	return false;
}

/* Random additions and cuts, beside an array of flags. */
static void equals_an_array_of_flags(void **state)
{
	struct ranges set, missing;
	bool flags[BLOCKS];
	unsigned seed = 20240601;

	(void)state;
	ranges_init(&set);
	ranges_init(&missing);
	memset(flags, 0, sizeof(flags));
	for (int step = 0; step < 20000; step++) {
		uint64_t a = (uint64_t)rand_r(&seed) % BLOCKS;
		uint64_t b = a + (uint64_t)rand_r(&seed) % 12;
		uint64_t count = 0;

		if (b >= BLOCKS)
			b = BLOCKS - 1;
		if (rand_r(&seed) % 10 == 0) {
			ranges_cut(&set, a);
			memset(flags + a + 1, 0, BLOCKS - a - 1);
		} else {
			assert_int_equal(ranges_add(&set, a, b), OK);
			memset(flags + a, 1, b - a + 1);
		}
		is_well_formed(&set);
		assert_int_equal(ranges_missing(&set, 20, 150, &missing), OK);
		is_well_formed(&missing);
		for (uint64_t i = 0; i < BLOCKS; i++) {
			assert_int_equal(has(&set, i), flags[i]);
			assert_int_equal(has(&missing, i),
					 i >= 20 && i <= 150 && !flags[i]);
			count += flags[i];
		}
		assert_int_equal(ranges_count(&set), count);
	}
	ranges_free(&set);
	ranges_free(&missing);
}

static void an_empty_question_has_no_answer(void **state)
{
	struct ranges set, missing;

	(void)state;
	ranges_init(&set);
	ranges_init(&missing);
	assert_int_equal(ranges_missing(&set, 5, 4, &missing), OK);
	assert_int_equal(missing.n, 0);
	ranges_free(&missing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(equals_an_array_of_flags),
	    cmocka_unit_test(an_empty_question_has_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
