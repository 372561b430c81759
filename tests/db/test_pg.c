#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib_db.h"

struct answer {
	struct db *db;
	enum err err;
	struct fault fault;
	size_t n;
	char values[4][64];
	int calls;
};

static void on_answer(void *arg, enum err err, const struct fault *fault,
		      PGresult *const *results, size_t n)
{
	struct answer *a = arg;

	a->err = err;
	a->fault = *fault;
	a->n = n;
	a->calls++;
	for (size_t i = 0; i < n && i < 4; i++)
		if (PQntuples(results[i]))
			snprintf(a->values[i], sizeof(a->values[i]), "%s",
				 PQgetvalue(results[i], 0, 0));
	a->db->done = true;
}

/* A port of this machine that nobody listens on. */
static int closed_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void test_refused(void **state)
{
	struct db db;
	char url[128];

	(void)state;
	snprintf(url, sizeof(url), "postgresql://u:sesame99@localhost:%d/x",
		 closed_port());
	db_open_url(&db, url);
	assert_int_equal(db_connect(&db, 5000), ERR_TRANSPORT);
	assert_non_null(strstr(db.fault.text, "Connection refused"));
	assert_non_null(
	    strstr(db.fault.text, "sudo systemctl start postgresql"));
	assert_null(strstr(db.fault.text, "sesame99"));
	assert_false(pg_is_connected(db.pg));
	db_close(&db);
}

static void test_unknown_host(void **state)
{
	struct db db;

	(void)state;
	db_open_url(&db, "postgresql://u:sesame99@no-such-host.invalid/x");
	assert_int_equal(db_connect(&db, 20000), ERR_TRANSPORT);
	assert_non_null(strstr(db.fault.text, "no-such-host.invalid"));
	assert_null(strstr(db.fault.text, "sesame99"));
	db_close(&db);
}

/* Nobody answers at the first; the second is the server. A later keyword wins
 * over an earlier one. */
static void test_second_host(void **state)
{
	char *same = db_url_with("application_name", "second");
	PQconninfoOption *o, *options = PQconninfoParse(same, NULL);
	const char *host = "localhost", *port = "5432";
	char url[1024];
	struct db db;

	(void)state;
	assert_non_null(options);
	for (o = options; o->keyword; o++) {
		if (strcmp(o->keyword, "host") == 0 && o->val)
			host = o->val;
		if (strcmp(o->keyword, "port") == 0 && o->val)
			port = o->val;
	}
	snprintf(url, sizeof(url), "%s host='localhost,%s' port='%d,%s'", same,
		 host, closed_port(), port);
	PQconninfoFree(options);
	free(same);
	db_open_url(&db, url);
	assert_int_equal(db_connect(&db, 10000), OK);
	assert_db(&db, "show application_name", "second");
	db_close(&db);
}

static void test_malformed_url(void **state)
{
	static const char *const urls[] = {
	    "postgresql://u:ses%ame99@localhost/x",
	    "postgresql://u:sesame99/9@localhost/x",
	    "postgresql://u:sesame99@localhost:99999/x",
	    "postgresql://u:sesame99@localhost:12x/x",
	    "postgresql://u:p@sesame99@localhost/x",
	    "postgresql://u:p@@sesame99@localhost/x",
	    "host=localhost password='sesame99",
	    "nonsense sesame99",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct db db;

		db_open_url(&db, urls[i]);
		assert_int_equal(db_connect(&db, 5000), ERR_USAGE);
		assert_non_null(strstr(db.fault.text, "database.url"));
		assert_null(strstr(db.fault.text, "ame99"));
		db_close(&db);
	}
}

static void test_wrong_password(void **state)
{
	char *url = db_url_with("password", "open-sesame-99");
	struct db db;
	enum err err;

	(void)state;
	db_open_url(&db, url);
	free(url);
	err = db_connect(&db, 10000);
	if (err == OK) {
		printf("skipped: this server asks for no password\n");
		db_close(&db);
		skip();
	}
	assert_int_equal(err, ERR_REFUSED);
	assert_non_null(strstr(db.fault.text, "authentication failed"));
	assert_non_null(strstr(db.fault.text, "check user and password"));
	assert_null(strstr(db.fault.text, "sesame"));
	db_close(&db);
}

