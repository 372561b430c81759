#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "chain/estimate.h"
#include "daemon/command/cost.h"
#include "tests/unit/lib_rig.h"

/* What a range will cost, from a sample of it. */

static const struct made_plan busy = {.transfers = 2, .others = 1};
static const struct made_plan quiet = {.others = 2};

static const struct estimate_sample sparse = {
    .blocks = 32,
    .header_bytes = 32 * 1000,
    .log_bytes = 32 * 10,
    .requests = 8,
    .seconds = 0.8,
    .quickest = 0.1,
    .all_bytes = 32 * 1010,
    .header_batch = 50,
    .body_batch = 8,
    .log_blocks = 2000,
};

static struct estimate_sample dense_sample(void)
{
	struct estimate_sample s = sparse;

	s.concerned = s.with_logs = 32;
	s.bodies = 4;
	s.body_bytes = 4 * 100000;
	s.all_bytes += s.body_bytes;
	return s;
}

static void near(double value, double wanted)
{
	if (value < wanted * 0.999 || value > wanted * 1.001)
		fail_msg("%f is not %f", value, wanted);
}

/* Nothing concerns us: receipts are never asked for. */
static void of_a_sparse_chain(void **state)
{
	struct estimate receipts =
	    estimate_of(VERIFY_RECEIPTS, &sparse, 102400);
	struct estimate bloom = estimate_of(VERIFY_BLOOM, &sparse, 102400);
	struct estimate off = estimate_of(VERIFY_OFF, &sparse, 102400);

	(void)state;
	assert_true(receipts.known && bloom.known && off.known);
	near(receipts.requests, 2048);
	near(receipts.bytes, 102400000);
	near(receipts.seconds, 51.2);
	near(bloom.requests, 2148);
	near(off.requests, 100);
	near(off.bytes, 1024000);
}

static void of_a_dense_chain(void **state)
{
	const struct estimate_sample s = dense_sample();
	struct estimate receipts = estimate_of(VERIFY_RECEIPTS, &s, 102400);
	struct estimate bloom = estimate_of(VERIFY_BLOOM, &s, 102400);

	(void)state;
	near(receipts.requests, 2048 + 12800);
	near(receipts.bytes, 102400.0 * (1000 + 100000));
	near(bloom.requests, 2148);
	near(bloom.bytes, 102400.0 * (1000 + 10));
}

/* What the bloom cannot exclude is paid for twice. */
static void of_false_positives(void **state)
{
	struct estimate_sample s = dense_sample();
	struct estimate bloom;

	(void)state;
	s.with_logs = 0;
	bloom = estimate_of(VERIFY_BLOOM, &s, 102400);
	near(bloom.bytes, 102400.0 * (2000 + 10 + 100000));
}

static void of_a_node_without_receipts(void **state)
{
	struct estimate_sample s = dense_sample();

	(void)state;
	s.bodies = 0;
	s.body_bytes = 0;
	assert_false(estimate_of(VERIFY_RECEIPTS, &s, 1000).known);
	assert_true(estimate_of(VERIFY_BLOOM, &s, 1000).known);
}

/* What carrying costs beside asking. */
static void time_grows_with_bytes(void **state)
{
	struct estimate_sample s = dense_sample();
	struct estimate quick = estimate_of(VERIFY_RECEIPTS, &s, 1000);

	(void)state;
	s.seconds += (double)s.all_bytes / 1e6; /* a megabyte a second */
	near(estimate_of(VERIFY_RECEIPTS, &s, 1000).seconds - quick.seconds,
	     quick.bytes / 1e6 / 4);
}

static void is_said(void **state)
{
	struct cost cost = {.known = true, .blocks = 102400};
	const struct estimate_sample s = dense_sample();
	struct buf text;

	(void)state;
	for (int mode = VERIFY_RECEIPTS; mode <= VERIFY_OFF; mode++)
		cost.modes[mode] =
		    estimate_of((enum verify_mode)mode, &s, cost.blocks);
	buf_init(&text, 1024);
	cost_line(&cost, VERIFY_BLOOM, &text);
	assert_string_equal(
	    text.data, "102,400 blocks cost the node about, if none is covered:"
		       " receipts 14,848 requests, 10.3 GB, 6 min 12 s;"
		       " bloom (as configured) 2,148 requests, 103.4 MB, 54 s;"
		       " off 2,148 requests, 103.4 MB, 54 s");
	buf_reset(&text);
	cost.modes[VERIFY_RECEIPTS].known = false;
	cost_json(&cost, &text);
	assert_memory_equal(text.data,
			    "{\"blocks\":102400,\"receipts\":null,\"bloom\":{"
			    "\"requests\":2148,\"bytes\":103424000,",
			    60);
	buf_free(&text);
}

static struct estimate_sample sampled;

static void on_sample(void *arg, enum err err, const struct fault *fault,
		      const struct estimate_sample *sample)
{
	struct rig *rig = arg;

	rig->done = true;
	rig->err = err;
	rig->fault = *fault;
	if (err == OK)
		sampled = *sample;
}

/* Half of the chain is ours. */
static void is_sampled(void **state)
{
	struct source_request *request;
	struct rig *rig;
	uv_loop_t loop;

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	rig = rig_new(&loop, 100, &quiet);
	made_add_many(rig->chain, 100, &busy);
	rig_start(rig);
	assert_int_equal(
	    source_sample(rig->source, 0, 199, on_sample, rig, &request), OK);
	assert_int_equal(rig_wait(rig), OK);
	assert_int_equal(sampled.blocks, 32);
	assert_int_equal(sampled.concerned, 16);
	assert_int_equal(sampled.with_logs, 16);
	assert_int_equal(sampled.bodies, 2);
	assert_int_equal(sampled.requests, 10);
	assert_int_equal(node_requests(rig->node), 10);
	assert_int_equal(sampled.all_bytes, sampled.header_bytes +
						sampled.log_bytes +
						sampled.body_bytes);
	assert_true(sampled.quickest * 10 <= sampled.seconds);
	rig_free(rig);
	loop_end(&loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(of_a_sparse_chain),
	    cmocka_unit_test(of_a_dense_chain),
	    cmocka_unit_test(of_false_positives),
	    cmocka_unit_test(of_a_node_without_receipts),
	    cmocka_unit_test(time_grows_with_bytes),
	    cmocka_unit_test(is_said),
	    cmocka_unit_test(is_sampled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
