#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <regex.h>

#include "embedded/migrations.h"
#include "embedded/queries.h"

/* A pooler gives each transaction another session: whatever outlives its
 * transaction is somebody else's, or nobody's. */
static const struct rule {
	const char *what;
	const char *pattern; /* POSIX extended, letters of either case */
	const char *unless;  /* a text that makes it harmless, or NULL */
} rules[] = {
    {"a notification that is waited for", "(^|[;[:space:]])(un)?listen[ ;]",
     NULL},
    {"a setting of the session",
     "(^|;)[[:space:]]*set[[:space:]]+(session[[:space:]]|[a-z_.]+[[:space:]]*"
     "(=|to[[:space:]]))",
     NULL},
    {"a setting of the session", "set_config *\\([^()]*, *false *\\)", NULL},
    {"a lock of the session", "pg_(try_)?advisory_(un)?lock", NULL},
    {"a prepared statement",
     "(^|;)[[:space:]]*(prepare|deallocate|discard)[[:space:]]", NULL},
    {"a temporary table", "create[[:space:]]+temp", "on commit drop"},
    {"a cursor that outlives its transaction", "with[[:space:]]+hold", NULL},
    {"a sequence's value in this session", "(curr|last)val *\\(", NULL},
};

/* The text without its comments; malloced. */
static char *plain(const char *text)
{
	char *copy = strdup(text), *to = copy;

	assert_non_null(copy);
	for (const char *c = text; *c; c++) {
		if (c[0] == '-' && c[1] == '-')
			c += strcspn(c, "\n");
		if (!*c)
			break;
		*to++ = *c;
	}
	*to = '\0';
	return copy;
}

/* The rule that the SQL breaks, or NULL. */
static const struct rule *broken(const char *sql)
{
	char *text = plain(sql);
	const struct rule *found = NULL;

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const struct rule *rule = &rules[i];
		regex_t regex;

		assert_int_equal(regcomp(&regex, rule->pattern,
					 REG_EXTENDED | REG_ICASE | REG_NOSUB),
				 0);
		if (regexec(&regex, text, 0, NULL, 0) == 0 &&
		    !(rule->unless && strstr(text, rule->unless)))
			found = rule;
		regfree(&regex);
	}
	free(text);
	return found;
}

static void check(const struct embedded *files)
{
	for (; files->name; files++) {
		const struct rule *rule = broken(files->text);

		if (rule)
			fail_msg("%s.sql uses %s", files->name, rule->what);
	}
}

static void test_files(void **state)
{
	(void)state;
	check(embedded_queries);
	check(embedded_migrations);
}

static void test_rules(void **state)
{
	static const char *const bad[] = {
	    "listen news",
	    "begin; SET search_path = x",
	    "set timezone to 'UTC'",
	    "set session characteristics as transaction read only",
	    "select set_config('a.b', 'c', false)",
	    "select pg_advisory_lock(1)",
	    "select pg_try_advisory_lock_shared(1)",
	    "prepare q as select 1",
	    "create temporary table t (x int)",
	    "declare c cursor with hold for select 1",
	    "select lastval()",
	};
	static const char *const good[] = {
	    "-- listen; set x = 1\nselect 1",
	    "update t\nset a = 1",
	    "set local lock_timeout = 100",
	    "select set_config('a.b', 'c', true)",
	    "select pg_advisory_xact_lock(1)",
	    "create function f() returns int set search_path = pg_catalog",
	    "create temp table t (x int) on commit drop",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!broken(bad[i]))
			fail_msg("not noticed: %s", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (broken(good[i]))
			fail_msg("%s is no %s", good[i], broken(good[i])->what);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
