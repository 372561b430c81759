#include "daemon/serve/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_CAP (4u << 20)

static char *page_of(const struct metrics *metrics)
{
	struct buf out;
	char *page;

	buf_init(&out, PAGE_CAP);
	metrics_render(metrics, &out);
	assert_int_equal(out.err, OK);
	page = strdup(out.data);
	assert_non_null(page);
	buf_free(&out);
	return page;
}

static void expect(const struct metrics *metrics, const char *line, bool there)
{
	char *page = page_of(metrics), *found = NULL, *save = NULL;

	for (char *l = strtok_r(page, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save))
		if (strcmp(l, line) == 0)
			found = l;
	if (!!found != there)
		fail_msg("%s: %s", there ? "missing" : "unexpected", line);
	free(page);
}

static struct metrics *filled(void)
{
	const char *event[] = {"Transfer"};
	const char *endpoint[] = {"rpc.example"};
	const char *request[] = {"rpc.example", "eth_getLogs", "ok"};
	const char *transaction[] = {"payout", "submitted"};
	const char *status[] = {"active"};
	struct metrics *metrics = metrics_new();

	assert_non_null(metrics);
	metrics_set(metrics, METRIC_HEAD_BLOCK, NULL, 21000000);
	metrics_set(metrics, METRIC_FINALIZED_BLOCK, NULL, 20999936);
	metrics_set(metrics, METRIC_INDEXED_BLOCK, NULL, 21000000);
	metrics_set(metrics, METRIC_LAG_SECONDS, NULL, 0.25);
	metrics_add(metrics, METRIC_LOGS, event, 3);
	metrics_add(metrics, METRIC_REORGS, NULL, 1);
	metrics_observe(metrics, METRIC_REORG_DEPTH, 2);
	metrics_add(metrics, METRIC_INCOMPLETE_RESPONSES, endpoint, 1);
	metrics_add(metrics, METRIC_RPC_REQUESTS, request, 1);
	metrics_observe(metrics, METRIC_RPC_SECONDS, 0.012);
	metrics_observe(metrics, METRIC_COMMIT_SECONDS, 0.003);
	metrics_observe(metrics, METRIC_BLOCK_TO_COMMIT_SECONDS, 1.5);
	metrics_add(metrics, METRIC_TRANSACTIONS, transaction, 1);
	metrics_set(metrics, METRIC_STREAMS, status, 4);
	metrics_set(metrics, METRIC_QUARANTINED, NULL, 0);
	metrics_add(metrics, METRIC_BACKFILL_BLOCKS, NULL, 12);
	return metrics;
}

static void test_counters_and_gauges(void **state)
{
	const char *request[] = {"a", "b", "ok"};
	struct metrics *metrics = filled();

	(void)state;
	metrics_add(metrics, METRIC_RPC_REQUESTS, request, 1);
	metrics_add(metrics, METRIC_RPC_REQUESTS, request, 2);
	metrics_set(metrics, METRIC_HEAD_BLOCK, NULL, 21000001);
	expect(metrics,
	       "gigstream_rpc_requests_total{endpoint=\"a\",method=\"b\","
	       "outcome=\"ok\"} 3",
	       true);
	expect(metrics, "gigstream_head_block 21000001", true);
	expect(metrics, "gigstream_head_block 21000000", false);
	expect(metrics, "gigstream_lag_seconds 0.25", true);
	expect(metrics,
	       "gigstream_build_info{version=\"" GIGSTREAM_VERSION "\"} 1",
	       true);
	metrics_free(metrics);
}

static void test_what_nobody_set(void **state)
{
	struct metrics *metrics = metrics_new();
	char *page = page_of(metrics);

	(void)state;
	/* A gauge is absent: 0 would be a lie. A counter begins at 0. */
	assert_null(strstr(page, "gigstream_head_block"));
	assert_null(strstr(page, "gigstream_quarantined"));
	free(page);
	expect(metrics, "gigstream_reorgs_total 0", true);
	expect(metrics, "gigstream_commit_seconds_count 0", true);
	metrics_free(metrics);
}

