/* Every statement of db/queries against the schema as the migrations make it:
 * a migration that breaks one is noticed here, and not by whoever sends it. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "embedded/queries.h"
#include "lib_db.h"

/* Scripts of many statements, which have no parameters and cannot be prepared:
 * whoever runs them has tests. */
static const char *const scripts[] = {"drop"};

static bool is_script(const struct embedded *query)
{
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (strcmp(scripts[i], query->name) == 0)
			return true;
	return false;
}

static int setup(void **state)
{
	struct db db;
	PGconn *conn;

	db_open(&db);
	db_reset(&db);
	db_close(&db);
	conn = PQconnectdb(getenv("DATABASE_URL"));
	assert_int_equal(PQstatus(conn), CONNECTION_OK);
	*state = conn;
	return 0;
}

static int teardown(void **state)
{
	PQfinish(*state);
	return 0;
}

static void test_each_prepares(void **state)
{
	const struct embedded *query = embedded_queries;
	int failed = 0, n = 0;

	for (; query->name; query++) {
		PGresult *result;

		if (is_script(query))
			continue;
		n++;
		result = PQprepare(*state, "", query->text, 0, NULL);
		if (PQresultStatus(result) != PGRES_COMMAND_OK) {
			failed++;
			print_error("db/queries/%s.sql: %s", query->name,
				    PQresultErrorMessage(result));
		}
		PQclear(result);
	}
	assert_true(n > 50);
	assert_int_equal(failed, 0);
}

/* Past comments, quoted text and names, to the next "$" that is a parameter's;
 * NULL: there is none. */
static const char *next_parameter(const char *sql)
{
	for (; *sql; sql++) {
		if (strncmp(sql, "--", 2) == 0)
			sql += strcspn(sql, "\n") - 1;
		else if (*sql == '\'' || *sql == '"')
			sql = strchr(sql + 1, *sql);
		else if (*sql == '$' && isdigit((unsigned char)sql[1]))
			return sql;
		assert_non_null(sql);
	}
	return NULL;
}

/* Whoever reads a statement sees what to put, and its type never hangs on what
 * PostgreSQL makes of the context. */
static void test_each_parameter_is_cast(void **state)
{
	const struct embedded *query = embedded_queries;
	int failed = 0, n = 0;

	(void)state;
	for (; query->name; query++) {
		const char *at = query->text;

		while ((at = next_parameter(at))) {
			size_t len = 1 + strspn(at + 1, "0123456789");

			n++;
			if (strncmp(at + len, "::", 2) != 0) {
				failed++;
				print_error("db/queries/%s.sql: %.*s is not "
					    "cast (write %.*s::TYPE)\n",
					    query->name, (int)len, at, (int)len,
					    at);
			}
			at += len;
		}
	}
	assert_true(n > 300);
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_each_prepares),
	    cmocka_unit_test(test_each_parameter_is_cast),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
