#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib_tx.h"

#define COUNT "select count(*) from public.tx_rows"
#define INSERT "insert into public.tx_rows values ($1::int) returning x + 100"

static void open_with_table(struct teller *t, size_t connections)
{
	teller_open(t, connections);
	db_run(&t->db, "drop table if exists public.tx_rows; "
		       "create table public.tx_rows (x int, constraint "
		       "tx_rows_key unique (x) deferrable initially deferred, "
		       "constraint tx_rows_x_check check (x >= 0))");
}

static void close_with_table(struct teller *t)
{
	db_run(&t->db, "drop table public.tx_rows");
	teller_close(t);
}

static void add(struct teller *t, int64_t x)
{
	sql_add(&t->tx.sql, INSERT);
	sql_put_i64(&t->tx.sql, x);
}

static void assert_pool(struct teller *t, size_t lent, size_t idle)
{
	struct pool_counts counts = pool_counts(t->pool);

	assert_int_equal(counts.lent, lent);
	assert_int_equal(counts.idle, idle);
	assert_int_equal(counts.waiting, 0);
}

/* One pipeline, without BEGIN and COMMIT: a transaction nevertheless. */
static void test_one_round_trip(void **state)
{
	struct teller t;
	struct sql_rows rows;

	(void)state;
	open_with_table(&t, 1);
	teller_begin(&t);
	add(&t, 1);
	add(&t, 2);
	assert_int_equal(teller_commit(&t), OK);
	assert_int_equal(t.n, 2);
	rows = teller_row(&t, 1);
	assert_int_equal(sql_i64(&rows), 102);
	assert_int_equal(t.tx.state, TX_OVER);
	assert_pool(&t, 0, 1);
	assert_db(&t.db, COUNT, "2");
	assert_db(&t.db,
		  "select count(distinct xmin::text) from public.tx_rows", "1");
	tx_end(&t.tx);
	teller_begin(&t);
	add(&t, 3);
	add(&t, -1);
	assert_int_equal(teller_commit(&t), ERR_DATABASE);
	assert_int_equal(t.n, 0);
	assert_string_equal(t.tx.error.constraint, "tx_rows_x_check");
	assert_db(&t.db, COUNT, "2");
	tx_end(&t.tx);
	close_with_table(&t);
}

static void test_several_round_trips(void **state)
{
	struct teller t;
	struct sql_rows rows;

	(void)state;
	open_with_table(&t, 1);
	teller_begin(&t);
	add(&t, 1);
	assert_int_equal(teller_send(&t), OK);
	assert_int_equal(t.n, 1);
	rows = teller_row(&t, 0);
	assert_int_equal(sql_i64(&rows), 101);
	assert_int_equal(t.tx.state, TX_OPEN);
	add(&t, 2);
	sql_add(&t.tx.sql, COUNT);
	assert_int_equal(teller_send(&t), OK);
	assert_int_equal(t.n, 2);
	rows = teller_row(&t, 1);
	assert_int_equal(sql_i64(&rows), 2);
	assert_db(&t.db, COUNT, "0");
	add(&t, 3);
	assert_int_equal(teller_commit(&t), OK);
	assert_int_equal(t.n, 1);
	rows = teller_row(&t, 0);
	assert_int_equal(sql_i64(&rows), 103);
	assert_pool(&t, 0, 1);
	assert_db(&t.db, COUNT, "3");
	tx_end(&t.tx);
	close_with_table(&t);
}

/* Each step's own statements may be none. */
static void test_empty_steps(void **state)
{
	struct teller t;

	(void)state;
	open_with_table(&t, 1);
	teller_begin(&t);
	assert_int_equal(teller_commit(&t), OK);
	assert_int_equal(t.n, 0);
	tx_end(&t.tx);
	teller_begin(&t);
	assert_int_equal(teller_send(&t), OK);
	assert_int_equal(t.n, 0);
	add(&t, 1);
	assert_int_equal(teller_send(&t), OK);
	assert_int_equal(teller_commit(&t), OK);
	assert_int_equal(t.n, 0);
	tx_end(&t.tx);
	assert_db(&t.db, COUNT, "1");
	close_with_table(&t);
}

static void test_end_rolls_back(void **state)
{
	struct teller t;
	char *pid;

	(void)state;
	open_with_table(&t, 1);
	teller_run(&t, "select pg_backend_pid()");
	pid = strdup(PQgetvalue(t.results[0], 0, 0));
	teller_begin(&t);
	add(&t, 1);
	assert_int_equal(teller_send(&t), OK);
	tx_end(&t.tx);
	teller_run(&t, COUNT);
	assert_string_equal(PQgetvalue(t.results[0], 0, 0), "0");
	teller_run(&t, "select pg_backend_pid()");
	assert_string_equal(PQgetvalue(t.results[0], 0, 0), pid);
	tx_end(&t.tx); /* once more does nothing */
	free(pid);
	close_with_table(&t);
}

