#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "db/rows.h"
#include "lib_db.h"

static int setup(void **state)
{
	static struct db db;

	db_open(&db);
	db_reset(&db);
	*state = &db;
	return 0;
}

static int teardown(void **state)
{
	db_close(*state);
	return 0;
}

/* The C enums are in the order of the SQL ones. */
static void test_enum_order(void **state)
{
	char sql[160];

	for (int i = 0; i < TASK_TYPES; i++) {
		snprintf(sql, sizeof(sql),
			 "select (enum_range(null::public.task_type))[%d]",
			 i + 1);
		assert_db(*state, sql, task_type_name((enum task_type)i));
	}
	for (int i = 0; i < TASK_STATUSES; i++) {
		snprintf(sql, sizeof(sql),
			 "select (enum_range(null::public.task_status))[%d]",
			 i + 1);
		assert_db(*state, sql, task_status_name((enum task_status)i));
	}
	for (int i = 0; i < STREAM_STATUSES; i++) {
		snprintf(sql, sizeof(sql),
			 "select (enum_range(null::public.stream_status))[%d]",
			 i + 1);
		assert_db(*state, sql,
			  stream_status_name((enum stream_status)i));
	}
	for (int i = 0; i < TRANSACTION_TYPES; i++) {
		snprintf(
		    sql, sizeof(sql),
		    "select (enum_range(null::public.transaction_type))[%d]",
		    i + 1);
		assert_db(*state, sql,
			  transaction_type_name((enum transaction_type)i));
	}
	for (int i = 0; i < TRANSACTION_STATUSES; i++) {
		snprintf(
		    sql, sizeof(sql),
		    "select (enum_range(null::public.transaction_status))[%d]",
		    i + 1);
		assert_db(*state, sql,
			  transaction_status_name((enum transaction_status)i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_enum_order),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
