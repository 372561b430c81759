#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib_db.h"

/* Statements whose plans the server keeps (pg_keep_plans). */

#define OURS "select count(*) from pg_prepared_statements where name ~ '^gs_'"

struct answer {
	struct db *db;
	enum err err;
	char values[4][64];
};

static void on_answer(void *arg, enum err err, const struct fault *fault,
		      PGresult *const *results, size_t n)
{
	struct answer *a = arg;

	(void)fault;
	a->err = err;
	for (size_t i = 0; i < n && i < 4; i++)
		if (PQntuples(results[i]))
			(void)snprintf(a->values[i], sizeof(a->values[i]), "%s",
				       PQgetvalue(results[i], 0, 0));
	a->db->done = true;
}

static enum err ask(struct db *db, struct answer *a,
		    const struct pg_statement *s, size_t n)
{
	*a = (struct answer){.db = db};
	db->done = false;
	assert_int_equal(pg_round_trip(db->pg, s, n, 10000, on_answer, a), OK);
	db_wait(db);
	return a->err;
}

static const char plus_one[] = "select $1::int + 1";
static const char half_of[] = "select 10 / $1::int";

static struct pg_statement of(const char *sql, const char *const *params)
{
	return (struct pg_statement){
	    .sql = sql, .n_params = 1, .params = params};
}

static void open_keeping(struct db *db)
{
	struct answer a;
	const char *one[] = {"1"};
	const struct pg_statement s = of(plus_one, one);

	db_open(db);
	pg_keep_plans(db->pg);
	assert_int_equal(db_connect(db, 5000), OK);
	/* The first round trip finds out who is at the other end. */
	assert_int_equal(ask(db, &a, &s, 1), OK);
	assert_string_equal(a.values[0], "2");
}

static void each_is_prepared_once(void **state)
{
	const char *one[] = {"1"}, *five[] = {"5"};
	const struct pg_statement s[] = {
	    of(plus_one, one), of(plus_one, five), {.sql = OURS}};
	struct db db;
	struct answer a;

	(void)state;
	open_keeping(&db);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(&db, &a, s, 3), OK);
		assert_string_equal(a.values[0], "2");
		assert_string_equal(a.values[1], "6");
		assert_string_equal(a.values[2], db_is_pooled(&db) ? "0" : "1");
	}
	db_close(&db);
}

/* What comes after a failure is not prepared, and what came before is. */
static void a_failure_in_the_middle(void **state)
{
	const char *one[] = {"1"}, *zero[] = {"0"}, *two[] = {"2"};
	struct pg_statement s[] = {of(plus_one, one), of(half_of, zero),
				   of("select $1::int * 3", two)};
	struct db db;
	struct answer a;

	(void)state;
	open_keeping(&db);
	for (int i = 0; i < 2; i++)
		assert_int_equal(ask(&db, &a, s, 3), ERR_DATABASE);
	assert_int_equal(ask(&db, &a, s + 1, 1), ERR_DATABASE);
	s[1].params = two;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(ask(&db, &a, s, 3), OK);
		assert_string_equal(a.values[1], "5");
		assert_string_equal(a.values[2], "6");
	}
	db_close(&db);
}

static void large_ones_are_planned_anew(void **state)
{
	char *text = malloc(20001);
	const char *params[] = {text};
	struct pg_statement s[] = {of("select length($1::text)", params),
				   {.sql = OURS}};
	struct db db;
	struct answer a;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 20000);
	text[20000] = '\0';
	open_keeping(&db);
	assert_int_equal(ask(&db, &a, s, 2), OK);
	assert_string_equal(a.values[0], "20000");
	assert_string_equal(a.values[1], "0");
	db_close(&db);
	free(text);
}

/* At the same place in memory there may be another text later. */
static void another_text_at_the_same_place(void **state)
{
	char sql[64] = "";
	const char *one[] = {"1"};
	const struct pg_statement s = of(sql, one);
	struct db db;
	struct answer a;

	(void)state;
	open_keeping(&db);
	for (int i = 0; i < 200; i++) {
		char expected[16];

		(void)snprintf(sql, sizeof(sql), "select $1::int + %d", i);
		(void)snprintf(expected, sizeof(expected), "%d", i + 1);
		assert_int_equal(ask(&db, &a, &s, 1), OK);
		assert_string_equal(a.values[0], expected);
	}
	db_close(&db);
}

/* A migration beside us: what was planned does not fit any more. */
static void another_schema(void **state)
{
	const char *one[] = {"1"};
	const struct pg_statement s =
	    of("select * from planned where a = $1::int", one);
	struct db db, other;
	struct answer a;

	(void)state;
	db_open(&other);
	db_run(&other,
	       "drop table if exists planned;"
	       "create table planned (a int); insert into planned values (1)");
	open_keeping(&db);
	for (int i = 0; i < 2; i++)
		assert_int_equal(ask(&db, &a, &s, 1), OK);
	db_run(&other, "alter table planned add b int");
	assert_int_equal(ask(&db, &a, &s, 1),
			 db_is_pooled(&db) ? OK : ERR_DATABASE);
	assert_int_equal(ask(&db, &a, &s, 1), OK);
	assert_string_equal(a.values[0], "1");
	db_run(&other, "drop table planned");
	db_close(&db);
	db_close(&other);
}

static void another_connection(void **state)
{
	const char *one[] = {"1"};
	const struct pg_statement s[] = {of(plus_one, one), of(half_of, one)};
	struct db db;
	struct answer a;

	(void)state;
	open_keeping(&db);
	assert_int_equal(ask(&db, &a, s, 2), OK);
	assert_int_equal(db_connect(&db, 5000), OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(ask(&db, &a, s, 2), OK);
	db_close(&db);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_is_prepared_once),
	    cmocka_unit_test(a_failure_in_the_middle),
	    cmocka_unit_test(large_ones_are_planned_anew),
	    cmocka_unit_test(another_text_at_the_same_place),
	    cmocka_unit_test(another_schema),
	    cmocka_unit_test(another_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