/* When it is told, nothing is left of it at the server: no lock, no state. */
static void test_failure(void **state)
{
	struct teller t;

	(void)state;
	open_with_table(&t, 1);
	teller_begin(&t);
	add(&t, 1);
	assert_int_equal(teller_send(&t), OK);
	add(&t, 2);
	add(&t, -5);
	add(&t, 3);
	assert_int_equal(teller_send(&t), ERR_DATABASE);
	assert_non_null(strstr(t.fault.text, "tx_rows_x_check"));
	assert_string_equal(t.tx.error.sqlstate, "23514");
	assert_string_equal(t.tx.error.constraint, "tx_rows_x_check");
	assert_int_equal(t.tx.state, TX_OVER);
	assert_pool(&t, 0, 1);
	assert_db(&t.db, POOLED " and state <> 'idle'", "0");
	assert_int_equal(tx_send(&t.tx, teller_told, &t), ERR_CANCELLED);
	assert_int_equal(tx_commit(&t.tx, teller_told, &t), ERR_CANCELLED);
	tx_end(&t.tx);
	assert_db(&t.db, COUNT, "0");
	close_with_table(&t);
}

/* What only COMMIT finds out: with and without one of its own. */
static void test_failure_at_commit(void **state)
{
	struct teller t;

	(void)state;
	open_with_table(&t, 1);
	for (int steps = 1; steps <= 2; steps++) {
		teller_begin(&t);
		add(&t, 1);
		add(&t, 1);
		if (steps == 2)
			assert_int_equal(teller_send(&t), OK);
		assert_int_equal(teller_commit(&t), ERR_DATABASE);
		assert_string_equal(t.tx.error.constraint, "tx_rows_key");
		assert_int_equal(t.n, 0);
		assert_pool(&t, 0, 1);
		tx_end(&t.tx);
		assert_db(&t.db, COUNT, "0");
	}
	close_with_table(&t);
}

/* What is set for the transaction holds in all of it, and not beyond. */
static void test_settings(void **state)
{
	struct teller t;

	(void)state;
	teller_open(&t, 1);
	teller_begin(&t);
	sql_add(&t.tx.sql, "select set_config('gs.x', 'on', true)");
	sql_add(&t.tx.sql, "select current_setting('gs.x', true)");
	assert_int_equal(teller_commit(&t), OK);
	assert_string_equal(PQgetvalue(t.results[1], 0, 0), "on");
	tx_end(&t.tx);
	teller_run(&t, "select coalesce(current_setting('gs.x', true), '')");
	assert_string_equal(PQgetvalue(t.results[0], 0, 0), "");
	teller_close(&t);
}

static void test_deadline(void **state)
{
	struct teller t;

	(void)state;
	teller_open(&t, 1);
	tx_begin(&t.tx, t.pool, 150);
	sql_add(&t.tx.sql, "select pg_sleep(20)");
	assert_int_equal(teller_commit(&t), ERR_TIMEOUT);
	assert_int_equal(t.tx.state, TX_OVER);
	assert_true(t.tx.in_doubt); /* it might have got through */
	db_await(&t.db, POOLED " and state = 'active'", "0");
	db_await(&t.db, POOLED, "0");
	tx_end(&t.tx);
	teller_run(&t, "select 7");
	teller_close(&t);
}

/* One for all steps, the wait included. */
static void test_deadline_is_of_the_whole(void **state)
{
	struct teller t, late;

	(void)state;
	teller_open(&t, 1);
	teller_run(&t, "select 1");
	tx_begin(&t.tx, t.pool, 1000);
	sql_add(&t.tx.sql, "select pg_sleep(0.6)");
	assert_int_equal(teller_send(&t), OK);
	sql_add(&t.tx.sql, "select pg_sleep(0.6)");
	assert_int_equal(teller_send(&t), ERR_TIMEOUT);
	assert_false(t.tx.in_doubt); /* no commit was sent */
	tx_end(&t.tx);
	teller_begin(&t);
	assert_int_equal(teller_send(&t), OK);
	memset(&late, 0, sizeof(late));
	tx_begin(&late.tx, t.pool, 30);
	assert_int_equal(tx_commit(&late.tx, teller_told, &late), OK);
	while (late.calls == 0)
		uv_run(&t.db.loop, UV_RUN_ONCE);
	assert_int_equal(late.err, ERR_TIMEOUT);
	assert_false(late.tx.in_doubt); /* it never had a connection */
	assert_non_null(strstr(late.fault.text, "1 of at most 1 are in use"));
	tx_end(&late.tx);
	assert_int_equal(teller_commit(&t), OK);
	tx_end(&t.tx);
	teller_close(&t);
}

