#include "daemon/command/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void counted(struct progress *progress)
{
	progress_init(progress, stderr, "blocks", 1000);
	progress_count(progress, 1000, 10000, 1000);
}

static void expect_line(const struct progress *progress, const char *expected)
{
	struct buf out;

	buf_init(&out, 1024);
	progress_line(progress, &out);
	assert_string_equal(out.data, expected);
	buf_free(&out);
}

static void test_first_count_is_no_work(void **state)
{
	struct progress progress;

	(void)state;
	counted(&progress);
	expect_line(&progress, "1,000 of 10,000 blocks (10%)");
	progress_count(&progress, 1100, 10000, 1100); /* too soon for a rate */
	expect_line(&progress, "1,100 of 10,000 blocks (11%)");
	progress_count(&progress, 2000, 10000, 2000);
	expect_line(&progress, "2,000 of 10,000 blocks (20%), 1,000 blocks/s, "
			       "8 s to go");
}

static void test_rate_follows_what_happens_lately(void **state)
{
	struct progress progress;
	uint64_t now = 1000, done = 0;

	(void)state;
	progress_init(&progress, stderr, "blocks", now);
	progress_count(&progress, 0, 1000000, now);
	for (int i = 0; i < 60; i++)
		progress_count(&progress, done += 1000, 1000000, now += 1000);
	assert_true(progress.rate > 990 && progress.rate < 1010);
	for (int i = 0; i < 120; i++)
		progress_count(&progress, done += 10, 1000000, now += 1000);
	assert_true(progress.rate > 9 && progress.rate < 20);
}

static void test_the_end_and_beyond(void **state)
{
	struct progress progress;

	(void)state;
	counted(&progress);
	progress_count(&progress, 99999, 10000, 11000);
	expect_line(&progress, "10,000 of 10,000 blocks (100%), 900 blocks/s");
	progress_count(&progress, 0, 0, 12000);
	assert_int_equal(progress.done, 0);
	progress_init(&progress, stderr, "blocks", 0);
	progress_count(&progress, 0, 0, 0);
	expect_line(&progress, "0 of 0 blocks (100%)");
	/* 99.99% is not done. */
	progress_init(&progress, stderr, "blocks", 0);
	progress_count(&progress, 99999, 100000, 0);
	expect_line(&progress, "99,999 of 100,000 blocks (99%)");
}

static void test_hours_and_slow_rates(void **state)
{
	struct progress progress;

	(void)state;
	progress_init(&progress, stderr, "blocks", 0);
	progress_count(&progress, 0, 10000, 0);
	progress_count(&progress, 5, 10000, 4000);
	expect_line(&progress, "5 of 10,000 blocks (0%), 1.2 blocks/s, "
			       "2 h 13 min to go");
	progress_count(&progress, 5, 1ull << 62, 6000);
	assert_true(progress.rate > 0);
}

static void test_bar_fits_its_columns(void **state)
{
	struct progress progress;
	struct buf out;

	(void)state;
	counted(&progress);
	progress_count(&progress, 5000, 10000, 5000);
	buf_init(&out, 1024);
	progress_bar(&progress, 79, &out);
	assert_int_equal(out.len, 79);
	assert_memory_equal(out.data, "[####", 5);
	assert_non_null(strstr(out.data, "#>"));
	assert_non_null(strstr(out.data, "]  50%  5,000 of 10,000 blocks, "
					 "1,000/s, 5 s to go"));
	for (unsigned columns = 0; columns < 200; columns++) {
		buf_reset(&out);
		progress_bar(&progress, columns, &out);
		assert_true(out.len <= columns);
	}
	buf_free(&out);
}

static void test_a_pipe_gets_a_line_now_and_then(void **state)
{
	struct progress progress;
	char *text = NULL;
	size_t size = 0, lines = 0;
	FILE *out = tmpfile();

	(void)state;
	assert_non_null(out);
	progress_init(&progress, out, "blocks", 0);
	for (uint64_t now = 0; now <= 12000; now += 100)
		progress_update(&progress, now, 20000, now);
	progress_end(&progress, 12000);
	rewind(out);
	while (getline(&text, &size, out) > 0) {
		lines++;
		assert_null(strchr(text, '\r'));
		assert_null(strchr(text, '\033'));
	}
	assert_int_equal(lines, 3); /* at 5 s, at 10 s, at the end */
	free(text);
	fclose(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_first_count_is_no_work),
	    cmocka_unit_test(test_rate_follows_what_happens_lately),
	    cmocka_unit_test(test_the_end_and_beyond),
	    cmocka_unit_test(test_hours_and_slow_rates),
	    cmocka_unit_test(test_bar_fits_its_columns),
	    cmocka_unit_test(test_a_pipe_gets_a_line_now_and_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
