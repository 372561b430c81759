#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_lies.h"

/* The head, and with it a block ahead of its being known. */

#define BLOCKS 12
#define FOR_EVER 1000

static const struct made_plan busy = {.transfers = 2, .others = 3};
static uv_loop_t loop;
static struct rig *rig;

static int setup(void **state)
{
	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	rig = rig_new(&loop, BLOCKS, &busy);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_free(rig);
	loop_end(&loop);
	return 0;
}

static void next_is(uint64_t number, bool had)
{
	rig_next(rig, number);
	assert_int_equal(rig_wait(rig), OK);
	assert_true(rig->head.latest.number == BLOCKS - 1);
	if (had)
		rig_check_span(rig, number, number);
	else
		assert_null(rig->span);
}

static void it_comes_in_one_request(void **state)
{
	(void)state;
	rig_start(rig);
	next_is(BLOCKS - 1, true);
	next_is(BLOCKS - 2, true);
	assert_int_equal(node_requests(rig->node), 2);
}

static void it_is_not_there_yet(void **state)
{
	(void)state;
	rig_start(rig);
	next_is(BLOCKS, false);
	next_is(BLOCKS + 5, false);
	assert_int_equal(rig->incomplete, 0);
}

static void without_finality(void **state)
{
	(void)state;
	rig->config.chain.finalized_tag = false;
	rig_start(rig);
	next_is(BLOCKS - 1, true);
	assert_false(rig->head.has_finalized);
}

/* What does not prove is left to the usual way; the head counts all the same. */
static void lies(void **state)
{
	bool (*const calls[])(struct rig *, const char *, const struct json *,
			      struct buf *) = {
	    lie_receipt_left_out, lie_receipt_changed, lie_no_receipts,
	    lie_null_receipts,	  lie_unknown_method,  lie_other_transactions,
	};

	(void)state;
	rig_start(rig);
	rig->most = FOR_EVER;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		rig->call = calls[i];
		next_is(BLOCKS - 1, false);
	}
	rig->call = NULL;
	next_is(BLOCKS - 1, true);
}

static void other_modes_do_not_ask(void **state)
{
	(void)state;
	rig->config.chain.verify = VERIFY_BLOOM;
	rig_start(rig);
	next_is(BLOCKS - 1, false);
}

static void where_few_calls_are_granted(void **state)
{
	(void)state;
	rig->endpoints[0].max_per_second = 10;
	rig_start(rig);
	next_is(BLOCKS - 1, false);
}

static void it_can_be_cancelled(void **state)
{
	(void)state;
	rig_start(rig);
	rig_next(rig, BLOCKS - 1);
	rig_cancel(rig);
	next_is(BLOCKS - 1, true);
	assert_int_equal(rig->answers, 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	    TEST(it_comes_in_one_request), TEST(it_is_not_there_yet),
	    TEST(without_finality),	   TEST(lies),
	    TEST(other_modes_do_not_ask),  TEST(where_few_calls_are_granted),
	    TEST(it_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