static void test_cancel(void **state)
{
	struct teller t, waiting;

	(void)state;
	teller_open(&t, 1);
	memset(&waiting, 0, sizeof(waiting));
	teller_begin(&t);
	sql_add(&t.tx.sql, "select pg_sleep(20)");
	assert_int_equal(tx_commit(&t.tx, teller_told, &t), OK);
	tx_begin(&waiting.tx, t.pool, DB_TIMEOUT_MS);
	sql_add(&waiting.tx.sql, "select 1");
	assert_int_equal(tx_commit(&waiting.tx, teller_told, &waiting), OK);
	db_await(&t.db, POOLED " and state = 'active'", "1");
	tx_end(&waiting.tx);
	tx_end(&t.tx);
	db_await(&t.db, POOLED, "0");
	teller_run(&t, "select 7");
	teller_begin(&t);
	sql_add(&t.tx.sql, "select 1");
	t.calls = 0;
	assert_int_equal(tx_send(&t.tx, teller_told, &t), OK);
	tx_end(&t.tx); /* at once */
	assert_db(&t.db, "select 1", "1");
	assert_int_equal(t.calls + waiting.calls, 0);
	teller_close(&t);
}

static void test_busy(void **state)
{
	struct teller t;

	(void)state;
	open_with_table(&t, 1);
	teller_begin(&t);
	add(&t, 1);
	assert_int_equal(tx_send(&t.tx, teller_told, &t), OK);
	assert_int_equal(tx_send(&t.tx, teller_told, &t), ERR_BUSY);
	assert_int_equal(tx_commit(&t.tx, teller_told, &t), ERR_BUSY);
	teller_wait(&t);
	assert_int_equal(t.err, OK);
	assert_int_equal(t.tx.state, TX_OPEN);
	assert_int_equal(teller_commit(&t), OK);
	tx_end(&t.tx);
	assert_db(&t.db, COUNT, "1");
	close_with_table(&t);
}

/* Returned, never told; and what was there before is rolled back. */
static void test_bad_batch(void **state)
{
	struct teller t;

	(void)state;
	open_with_table(&t, 1);
	for (int before = 0; before < 2; before++) {
		teller_begin(&t);
		add(&t, 1);
		if (before)
			assert_int_equal(teller_send(&t), OK);
		t.calls = 0;
		sql_add(&t.tx.sql, INSERT);
		for (int i = 0; i <= SQL_PARAMS_MAX; i++)
			sql_put_i64(&t.tx.sql, i);
		assert_int_equal(tx_commit(&t.tx, teller_told, &t), ERR_BUG);
		assert_int_equal(t.tx.state, TX_OVER);
		tx_end(&t.tx);
		teller_run(&t, COUNT);
		assert_string_equal(PQgetvalue(t.results[0], 0, 0), "0");
	}
	close_with_table(&t);
}

static void test_limit(void **state)
{
	const struct pool_limits limits = {1, 0, 10000, 0};
	struct teller t;
	struct tx tx;

	(void)state;
	teller_open(&t, 1);
	pool_close(t.pool, NULL, NULL);
	t.pool = pool_new(&t.db.loop, getenv("DATABASE_URL"), &limits);
	assert_non_null(t.pool);
	teller_begin(&t);
	assert_int_equal(teller_send(&t), OK);
	tx_begin(&tx, t.pool, DB_TIMEOUT_MS);
	assert_int_equal(tx_commit(&tx, teller_told, NULL), ERR_LIMIT);
	tx_end(&tx);
	tx_end(&t.tx);
	teller_close(&t);
}

/* The server ends between two steps: returned or told, and the next works. */
static void test_killed_between_two_steps(void **state)
{
	struct teller t;
	enum err err;

	(void)state;
	open_with_table(&t, 1);
	teller_begin(&t);
	add(&t, 1);
	assert_int_equal(teller_send(&t), OK);
	assert_db(&t.db,
		  "select pg_terminate_backend(pid) from pg_stat_activity "
		  "where datname = current_database() "
		  "and application_name = 'pooled'",
		  "t");
	add(&t, 2);
	t.calls = 0;
	err = tx_commit(&t.tx, teller_told, &t);
	if (err == OK) {
		teller_wait(&t);
		err = t.err;
	}
	assert_int_equal(err, ERR_TRANSPORT);
	assert_int_equal(t.tx.state, TX_OVER);
	tx_end(&t.tx);
	teller_run(&t, COUNT);
	assert_string_equal(PQgetvalue(t.results[0], 0, 0), "0");
	close_with_table(&t);
}

