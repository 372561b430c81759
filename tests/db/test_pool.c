#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib_pool.h"

static void test_lends_again(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};
	char pid[64];

	(void)state;
	open_rig(&rig, two);
	assert_counts(&rig, 0, 0, 0, 0);
	get(&rig, &a);
	assert_int_equal(pool_acquire(rig.pool, &a.request, 1, on_lent, &a),
			 ERR_BUSY);
	snprintf(pid, sizeof(pid), "%s", text(&a, MY_PID));
	assert_counts(&rig, 0, 1, 0, 0);
	pool_release(&a.request);
	pool_release(&a.request);
	assert_counts(&rig, 0, 0, 1, 0);
	get(&rig, &b);
	assert_string_equal(text(&b, MY_PID), pid);
	pool_release(&b.request);
	assert_db(&rig.db, BACKENDS, "1");
	close_rig(&rig);
}

/* So that those not needed grow old and go. */
static void test_lends_what_was_used_last(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2}, c = {.number = 3};
	uint64_t now;

	(void)state;
	open_rig(&rig, two);
	get(&rig, &a);
	get(&rig, &b);
	pool_release(&b.request);
	for (now = uv_now(&rig.db.loop); uv_now(&rig.db.loop) == now;)
		uv_update_time(&rig.db.loop);
	pool_release(&a.request);
	get(&rig, &c);
	assert_ptr_equal(c.pg, a.pg);
	close_rig(&rig);
}

static void test_idle_ones_go(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};

	(void)state;
	open_rig(&rig, (struct pool_limits){2, 0, 10000, 50});
	get(&rig, &a);
	get(&rig, &b);
	assert_db(&rig.db, BACKENDS, "2");
	pool_release(&a.request);
	pool_release(&b.request);
	assert_counts(&rig, 0, 0, 2, 0);
	while (pool_counts(rig.pool).idle)
		uv_run(&rig.db.loop, UV_RUN_ONCE);
	db_await(&rig.db, BACKENDS, "0");
	a.calls = 0;
	get(&rig, &a);
	pool_release(&a.request);
	close_rig(&rig);
}

static void test_limit_of_connections(void **state)
{
	struct rig rig;
	struct guest g[3] = {{.number = 0}, {.number = 1}, {.number = 2}};

	(void)state;
	open_rig(&rig, two);
	get(&rig, &g[0]);
	get(&rig, &g[1]);
	ask(&rig, &g[2], DB_TIMEOUT_MS);
	assert_db(&rig.db, BACKENDS, "2");
	assert_int_equal(g[2].calls, 0);
	assert_counts(&rig, 0, 2, 0, 1);
	pool_release(&g[1].request);
	assert_int_equal(g[2].calls, 0);
	wait_for(&rig, &g[2].calls);
	assert_ptr_equal(g[2].pg, g[1].pg);
	assert_db(&rig.db, BACKENDS, "2");
	close_rig(&rig);
}

static void test_limit_of_waiting(void **state)
{
	struct rig rig;
	struct guest g[5] = {{.number = 0}};

	(void)state;
	open_rig(&rig, (struct pool_limits){1, 2, 10000, 0});
	for (int i = 0; i < 3; i++)
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	assert_int_equal(pool_acquire(rig.pool, &g[3].request, DB_TIMEOUT_MS,
				      on_lent, &g[3]),
			 ERR_LIMIT);
	wait_for(&rig, &g[0].calls);
	assert_int_equal(pool_acquire(rig.pool, &g[3].request, DB_TIMEOUT_MS,
				      on_lent, &g[3]),
			 ERR_LIMIT);
	pool_release(&g[0].request);
	ask(&rig, &g[4], DB_TIMEOUT_MS);
	wait_for(&rig, &g[1].calls);
	pool_release(&g[1].request);
	wait_for(&rig, &g[2].calls);
	pool_release(&g[2].request);
	wait_for(&rig, &g[4].calls);
	assert_int_equal(g[3].calls, 0);
	close_rig(&rig);
}

