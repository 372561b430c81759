#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib_tx.h"

void teller_open(struct teller *t, size_t connections)
{
	const struct pool_limits limits = {connections, 1000, 10000, 0};
	char *url = db_url_with("application_name", "pooled");

	memset(t, 0, sizeof(*t));
	db_open(&t->db);
	t->pool = pool_new(&t->db.loop, url, &limits);
	assert_non_null(t->pool);
	free(url);
}

static void forget(struct teller *t)
{
	for (size_t i = 0; i < t->n; i++)
		PQclear(t->results[i]);
	t->n = 0;
}

void teller_close(struct teller *t)
{
	forget(t);
	if (t->pool)
		pool_close(t->pool, NULL, NULL);
	db_close(&t->db);
}

void teller_begin(struct teller *t)
{
	tx_begin(&t->tx, t->pool, DB_TIMEOUT_MS);
}

void teller_told(void *arg, enum err err, const struct fault *fault,
		 PGresult *const *results, size_t n)
{
	struct teller *t = arg;

	forget(t);
	t->calls++;
	t->err = err;
	t->fault = *fault;
	assert_int_equal(err, fault->code);
	assert_true(n <= sizeof(t->results) / sizeof(t->results[0]));
	for (size_t i = 0; i < n; i++) {
		t->results[i] = PQcopyResult(results[i], PG_COPYRES_ATTRS |
							     PG_COPYRES_TUPLES);
		assert_non_null(t->results[i]);
	}
	t->n = n;
}

void teller_wait(struct teller *t)
{
	while (t->calls == 0)
		assert_true(uv_run(&t->db.loop, UV_RUN_ONCE) || t->calls);
	assert_int_equal(t->calls, 1);
}

enum err teller_send(struct teller *t)
{
	t->calls = 0;
	assert_int_equal(tx_send(&t->tx, teller_told, t), OK);
	assert_int_equal(t->calls, 0);
	teller_wait(t);
	return t->err;
}

enum err teller_commit(struct teller *t)
{
	t->calls = 0;
	assert_int_equal(tx_commit(&t->tx, teller_told, t), OK);
	assert_int_equal(t->calls, 0);
	teller_wait(t);
	return t->err;
}

void teller_run(struct teller *t, const char *sql)
{
	teller_begin(t);
	sql_add(&t->tx.sql, sql);
	if (teller_commit(t) != OK)
		fail_msg("%s: %s", sql, t->fault.text);
	tx_end(&t->tx);
}

struct sql_rows teller_row(struct teller *t, size_t i)
{
	struct sql_rows rows;

	assert_true(i < t->n);
	sql_rows(&rows, t->results[i]);
	assert_true(sql_next(&rows));
	return rows;
}
