#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_lies.h"

/* Endpoints that are down, and questions that end before their answer. */

#define BLOCKS 12

static const struct made_plan busy = {.transfers = 2, .others = 1};
static uv_loop_t loop;

static int setup(void **state)
{
	(void)state;
	return uv_loop_init(&loop);
}

static int teardown(void **state)
{
	(void)state;
	loop_end(&loop);
	return 0;
}

static struct rig *rig_of(enum verify_mode mode)
{
	struct rig *rig = rig_new(&loop, BLOCKS, &busy);

	rig->config.chain.verify = mode;
	rig_start(rig);
	return rig;
}

/* The first endpoint is down, the second answers. */
static void other_endpoint(void **state)
{
	struct rig *rig = rig_new(&loop, BLOCKS, &busy);
	uint64_t start;

	(void)state;
	rig->endpoints[1].url = rig->endpoints[0].url;
	rig->endpoints[0].url = strdup("http://127.0.0.1:1/secretkey");
	rig->config.chain.n_rpc = 2;
	rig_start(rig);
	start = uv_hrtime();
	rig_head(rig);
	assert_int_equal(rig_wait(rig), OK);
	rig_span(rig, 0, 11);
	assert_int_equal(rig_wait(rig), OK);
	rig_check_span(rig, 0, 11);
	assert_int_equal(rig->failed_requests, 1);
	assert_true(uv_hrtime() - start < 1000000000u);
	rig_free(rig);
}

static void node_down(void **state)
{
	struct rig *rig = rig_new(&loop, 1, &busy);

	(void)state;
	node_close(rig->node);
	rig->node = NULL;
	(void)uv_run(&loop, UV_RUN_NOWAIT);
	rig_start(rig);
	rig_head(rig);
	assert_int_equal(rig_wait(rig), ERR_TRANSPORT);
	assert_non_null(strstr(rig->fault.text, "refused"));
	rig_free(rig);
}

static void start_any(struct rig *rig, unsigned kind)
{
	static struct address wallet;

	switch (kind % 4) {
	case 0:
		rig_span(rig, 0, 11);
		return;
	case 1:
		rig_span(rig, 11, 11);
		return;
	case 2:
		rig_head(rig);
		return;
	default:
		rig_blocks(rig, &wallet, 1, 0, 11);
	}
}

static void turn(unsigned times)
{
	while (times-- > 0)
		(void)uv_run(&loop, UV_RUN_NOWAIT);
}

static void cancel_any_time(void **state)
{
	struct rig *rig = rig_of(VERIFY_RECEIPTS);

	(void)state;
	for (unsigned i = 0; i < 96; i++) {
		unsigned answers;

		rig->done = false;
		rig->reply = i % 3 ? NULL : lie_half;
		rig->most = 1000;
		start_any(rig, i);
		turn(i / 4);
		answers = rig->answers;
		if (rig->request)
			rig_cancel(rig);
		turn(10);
		assert_int_equal(rig->answers, answers);
	}
	rig->reply = NULL;
	rig_close_source(rig); /* a new one has no memory of failures */
	rig_start(rig);
	rig_span(rig, 0, 11);
	assert_int_equal(rig_wait(rig), OK);
	rig_free(rig);
}

static void close_any_time(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 48; i++) {
		struct rig *rig =
		    rig_of(i % 8 < 4 ? VERIFY_RECEIPTS : VERIFY_OFF);
		unsigned answers;

		start_any(rig, i);
		turn(i / 4);
		answers = rig->answers;
		rig_close_source(rig);
		assert_int_equal(rig->answers, answers);
		rig_free(rig);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(other_endpoint),
	    TEST(node_down),
	    TEST(cancel_any_time),
	    TEST(close_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