static void release(struct guest *guest)
{
	pool_release(&guest->request);
}

static void test_first_come_first_served(void **state)
{
	struct rig rig;
	struct guest g[20];

	(void)state;
	open_rig(&rig, one);
	memset(g, 0, sizeof(g));
	for (int i = 0; i < 20; i++) {
		g[i].number = i;
		g[i].then = release;
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	}
	pool_release(&g[0].request);
	pool_release(&g[7].request);
	pool_release(&g[19].request);
	wait_for(&rig, &g[18].calls);
	assert_int_equal(rig.calls, 17);
	for (int i = 1, at = 0; i < 19; i++)
		if (i != 7)
			assert_int_equal(rig.order[at++], i);
	assert_counts(&rig, 0, 0, 1, 0);
	close_rig(&rig);
}

static void test_deadline_while_waiting(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2}, c = {.number = 3};
	struct guest later = {.number = 4};

	(void)state;
	open_rig(&rig, one);
	get(&rig, &a);
	ask(&rig, &c, DB_TIMEOUT_MS);
	ask(&rig, &later, 60);
	ask(&rig, &b, 30);
	wait_for(&rig, &b.calls);
	assert_int_equal(later.calls, 0);
	wait_for(&rig, &later.calls);
	assert_int_equal(later.err, ERR_TIMEOUT);
	assert_int_equal(b.err, ERR_TIMEOUT);
	assert_string_equal(b.fault.text,
			    "no connection to the database was free in time: "
			    "1 of at most 1 are in use");
	assert_int_equal(c.calls, 0);
	pool_release(&b.request);
	pool_release(&a.request);
	wait_for(&rig, &c.calls);
	assert_int_equal(c.err, OK);
	close_rig(&rig);
}

static void test_deadline_while_connecting(void **state)
{
	struct rig rig = {.calls = 0};
	struct guest a = {.number = 1}, b = {.number = 2};
	char url[128];
	int fd = silent_server(url);

	(void)state;
	db_open(&rig.db);
	open_pool(&rig, url, (struct pool_limits){2, 9, 200, 0});
	ask(&rig, &a, 30);
	ask(&rig, &b, DB_TIMEOUT_MS);
	wait_for(&rig, &a.calls);
	assert_int_equal(a.err, ERR_TIMEOUT);
	assert_non_null(strstr(a.fault.text, "is it reachable"));
	assert_counts(&rig, 2, 0, 0, 1);
	wait_for(&rig, &b.calls); /* the deadline of the connecting itself */
	assert_int_equal(b.err, ERR_TIMEOUT);
	assert_counts(&rig, 0, 0, 0, 0);
	close_rig(&rig);
	close(fd);
}

static void test_cancel_while_connecting(void **state)
{
	struct rig rig = {.calls = 0};
	struct guest a = {.number = 1}, b = {.number = 2};
	char url[128];
	int fd = silent_server(url);

	(void)state;
	db_open(&rig.db);
	open_pool(&rig, url, two);
	ask(&rig, &a, DB_TIMEOUT_MS);
	pool_release(&a.request); /* before anything was done for it */
	uv_run(&rig.db.loop, UV_RUN_NOWAIT);
	assert_counts(&rig, 0, 0, 0, 0);
	ask(&rig, &b, DB_TIMEOUT_MS);
	while (pool_counts(rig.pool).connecting == 0)
		uv_run(&rig.db.loop, UV_RUN_ONCE);
	pool_release(&b.request);
	uv_run(&rig.db.loop, UV_RUN_NOWAIT);
	assert_counts(&rig, 1, 0, 0, 0);
	close_rig(&rig);
	close(fd);
	assert_int_equal(rig.calls, 0);
}

