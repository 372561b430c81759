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

/* What goes wrong under a pool, and how it ends. */

/* Ends a backend and waits until it is gone, without turning our loop. */
static void kill_backend(const char *pid)
{
	PGconn *conn = PQconnectdb(getenv("DATABASE_URL"));
	const char *gone = "f";
	PGresult *result;

	assert_int_equal(PQstatus(conn), CONNECTION_OK);
	PQclear(PQexecParams(conn, "select pg_terminate_backend($1::int)", 1,
			     NULL, &pid, NULL, NULL, 0));
	for (int i = 0; i < 2000 && *gone == 'f'; i++) {
		usleep(5000);
		result = PQexecParams(conn,
				      "select not exists (select from "
				      "pg_stat_activity where pid = $1::int)",
				      1, NULL, &pid, NULL, NULL, 0);
		gone = *PQgetvalue(result, 0, 0) == 't' ? "t" : "f";
		PQclear(result);
	}
	assert_string_equal(gone, "t");
	PQfinish(conn);
}

/* The socket has not been looked at since. */
static void test_killed_while_idle(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};

	(void)state;
	open_rig(&rig, one);
	get(&rig, &a);
	(void)text(&a, MY_PID);
	pool_release(&a.request);
	kill_backend(a.text);
	get(&rig, &b);
	assert_string_equal(text(&b, "select 7"), "7");
	assert_int_equal(b.answer, OK);
	close_rig(&rig);
}

static void test_killed_while_lent(void **state)
{
	struct rig rig;
	struct guest a = {.number = 1}, b = {.number = 2};

	(void)state;
	open_rig(&rig, one);
	get(&rig, &a);
	(void)text(&a, MY_PID);
	ask(&rig, &b, DB_TIMEOUT_MS);
	kill_backend(a.text);
	start(&a, "select 1");
	wait_for(&rig, &a.answers);
	assert_int_equal(a.answer, ERR_TRANSPORT);
	assert_int_equal(b.calls, 0);
	pool_release(&a.request);
	wait_for(&rig, &b.calls);
	assert_string_equal(text(&b, "select 7"), "7");
	close_rig(&rig);
}

/* Told to all who wait; and the server is not asked again at once. */
static void test_refused(void **state)
{
	struct rig rig = {.calls = 0};
	struct guest g[5], late = {.number = 9};
	char url[128];
	uint64_t before;

	(void)state;
	memset(g, 0, sizeof(g));
	close(silent_server(url)); /* nobody listens there now */
	db_open(&rig.db);
	open_pool(&rig, url, two);
	for (int i = 0; i < 5; i++)
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	before = uv_hrtime();
	for (int i = 0; i < 5; i++) {
		wait_for(&rig, &g[i].calls);
		assert_int_equal(g[i].err, ERR_TRANSPORT);
		assert_non_null(strstr(g[i].fault.text, "Connection refused"));
		assert_null(strstr(g[i].fault.text, "sesame99"));
	}
	ask(&rig, &late, DB_TIMEOUT_MS);
	wait_for(&rig, &late.calls);
	assert_int_equal(late.err, ERR_TRANSPORT);
	assert_true(uv_hrtime() - before > 200000000);
	close_rig(&rig);
}

/* A server that has no room for more than one: the others wait for that. */
static void test_server_is_full(void **state)
{
	struct rig rig = {.calls = 0};
	struct guest g[3] = {{.number = 0}, {.number = 1}, {.number = 2}};
	char *same = db_url_with("application_name", "pooled");
	char url[1024];

	(void)state;
	snprintf(url, sizeof(url), "%s user='pool_guest' password='knock'",
		 same);
	free(same);
	db_open(&rig.db);
	db_run(&rig.db,
	       "drop role if exists pool_guest; create role pool_guest "
	       "login password 'knock' connection limit 1");
	open_pool(&rig, url, (struct pool_limits){3, 9, 10000, 0});
	for (int i = 0; i < 3; i++)
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	wait_for(&rig, &g[0].calls);
	while (pool_counts(rig.pool).connecting)
		uv_run(&rig.db.loop, UV_RUN_ONCE);
	assert_counts(&rig, 0, 1, 0, 2);
	/* It gets room: the pool finds out by itself. */
	db_run(&rig.db, "alter role pool_guest connection limit 2");
	wait_for(&rig, &g[1].calls);
	pool_release(&g[0].request);
	wait_for(&rig, &g[2].calls);
	for (int i = 0; i < 3; i++)
		assert_int_equal(g[i].err, OK);
	pool_close(rig.pool, NULL, NULL);
	rig.pool = NULL;
	db_await(&rig.db, BACKENDS, "0");
	db_run(&rig.db, "drop role pool_guest");
	close_rig(&rig);
}