static void test_pool_closed_under_it(void **state)
{
	struct teller t;

	(void)state;
	open_with_table(&t, 1);
	teller_begin(&t);
	add(&t, 1);
	assert_int_equal(teller_send(&t), OK);
	pool_close(t.pool, NULL, NULL);
	t.pool = NULL;
	assert_int_equal(tx_commit(&t.tx, teller_told, &t), ERR_CANCELLED);
	tx_end(&t.tx);
	db_await(&t.db, POOLED, "0");
	assert_db(&t.db, COUNT, "0");
	close_with_table(&t);
}

/* A request as a server has many of: three steps, then its owner is gone. */
struct client {
	struct tx tx;
	int *left;
	int step;
};

static void next_step(void *arg, enum err err, const struct fault *fault,
		      PGresult *const *results, size_t n)
{
	struct client *client = arg;
	struct sql_batch *sql = &client->tx.sql;

	(void)results;
	if (err)
		fail_msg("%s", fault->text);
	assert_int_equal(n, client->step ? 1 : 0);
	sql_add(sql, "update public.tx_rows set x = x + 1");
	switch (client->step++) {
	case 0:
	case 1:
		assert_int_equal(tx_send(&client->tx, next_step, client), OK);
		return;
	case 2:
		assert_int_equal(tx_commit(&client->tx, next_step, client), OK);
		return;
	default:
		--*client->left;
		tx_end(&client->tx);
		free(client);
	}
}

static void test_500_transactions_over_5_connections(void **state)
{
	const struct fault none = {.code = OK};
	struct teller t;
	int left = 500;

	(void)state;
	open_with_table(&t, 5);
	db_run(&t.db, "insert into public.tx_rows values (0)");
	for (int i = 0; i < 500; i++) {
		struct client *client = calloc(1, sizeof(*client));

		assert_non_null(client);
		client->left = &left;
		tx_begin(&client->tx, t.pool, DB_TIMEOUT_MS);
		next_step(client, OK, &none, NULL, 0);
	}
	while (left)
		uv_run(&t.db.loop, UV_RUN_ONCE);
	assert_pool(&t, 0, 5);
	assert_db(&t.db, "select x from public.tx_rows", "1500");
	close_with_table(&t);
}

/* An owner that ends its transaction in the callback of each kind of end. */
static void end_in_callback(void *arg, enum err err, const struct fault *fault,
			    PGresult *const *results, size_t n)
{
	struct client *client = arg;

	(void)fault;
	*client->left = err;
	if (err == OK) {
		tx_end(&client->tx);
		assert_string_equal(PQgetvalue(results[n - 1], 0, 0), "7");
	} else {
		tx_end(&client->tx);
	}
	free(client);
}

static void test_ended_in_its_callback(void **state)
{
	static const char *const sql[] = {"select 7", "select 1/0"};
	static const enum err errs[] = {OK, ERR_DATABASE};
	struct teller t;

	(void)state;
	teller_open(&t, 2);
	for (int i = 0; i < 4; i++) {
		struct client *client = calloc(1, sizeof(*client));
		int got = 1;

		assert_non_null(client);
		client->left = &got;
		tx_begin(&client->tx, t.pool, DB_TIMEOUT_MS);
		sql_add(&client->tx.sql, sql[i % 2]);
		assert_int_equal((i < 2 ? tx_commit : tx_send)(
				     &client->tx, end_in_callback, client),
				 OK);
		while (got == 1)
			uv_run(&t.db.loop, UV_RUN_ONCE);
		assert_int_equal(got, errs[i % 2]);
	}
	teller_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_round_trip),
	    cmocka_unit_test(test_several_round_trips),
	    cmocka_unit_test(test_empty_steps),
	    cmocka_unit_test(test_end_rolls_back),
	    cmocka_unit_test(test_failure),
	    cmocka_unit_test(test_failure_at_commit),
	    cmocka_unit_test(test_settings),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_deadline_is_of_the_whole),
	    cmocka_unit_test(test_cancel),
	    cmocka_unit_test(test_busy),
	    cmocka_unit_test(test_bad_batch),
	    cmocka_unit_test(test_limit),
	    cmocka_unit_test(test_killed_between_two_steps),
	    cmocka_unit_test(test_pool_closed_under_it),
	    cmocka_unit_test(test_500_transactions_over_5_connections),
	    cmocka_unit_test(test_ended_in_its_callback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