static void test_unknown_database(void **state)
{
	char *url = db_url_with("dbname", "no_such_database");
	struct db db;

	(void)state;
	db_open_url(&db, url);
	free(url);
	assert_int_equal(db_connect(&db, 10000), ERR_REFUSED);
	assert_non_null(strstr(db.fault.text, "create it"));
	db_close(&db);
}

/* A server that accepts and says nothing. */
static void test_connect_deadline(void **state)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct db db;
	char url[128];

	(void)state;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	snprintf(url, sizeof(url), "postgresql://u@127.0.0.1:%d/x",
		 ntohs(at.sin_port));
	db_open_url(&db, url);
	assert_int_equal(db_connect(&db, 150), ERR_TIMEOUT);
	snprintf(url, sizeof(url), "at \"127.0.0.1\", port %d took too long",
		 ntohs(at.sin_port));
	assert_non_null(strstr(db.fault.text, url));
	db_close(&db);
	close(fd);
}

static void test_pipeline(void **state)
{
	const char *params[] = {"41", NULL};
	const struct pg_statement s[] = {
	    {.sql = "select $1::int + 1", .n_params = 1, .params = params},
	    {.sql = "create temporary table t (x int)"},
	    {.sql = "select coalesce($1::text, 'none')",
	     .n_params = 1,
	     .params = params + 1},
	};
	struct db db;
	struct answer a = {.db = &db};

	(void)state;
	db_open(&db);
	assert_int_equal(pg_round_trip(db.pg, s, 3, 5000, on_answer, &a), OK);
	assert_int_equal(a.calls, 0);
	assert_int_equal(pg_round_trip(db.pg, s, 3, 5000, on_answer, &a),
			 ERR_BUSY);
	db_wait(&db);
	assert_int_equal(a.err, OK);
	assert_int_equal(a.n, 3);
	assert_string_equal(a.values[0], "42");
	assert_string_equal(a.values[2], "none");
	assert_db(&db, "show application_name", "gigstreamd");
	db_close(&db);
}

static void test_failure_in_the_middle(void **state)
{
	const struct pg_statement s[] = {
	    {.sql = "begin"},
	    {.sql = "create table public.half_done (x int)"},
	    {.sql = "select * from public.no_such_table"},
	    {.sql = "commit"},
	};
	struct db db;
	struct answer a = {.db = &db};

	(void)state;
	db_open(&db);
	assert_int_equal(pg_round_trip(db.pg, s, 4, 5000, on_answer, &a), OK);
	db_wait(&db);
	assert_int_equal(a.err, ERR_DATABASE);
	assert_int_equal(a.n, 0);
	assert_string_equal(a.fault.text,
			    "relation \"public.no_such_table\" does not exist: "
			    "the schema is not applied; run: gigstreamd db "
			    "push");
	assert_string_equal(pg_last_error(db.pg)->sqlstate, "42P01");
	assert_true(pg_in_transaction(db.pg));
	db_run(&db, "rollback");
	assert_false(pg_in_transaction(db.pg));
	assert_db(&db, "select to_regclass('public.half_done') is null", "t");
	db_close(&db);
}

/* More than any socket buffer holds, both ways. */
static void test_large(void **state)
{
	size_t len = 24u << 20;
	char *text = malloc(len + 1);
	const char *params[] = {text};
	const struct pg_statement s[] = {
	    {.sql = "select $1::text", .n_params = 1, .params = params},
	    {.sql = "select length($1::text)", .n_params = 1, .params = params},
	};
	struct db db;
	struct answer a = {.db = &db};

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	text[len] = '\0';
	db_open(&db);
	assert_int_equal(
	    pg_round_trip(db.pg, s, 2, DB_TIMEOUT_MS, on_answer, &a), OK);
	memset(text, 'y', len); /* borrowed during the call only */
	free(text);
	db_wait(&db);
	assert_int_equal(a.err, OK);
	assert_int_equal(a.values[0][0], 'x');
	assert_string_equal(a.values[1], "25165824");
	db_close(&db);
}

#define SLEEPERS                                                               \
	"select count(*) from pg_stat_activity where state = 'active' "        \
	"and datname = current_database() "                                    \
	"and query like 'select pg_sleep(20)%'"

