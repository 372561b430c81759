#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/daily.h"
#include "lib_db.h"

/* A database whose account ages only count the calls, and a day's work on the
 * same loop. */
struct bench {
	struct db db;
	struct logger logger;
	char *url;
	struct daily *daily;
	bool closed;
};

static const char counting[] =
    "create table public.calls (at timestamptz);"
    "create or replace function public.gigstream_update_account_ages() "
    "returns bigint language sql security definer as "
    "'insert into public.calls select clock_timestamp() returning 1'";

static void open_bench(struct bench *bench, const char *script)
{
	memset(bench, 0, sizeof(*bench));
	logger_init(&bench->logger, LOG_ERROR, false);
	db_open(&bench->db);
	db_reset(&bench->db);
	db_run(&bench->db, script);
}

/* search_path: where now() is looked up. */
static void start(struct bench *bench, const char *search_path)
{
	char options[128];

	snprintf(options, sizeof(options), "-c search_path=%s", search_path);
	bench->url = db_url_with("options", options);
	bench->daily = daily_new(&bench->db.loop, bench->url, &bench->logger);
	assert_non_null(bench->daily);
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static void stop(struct bench *bench)
{
	daily_close(bench->daily, on_closed, &bench->closed);
	while (!bench->closed)
		uv_run(&bench->db.loop, UV_RUN_ONCE);
}

static void close_bench(struct bench *bench)
{
	db_run(&bench->db, "drop table if exists public.calls;"
			   "drop schema if exists clock cascade");
	db_close(&bench->db);
	free(bench->url);
}

/* Asks, with the loop turning, until the query says "t"; ten seconds. */
static void await(struct bench *bench, const char *query)
{
	uint64_t until = uv_now(&bench->db.loop) + 10000;

	while (strcmp(db_text(&bench->db, query), "t") != 0)
		if (uv_now(&bench->db.loop) > until)
			fail_msg("never true: %s", query);
}

static const char no_connection[] =
    "select count(*) = 0 from pg_stat_activity "
    "where datname = current_database() and pid <> pg_backend_pid()";

static void test_at_the_start_and_then_not_for_long(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench, counting);
	start(&bench, "pg_catalog");
	await(&bench, "select count(*) = 1 from public.calls");
	await(&bench, no_connection);
	stop(&bench);
	assert_db(&bench.db, "select count(*) from public.calls", "1");
	close_bench(&bench);
}

/* For who asks now(), it is always 50 ms before midnight. */
static void test_again_at_midnight(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench, counting);
	db_run(&bench.db,
	       "create schema clock; create function clock.now() returns "
	       "timestamptz language sql as "
	       "'select timestamptz ''2031-01-01 23:59:59.95+00'''");
	start(&bench, "clock,pg_catalog");
	await(&bench, "select count(*) >= 4 from public.calls");
	stop(&bench);
	assert_db(&bench.db,
		  "select bool_and(pause >= interval '50 ms') from (select at "
		  "- lag(at) over (order by at) as pause from public.calls) p",
		  "t");
	close_bench(&bench);
}

static void test_a_failure_is_tried_again(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench,
		   "create sequence public.tries;"
		   "create or replace function "
		   "public.gigstream_update_account_ages() returns bigint "
		   "language plpgsql as 'begin if nextval(''public.tries'') "
		   "< 3 then raise ''not yet''; end if; return null; end'");
	start(&bench, "pg_catalog");
	await(&bench, "select last_value = 3 from public.tries");
	await(&bench, no_connection);
	stop(&bench);
	assert_db(&bench.db, "select last_value from public.tries", "3");
	db_run(&bench.db, "drop sequence public.tries");
	close_bench(&bench);
}

/* A server that hangs up on everybody, and counts them. */
struct door {
	uv_tcp_t listener;
	size_t n;
};

static void on_hung_up(uv_handle_t *handle)
{
	free(handle);
}

static void on_knock(uv_stream_t *listener, int status)
{
	struct door *door = listener->data;
	uv_tcp_t *guest = malloc(sizeof(*guest));

	assert_int_equal(status, 0);
	assert_non_null(guest);
	assert_int_equal(uv_tcp_init(listener->loop, guest), 0);
	assert_int_equal(uv_accept(listener, (uv_stream_t *)guest), 0);
	uv_close((uv_handle_t *)guest, on_hung_up);
	door->n++;
}

/* Returns the door's port. */
static int open_door(struct door *door, uv_loop_t *loop)
{
	struct sockaddr_in at;
	int len = sizeof(at);

	memset(door, 0, sizeof(*door));
	assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &at), 0);
	assert_int_equal(uv_tcp_init(loop, &door->listener), 0);
	door->listener.data = door;
	assert_int_equal(
	    uv_tcp_bind(&door->listener, (const struct sockaddr *)&at, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&door->listener, 8, on_knock),
			 0);
	assert_int_equal(
	    uv_tcp_getsockname(&door->listener, (struct sockaddr *)&at, &len),
	    0);
	return ntohs(at.sin_port);
}

static void test_nobody_there_is_tried_again(void **state)
{
	struct bench bench;
	struct door door;
	uint64_t until;
	char url[128];

	(void)state;
	open_bench(&bench, "select");
	snprintf(url, sizeof(url),
		 "postgresql://127.0.0.1:%d/x?sslmode=disable",
		 open_door(&door, &bench.db.loop));
	bench.daily = daily_new(&bench.db.loop, url, &bench.logger);
	assert_non_null(bench.daily);
	until = uv_now(&bench.db.loop) + 10000;
	while (door.n < 2 && uv_now(&bench.db.loop) < until)
		assert_db(&bench.db, "select 1", "1"); /* turns the loop */
	assert_int_equal(door.n, 2);
	stop(&bench);
	uv_close((uv_handle_t *)&door.listener, NULL);
	close_bench(&bench);
}

/* It ends at once, and the statement with it. */
static void test_closed_in_the_middle(void **state)
{
	static const char asleep[] =
	    "select count(*) = 1 from pg_stat_activity where state = 'active' "
	    "and datname = current_database() and wait_event = 'PgSleep'";
	struct bench bench;

	(void)state;
	open_bench(&bench, "create or replace function "
			   "public.gigstream_update_account_ages() returns "
			   "bigint language sql as "
			   "'select 1::bigint from pg_sleep(60)'");
	start(&bench, "pg_catalog");
	await(&bench, asleep);
	stop(&bench);
	await(&bench, no_connection);
	close_bench(&bench);
}

static void test_closed_at_once(void **state)
{
	struct bench bench;

	(void)state;
	open_bench(&bench, counting);
	start(&bench, "pg_catalog");
	stop(&bench);
	assert_db(&bench.db, "select count(*) from public.calls", "0");
	free(bench.url);
	bench.closed = false;
	start(&bench, "pg_catalog");
	uv_run(&bench.db.loop, UV_RUN_ONCE); /* resolving, or connecting */
	stop(&bench);
	close_bench(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_at_the_start_and_then_not_for_long),
	    cmocka_unit_test(test_again_at_midnight),
	    cmocka_unit_test(test_a_failure_is_tried_again),
	    cmocka_unit_test(test_nobody_there_is_tried_again),
	    cmocka_unit_test(test_closed_in_the_middle),
	    cmocka_unit_test(test_closed_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