static void on_closed(void *arg)
{
	++*(int *)arg;
}

static void test_close_with_everything_under_way(void **state)
{
	struct rig rig;
	struct pool *full;
	struct guest g[6];
	char url[128];
	int closed = 0, fd = silent_server(url);

	(void)state;
	memset(g, 0, sizeof(g));
	open_rig(&rig, (struct pool_limits){3, 9, 10000, 0});
	for (int i = 0; i < 3; i++)
		get(&rig, &g[i]);
	start(&g[0], SLEEP);
	(void)text(&g[1], "begin");
	ask(&rig, &g[3], DB_TIMEOUT_MS);
	db_await(&rig.db, SLEEPERS, "1");
	full = rig.pool;
	open_pool(&rig, url, one);
	ask(&rig, &g[4], DB_TIMEOUT_MS);
	ask(&rig, &g[5], DB_TIMEOUT_MS);
	while (pool_counts(rig.pool).connecting == 0)
		uv_run(&rig.db.loop, UV_RUN_ONCE);
	pool_close(full, on_closed, &closed);
	pool_close(rig.pool, on_closed, &closed);
	assert_int_equal(closed, 0);
	for (int i = 0; i < 6; i++) {
		assert_null(g[i].request.pg);
		pool_release(&g[i].request);
	}
	rig.pool = NULL;
	db_await(&rig.db, BACKENDS, "0");
	assert_int_equal(closed, 2);
	close_rig(&rig);
	for (int i = 3; i < 6; i++)
		assert_int_equal(g[i].calls, 0);
	assert_int_equal(g[0].answers, 0);
	close(fd);
}

static void close_pool(struct guest *guest)
{
	pool_close(guest->rig->pool, NULL, NULL);
	guest->rig->pool = NULL;
}

static void test_close_in_a_callback(void **state)
{
	struct rig rig;
	struct guest g[4];
	char *url = db_url_with("application_name", "pooled");

	(void)state;
	memset(g, 0, sizeof(g));
	open_rig(&rig, one);
	g[0].then = close_pool;
	for (int i = 0; i < 2; i++)
		ask(&rig, &g[i], DB_TIMEOUT_MS);
	wait_for(&rig, &g[0].calls);
	open_pool(&rig, url, one);
	free(url);
	g[2].then = close_pool;
	for (int i = 2; i < 4; i++)
		ask(&rig, &g[i], 0); /* refused, both at the same time */
	wait_for(&rig, &g[2].calls);
	assert_int_equal(g[2].err, ERR_TIMEOUT);
	close_rig(&rig);
	assert_int_equal(g[1].calls + g[3].calls, 0);
}

static void free_owner(struct guest *guest)
{
	guest->rig->db.done = true;
	pool_release(&guest->request);
	free(guest);
}

static void test_owner_freed_in_its_callback(void **state)
{
	struct rig rig;
	struct guest *guest = calloc(1, sizeof(*guest));

	(void)state;
	assert_non_null(guest);
	guest->then = free_owner;
	open_rig(&rig, one);
	ask(&rig, guest, DB_TIMEOUT_MS);
	db_wait(&rig.db);
	assert_counts(&rig, 0, 0, 1, 0);
	close_rig(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_killed_while_idle),
	    cmocka_unit_test(test_killed_while_lent),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_server_is_full),
	    cmocka_unit_test(test_close_with_everything_under_way),
	    cmocka_unit_test(test_close_in_a_callback),
	    cmocka_unit_test(test_owner_freed_in_its_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
