#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/buf.h"
#include "db/schema/migrate.h"
#include "lib_db.h"

static void on_connect(void *arg, enum err err, const struct fault *fault)
{
	struct db *db = arg;

	db->err = err;
	db->fault = *fault;
	db->done = true;
}

static void on_results(void *arg, enum err err, const struct fault *fault,
		       PGresult *const *results, size_t n)
{
	struct db *db = arg;

	on_connect(arg, err, fault);
	free(db->text);
	db->text = NULL;
	if (err == OK && n && PQntuples(results[n - 1]) &&
	    PQnfields(results[n - 1]))
		db->text = strdup(PQgetvalue(results[n - 1], 0, 0));
}

void db_wait(struct db *db)
{
	while (!db->done)
		assert_true(uv_run(&db->loop, UV_RUN_ONCE) != 0 || db->done);
	db->done = false;
}

void db_open_url(struct db *db, const char *url)
{
	memset(db, 0, sizeof(*db));
	assert_int_equal(uv_loop_init(&db->loop), 0);
	db->pg = pg_new(&db->loop, url);
	assert_non_null(db->pg);
}

enum err db_connect(struct db *db, unsigned timeout_ms)
{
	assert_int_equal(pg_connect(db->pg, timeout_ms, on_connect, db), OK);
	db_wait(db);
	return db->err;
}

void db_open(struct db *db)
{
	const char *url = getenv("DATABASE_URL");

	if (!url)
		fail_msg("DATABASE_URL is not set");
	db_open_url(db, url);
	if (db_connect(db, DB_TIMEOUT_MS) != OK)
		fail_msg("%s", db->fault.text);
}

void db_close(struct db *db)
{
	pg_close(db->pg, NULL, NULL);
	uv_run(&db->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&db->loop), 0);
	free(db->text);
}

char *db_url_with(const char *keyword, const char *value)
{
	PQconninfoOption *options, *o;
	struct buf url;

	options = PQconninfoParse(getenv("DATABASE_URL"), NULL);
	assert_non_null(options);
	buf_init(&url, 4096);
	for (o = options; o->keyword; o++)
		if (strcmp(o->keyword, keyword) != 0 && o->val && *o->val)
			buf_printf(&url, "%s='%s' ", o->keyword, o->val);
	buf_printf(&url, "%s='%s'", keyword, value);
	PQconninfoFree(options);
	assert_int_equal(url.err, OK);
	return url.data;
}

enum err db_try(struct db *db, const char *script)
{
	assert_int_equal(
	    pg_script(db->pg, script, DB_TIMEOUT_MS, on_results, db), OK);
	db_wait(db);
	return db->err;
}

void db_run(struct db *db, const char *script)
{
	if (db_try(db, script) != OK)
		fail_msg("%s: %s", script, db->fault.text);
}

const char *db_text(struct db *db, const char *sql)
{
	const struct pg_statement statement = {.sql = sql};

	assert_int_equal(
	    pg_round_trip(db->pg, &statement, 1, DB_TIMEOUT_MS, on_results, db),
	    OK);
	db_wait(db);
	if (db->err != OK)
		fail_msg("%s: %s", sql, db->fault.text);
	return db->text ? db->text : "";
}

bool db_is_pooled(struct db *db)
{
	return atoi(db_text(db, "select pg_backend_pid()")) !=
	       pg_backend(db->pg);
}

void db_await(struct db *db, const char *sql, const char *value)
{
	for (int i = 0; i < 2000; i++) {
		if (strcmp(db_text(db, sql), value) == 0)
			return;
		usleep(5000);
	}
	fail_msg("%s never became %s", sql, value);
}

static void on_run(void *arg, enum err err, const struct fault *fault, size_t n)
{
	(void)n;
	on_connect(arg, err, fault);
}

void db_reset(struct db *db)
{
	assert_int_equal(migrate_drop(db->pg, on_connect, db), OK);
	db_wait(db);
	if (db->err != OK)
		fail_msg("%s", db->fault.text);
	assert_int_equal(migrate_run(db->pg, false, NULL, on_run, db), OK);
	db_wait(db);
	if (db->err != OK)
		fail_msg("%s", db->fault.text);
}
