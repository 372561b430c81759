#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "db/pg/pg_fault.h"

struct example {
	const char *said;
	enum err code;
	const char *advice;
};

/* As libpq 15 and PostgreSQL 15 say them. */
static const struct example examples[] = {
    {"connection to server at \"localhost\" (127.0.0.1), port 5999 failed: "
     "Connection refused\n\tIs the server running on that host and accepting "
     "TCP/IP connections?\n",
     ERR_TRANSPORT,
     "\"localhost\" (127.0.0.1), port 5999 failed: Connection refused: start "
     "PostgreSQL there (sudo systemctl start postgresql)"},
    {"connection to server on socket \"/run/x/.s.PGSQL.5432\" failed: No such "
     "file or directory",
     ERR_TRANSPORT, "sudo systemctl start postgresql"},
    /* one of two addresses is the server's */
    {"port 1 failed: Connection refused\n\tIs the server running?\nport 2 "
     "failed: FATAL:  password authentication failed for user \"u\"\n",
     ERR_REFUSED,
     "port 1 failed: Connection refused; port 2 failed: FATAL:  password "
     "authentication failed for user \"u\": check user and password"},
    /* libpq's second attempt, without TLS, is not the cause */
    {"port 2 failed: FATAL:  password authentication failed for user "
     "\"u\"\nport 2 failed: FATAL:  no pg_hba.conf entry for host \"::1\", no "
     "encryption",
     ERR_REFUSED, "check user and password"},
    {"FATAL:  the database system is starting up", ERR_TRANSPORT, ""},
    {"FATAL:  sorry, too many clients already", ERR_TRANSPORT, ""},
    {"FATAL:  password authentication failed for user \"u\"", ERR_REFUSED,
     "check user and password"},
    {"FATAL:  no pg_hba.conf entry for host \"1.2.3.4\", user \"u\", database "
     "\"d\", no encryption",
     ERR_REFUSED, "add sslmode=require"},
    {"ERROR:  connection is insecure (try using `sslmode=require`)",
     ERR_REFUSED, "add sslmode=require"},
    {"server does not support SSL, but SSL was required", ERR_REFUSED,
     "offers no TLS"},
    {"server certificate for \"a\" does not match host name \"b\"", ERR_REFUSED,
     "put a name that the certificate has"},
    {"SSL error: certificate verify failed", ERR_REFUSED, "sslrootcert"},
    {"root certificate file \"/x\" does not exist\nEither provide the file or "
     "change sslmode to disable server certificate verification.",
     ERR_REFUSED, "verification: let sslrootcert"},
    {"invalid sslmode value: \"on\"", ERR_USAGE, "verify-full"},
    {"FATAL:  database \"d\" does not exist", ERR_REFUSED, "create it"},
    /* poolers */
    {"FATAL:  no such database: d", ERR_REFUSED, "[databases]"},
    {"ERROR:  no such user: u", ERR_REFUSED, "auth_file"},
    {"FATAL:  query_wait_timeout", ERR_TRANSPORT, "default_pool_size"},
    {"FATAL:  client_login_timeout (server down)", ERR_TRANSPORT, "is paused"},
    /* Neon */
    {"ERROR:  Couldn't connect to compute node", ERR_TRANSPORT, ""},
    {"ERROR:  Control plane request failed: endpoint is disabled", ERR_REFUSED,
     "console"},
    {"ERROR:  The endpoint has been disabled. Enable it using Neon API and "
     "retry.",
     ERR_REFUSED, "console"},
    {"ERROR:  something else", ERR_REFUSED, ""},
    {"FATAL:  something new", ERR_REFUSED, ""},
    {"could not receive data from server: Connection timed out", ERR_TRANSPORT,
     ""},
};

static void test_connection(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *e = &examples[i];
		struct fault fault = {.code = OK};

		assert_int_equal(
		    pg_fault_text(&fault, e->said, "sesame", false), e->code);
		assert_int_equal(fault.code, e->code);
		assert_non_null(strstr(fault.text, e->advice));
		assert_null(strchr(fault.text, '\n'));
	}
}

/* A connection that worked and broke is lost, whatever was said. */
static void test_broken(void **state)
{
	struct fault fault = {.code = OK};

	(void)state;
	assert_int_equal(pg_fault_text(&fault,
				       "FATAL:  password authentication failed",
				       NULL, true),
			 ERR_TRANSPORT);
	assert_int_equal(pg_fault_text(&fault, "", NULL, true), ERR_TRANSPORT);
	assert_string_equal(fault.text, "the connection was lost");
	(void)pg_fault_text(&fault, "\n\tIs the server running?\n", NULL,
			    false);
	assert_string_equal(fault.text, "the connection was lost");
}

static void test_password(void **state)
{
	struct fault fault = {.code = OK};

	(void)state;
	assert_int_equal(
	    pg_fault_text(&fault, "bad: sesame and sesame", "sesame", false),
	    ERR_TRANSPORT);
	assert_string_equal(fault.text, "bad: ****** and ******");
}

/* What is too long is cut, never the advice. */
static void test_long(void **state)
{
	struct fault fault = {.code = OK};
	char said[2000];

	(void)state;
	memset(said, 'x', sizeof(said));
	memcpy(said, "Connection refused ", 19);
	said[sizeof(said) - 1] = '\0';
	(void)pg_fault_text(&fault, said, NULL, false);
	assert_non_null(strstr(fault.text, "port in database.url"));
	/* 1023 bytes are looked at */
	memset(said, '\n', sizeof(said));
	memcpy(said + 1017, "secret word", strlen("secret word") + 1);
	(void)pg_fault_text(&fault, said, "secret word", false);
	assert_string_equal(fault.text, "******");
}

static void test_code(void **state)
{
	(void)state;
	assert_int_equal(pg_fault_code("GSL01"), ERR_LEASE_LOST);
	assert_int_equal(pg_fault_code("57P01"), ERR_TRANSPORT);
	assert_int_equal(pg_fault_code("08006"), ERR_TRANSPORT);
	assert_int_equal(pg_fault_code("40P01"), ERR_BUSY);
	assert_int_equal(pg_fault_code("53100"), ERR_BUSY);
	assert_int_equal(pg_fault_code("57014"), ERR_BUSY);
	assert_int_equal(pg_fault_code("23505"), ERR_DATABASE);
	assert_int_equal(pg_fault_code(""), ERR_DATABASE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_connection), cmocka_unit_test(test_broken),
	    cmocka_unit_test(test_password),   cmocka_unit_test(test_long),
	    cmocka_unit_test(test_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