#define END_SLEEPERS                                                           \
	"select bool_and(pg_terminate_backend(pid)) from pg_stat_activity "    \
	"where datname = current_database() "                                  \
	"and query like 'select pg_sleep(20)%'"

static void test_deadline(void **state)
{
	const struct pg_statement s = {.sql = "select pg_sleep(20)"};
	struct db db, other;
	struct answer a = {.db = &db};

	(void)state;
	db_open(&db);
	db_open(&other);
	assert_int_equal(pg_round_trip(db.pg, &s, 1, 100, on_answer, &a), OK);
	db_wait(&db);
	assert_int_equal(a.err, ERR_TIMEOUT);
	assert_false(pg_is_connected(db.pg));
	assert_int_equal(pg_round_trip(db.pg, &s, 1, 100, on_answer, &a),
			 ERR_TRANSPORT);
	uv_run(&db.loop, UV_RUN_DEFAULT);
	db_await(&other, SLEEPERS, "0");
	assert_int_equal(db_connect(&db, 5000), OK);
	assert_db(&db, "select 1", "1");
	db_close(&db);
	db_close(&other);
}

static void test_cancel(void **state)
{
	const struct pg_statement s = {.sql = "select pg_sleep(20)"};
	struct db db, other;
	struct answer a = {.db = &db};

	(void)state;
	db_open(&db);
	db_open(&other);
	assert_int_equal(pg_round_trip(db.pg, &s, 1, 60000, on_answer, &a), OK);
	db_await(&other, SLEEPERS, "1");
	pg_cancel(db.pg);
	uv_run(&db.loop, UV_RUN_DEFAULT);
	db_await(&other, SLEEPERS, "0");
	assert_int_equal(a.calls, 0);
	db_close(&db);
	db_close(&other);
}

static void test_killed(void **state)
{
	const struct pg_statement s[] = {
	    {.sql = "select 1"},
	    {.sql = "select pg_sleep(20)"},
	    {.sql = "select 2"},
	};
	struct db db, other;
	struct answer a = {.db = &db};

	(void)state;
	db_open(&db);
	db_open(&other);
	assert_int_equal(pg_round_trip(db.pg, s, 3, 60000, on_answer, &a), OK);
	db_await(&other, SLEEPERS, "1");
	assert_db(&other, END_SLEEPERS, "t");
	db_wait(&db);
	assert_int_equal(a.err, ERR_TRANSPORT);
	assert_non_null(strstr(a.fault.text, "terminating connection"));
	assert_false(pg_is_connected(db.pg));
	assert_int_equal(db_connect(&db, 5000), OK);
	assert_db(&db, "select 7", "7");
	db_close(&db);
	db_close(&other);
}

/* In a transaction, such that a pooler has to pass it on. */
static void test_killed_while_idle(void **state)
{
	struct db db, other;
	char sql[128];

	(void)state;
	db_open(&db);
	db_open(&other);
	db_run(&db, "begin");
	snprintf(sql, sizeof(sql), "select pg_terminate_backend(%s)",
		 db_text(&db, "select pg_backend_pid()"));
	assert_db(&other, sql, "t");
	while (pg_is_connected(db.pg))
		uv_run(&db.loop, UV_RUN_ONCE);
	assert_int_equal(db_connect(&db, 5000), OK);
	db_close(&db);
	db_close(&other);
}

static void test_close_in_the_middle(void **state)
{
	struct db db;
	struct answer a = {.db = &db};
	const struct pg_statement s = {.sql = "select pg_sleep(20)"};

	(void)state;
	db_open(&db);
	assert_int_equal(pg_round_trip(db.pg, &s, 1, 60000, on_answer, &a), OK);
	db_close(&db);
	assert_int_equal(a.calls, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_unknown_host),
	    cmocka_unit_test(test_second_host),
	    cmocka_unit_test(test_malformed_url),
	    cmocka_unit_test(test_wrong_password),
	    cmocka_unit_test(test_unknown_database),
	    cmocka_unit_test(test_connect_deadline),
	    cmocka_unit_test(test_pipeline),
	    cmocka_unit_test(test_failure_in_the_middle),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_deadline),
	    cmocka_unit_test(test_cancel),
	    cmocka_unit_test(test_killed),
	    cmocka_unit_test(test_killed_while_idle),
	    cmocka_unit_test(test_close_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