static void test_histogram(void **state)
{
	struct metrics *metrics = metrics_new();

	(void)state;
	metrics_observe(metrics, METRIC_REORG_DEPTH, 1);
	metrics_observe(metrics, METRIC_REORG_DEPTH, 3);
	metrics_observe(metrics, METRIC_REORG_DEPTH, 1000);
	metrics_observe(metrics, METRIC_REORG_DEPTH, NAN);
	expect(metrics, "gigstream_reorg_depth_bucket{le=\"1\"} 1", true);
	expect(metrics, "gigstream_reorg_depth_bucket{le=\"2\"} 1", true);
	expect(metrics, "gigstream_reorg_depth_bucket{le=\"3\"} 2", true);
	expect(metrics, "gigstream_reorg_depth_bucket{le=\"256\"} 2", true);
	expect(metrics, "gigstream_reorg_depth_bucket{le=\"+Inf\"} 3", true);
	expect(metrics, "gigstream_reorg_depth_sum 1004", true);
	expect(metrics, "gigstream_reorg_depth_count 3", true);
	metrics_free(metrics);
}

static void test_label_values_are_escaped(void **state)
{
	const char *endpoint[] = {"a\"b\\c\nd"};
	struct metrics *metrics = metrics_new();

	(void)state;
	metrics_add(metrics, METRIC_INCOMPLETE_RESPONSES, endpoint, 1);
	expect(metrics,
	       "gigstream_incomplete_responses_total{endpoint="
	       "\"a\\\"b\\\\c\\nd\"} 1",
	       true);
	metrics_free(metrics);
}

static void test_labels_gone_wild_are_capped(void **state)
{
	struct metrics *metrics = metrics_new();
	char name[16];
	const char *label[] = {name};
	size_t series = 0;
	char *page;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "e%d", i);
		metrics_add(metrics, METRIC_LOGS, label, 1);
	}
	page = page_of(metrics);
	for (char *at = page; (at = strstr(at, "logs_total{")); at++)
		series++;
	free(page);
	assert_int_equal(series, 512);
	metrics_free(metrics);
}

static void test_process_metrics(void **state)
{
	static const char *const names[] = {
	    "process_cpu_seconds_total",
	    "process_resident_memory_bytes",
	    "process_virtual_memory_bytes",
	    "process_open_fds",
	    "process_max_fds",
	    "process_start_time_seconds",
	};
	struct metrics *metrics = metrics_new();
	char *page = page_of(metrics);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char line[64];
		const char *at;
		double value;

		snprintf(line, sizeof(line), "\n%s ", names[i]);
		at = strstr(page, line);
		assert_non_null(at);
		assert_int_equal(sscanf(at + strlen(line), "%lf", &value), 1);
		if (i > 0)
			assert_true(value > 0);
	}
	free(page);
	metrics_free(metrics);
}

static void test_promtool_has_no_complaint(void **state)
{
	struct metrics *metrics = filled();
	char *page;
	FILE *promtool;

	(void)state;
	if (system("command -v promtool >/dev/null") != 0) {
		puts("skipped: promtool is not installed");
		metrics_free(metrics);
		skip();
	}
	page = page_of(metrics);
	promtool = popen("out=$(promtool check metrics 2>&1) && "
			 "[ -z \"$out\" ] || { echo \"$out\"; exit 1; }",
			 "w");
	assert_non_null(promtool);
	assert_int_not_equal(fputs(page, promtool), EOF);
	assert_int_equal(pclose(promtool), 0);
	free(page);
	metrics_free(metrics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counters_and_gauges),
	    cmocka_unit_test(test_what_nobody_set),
	    cmocka_unit_test(test_histogram),
	    cmocka_unit_test(test_label_values_are_escaped),
	    cmocka_unit_test(test_labels_gone_wild_are_capped),
	    cmocka_unit_test(test_process_metrics),
	    cmocka_unit_test(test_promtool_has_no_complaint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