/* Given back busy: cancelled at the server, and another is made. */
static void test_cancel_while_working(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};

	(void)state;
	open_rig(&rig, one);
	get(&rig, &a);
	start(&a, SLEEP);
	ask(&rig, &b, DB_TIMEOUT_MS);
	db_await(&rig.db, SLEEPERS, "1");
	pool_release(&a.request);
	wait_for(&rig, &b.calls);
	assert_int_equal(b.err, OK);
	db_await(&rig.db, SLEEPERS, "0");
	db_await(&rig.db, BACKENDS, "1");
	assert_int_equal(a.answers, 0);
	assert_string_equal(text(&b, "select 7"), "7");
	close_rig(&rig);
}

/* Who gets it next gets the same connection, clean. */
static void given_back_within(const char *statement, enum err answer)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};
	char pid[64];

	open_rig(&rig, one);
	get(&rig, &a);
	snprintf(pid, sizeof(pid), "%s", text(&a, MY_PID));
	(void)text(&a, "begin");
	(void)text(&a, "create table public.half_done (x int)");
	(void)text(&a, statement);
	assert_int_equal(a.answer, answer);
	pool_release(&a.request);
	assert_counts(&rig, 0, 0, 1, 0);
	get(&rig, &b);
	assert_false(pg_in_transaction(b.pg));
	assert_string_equal(text(&b, MY_PID), pid);
	assert_string_equal(
	    text(&b, "select to_regclass('public.half_done') is null"), "t");
	close_rig(&rig);
}

static void test_given_back_in_a_transaction(void **state)
{
	(void)state;
	given_back_within("select 1", OK);
}

static void test_given_back_in_a_failed_transaction(void **state)
{
	(void)state;
	given_back_within("select 1/0", ERR_DATABASE);
}

static void on_last_answer(void *arg, enum err err, const struct fault *fault,
			   PGresult *const *results, size_t n)
{
	struct guest *guest = arg;

	on_answer(arg, err, fault, results, n);
	pool_release(&guest->request);
}

static void work(struct guest *guest)
{
	const struct pg_statement s = {.sql = MY_PID};

	assert_int_equal(guest->err, OK);
	assert_int_equal(pg_round_trip(guest->pg, &s, 1, DB_TIMEOUT_MS,
				       on_last_answer, guest),
			 OK);
}

static void test_500_requests_over_5_connections(void **state)
{
	static struct guest g[500];
	struct rig rig;
	char pids[5][64] = {""};

	(void)state;
	memset(g, 0, sizeof(g));
	open_rig(&rig, (struct pool_limits){5, 495, 10000, 0});
	for (int i = 0; i < 500; i++) {
		g[i].number = i;
		g[i].then = work;
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	}
	for (int i = 0; i < 500; i++) {
		int known = 0;

		wait_for(&rig, &g[i].answers);
		assert_int_equal(g[i].answer, OK);
		assert_int_equal(rig.order[i], i);
		while (known < 5 && *pids[known] &&
		       strcmp(pids[known], g[i].text) != 0)
			known++;
		assert_true(known < 5);
		memcpy(pids[known], g[i].text, sizeof(g[i].text));
	}
	assert_counts(&rig, 0, 0, 5, 0);
	close_rig(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lends_again),
	    cmocka_unit_test(test_lends_what_was_used_last),
	    cmocka_unit_test(test_idle_ones_go),
	    cmocka_unit_test(test_limit_of_connections),
	    cmocka_unit_test(test_limit_of_waiting),
	    cmocka_unit_test(test_first_come_first_served),
	    cmocka_unit_test(test_deadline_while_waiting),
	    cmocka_unit_test(test_deadline_while_connecting),
	    cmocka_unit_test(test_cancel_while_connecting),
	    cmocka_unit_test(test_cancel_while_working),
	    cmocka_unit_test(test_given_back_in_a_transaction),
	    cmocka_unit_test(test_given_back_in_a_failed_transaction),
	    cmocka_unit_test(test_500_requests_over_5_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
