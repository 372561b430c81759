#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/nearest.h"
#include "config/options.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void distances(void **state)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} cases[] = {
	    {"", "", 0},
	    {"", "abc", 3},
	    {"abc", "", 3},
	    {"chain", "chain", 0},
	    {"chian", "chain", 1},
	    {"start_blok", "start_block", 1},
	    {"kitten", "sitting", 3},
	    {"ca", "abc", 3},
	};
	char longer[100];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *a = cases[i].a, *b = cases[i].b;

		assert_int_equal(nearest_distance(a, strlen(a), b, strlen(b)),
				 cases[i].distance);
	}
	memset(longer, 'x', sizeof(longer));
	assert_true(nearest_distance(longer, sizeof(longer), "x", 1) ==
		    SIZE_MAX);
}

/* The environment's names derive from the table and must not collide. */
static void the_table_is_sound(void **state)
{
	char name[OPTION_ENV_SIZE], other[OPTION_ENV_SIZE];

	(void)state;
	for (size_t i = 0; i < n_options; i++) {
		option_env(name, &options[i]);
		assert_true(strlen(name) < OPTION_ENV_SIZE - 1);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(name,
						option_env(other, &options[j]));
		assert_true(options[i].parse);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(distances),
	    cmocka_unit_test(the_table_is_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
