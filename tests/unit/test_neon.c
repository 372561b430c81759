#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/pg/neon.h"

static void test_hosts(void **state)
{
	static const struct {
		const char *hosts;
		enum neon neon;
	} examples[] = {
	    {"ep-cool-darkness-123456.us-east-2.aws.neon.tech", NEON_DIRECT},
	    {"ep-cool-darkness-123456-pooler.us-east-2.aws.neon.tech",
	     NEON_POOLED},
	    {"ep-a-1-pooler.c-2.eu-central-1.aws.neon.tech", NEON_POOLED},
	    {"EP-A-1-Pooler.US-East-2.AWS.Neon.Tech", NEON_POOLED},
	    {"ep-a-1.eastus2.azure.neon.tech.", NEON_DIRECT},
	    {"ep-a-1.x-pooler.aws.neon.tech", NEON_DIRECT},
	    {"-pooler.x.neon.tech", NEON_DIRECT},
	    {"neon.tech", NEON_NONE},
	    {".neon.tech", NEON_NONE},
	    {"ep-a-1.aws.notneon.tech", NEON_NONE},
	    {"ep-a-1.aws.neon.tech.example.com", NEON_NONE},
	    {"localhost", NEON_NONE},
	    {"/run/postgresql", NEON_NONE},
	    {"", NEON_NONE},
	    {NULL, NEON_NONE},
	    {"localhost,ep-a-1.aws.neon.tech", NEON_DIRECT},
	    {"ep-a-pooler.aws.neon.tech,ep-a.aws.neon.tech", NEON_POOLED},
	    {"ep-a.aws.neon.tech,", NEON_DIRECT},
	    {",", NEON_NONE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++)
		if (neon_by_hosts(examples[i].hosts) != examples[i].neon)
			fail_msg("%s", examples[i].hosts);
}

static void test_url(void **state)
{
	(void)state;
	assert_int_equal(setenv("PGHOST", "ep-a-pooler.aws.neon.tech", 1), 0);
	assert_int_equal(
	    neon_by_url("postgresql://u:p@ep-a.aws.neon.tech/d?hostaddr=::1"),
	    NEON_DIRECT);
	assert_int_equal(neon_by_url("host=localhost dbname=neon.tech"),
			 NEON_NONE);
	assert_int_equal(neon_by_url("dbname=d"), NEON_POOLED);
	assert_int_equal(neon_by_url("nonsense"), NEON_NONE);
	assert_int_equal(unsetenv("PGHOST"), 0);
	assert_int_equal(neon_by_url("dbname=d"), NEON_NONE);
}

static void test_sslmode(void **state)
{
	static const char *const weak[] = {"disable", "allow", "prefer"};
	static const char *const strong[] = {"require", "verify-ca",
					     "verify-full"};
	struct fault fault = {.code = OK};
	const char *mode = "";

	(void)state;
	assert_int_equal(neon_sslmode(&mode, NEON_NONE, NULL, &fault), OK);
	assert_null(mode);
	assert_int_equal(neon_sslmode(&mode, NEON_POOLED, NULL, &fault), OK);
	assert_string_equal(mode, "require");
	assert_int_equal(neon_sslmode(&mode, NEON_DIRECT, "", &fault), OK);
	assert_string_equal(mode, "require");
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
		    neon_sslmode(&mode, NEON_NONE, weak[i], &fault), OK);
		assert_string_equal(mode, weak[i]);
		assert_int_equal(
		    neon_sslmode(&mode, NEON_DIRECT, weak[i], &fault),
		    ERR_USAGE);
		assert_non_null(strstr(fault.text, weak[i]));
		assert_non_null(strstr(fault.text, "write sslmode=require"));
		assert_int_equal(
		    neon_sslmode(&mode, NEON_DIRECT, strong[i], &fault), OK);
		assert_string_equal(mode, strong[i]);
	}
}

static void test_patience(void **state)
{
	(void)state;
	assert_int_equal(neon_patience_ms(NEON_NONE, 5000), 5000);
	assert_int_equal(neon_patience_ms(NEON_DIRECT, 5000), 60000);
	assert_int_equal(neon_patience_ms(NEON_POOLED, 90000), 90000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_hosts),
	    cmocka_unit_test(test_url),
	    cmocka_unit_test(test_sslmode),
	    cmocka_unit_test(test_patience),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
