#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "db/schema/migrate.h"
#include "embedded/migrations.h"
#include "lib_db.h"

struct seen {
	struct db *db;
	size_t n;
	enum migration_state states[64];
	char last_at[40];
};

static void on_done(void *arg, enum err err, const struct fault *fault)
{
	struct seen *seen = arg;

	seen->db->err = err;
	seen->db->fault = *fault;
	seen->db->done = true;
}

static void on_run(void *arg, enum err err, const struct fault *fault, size_t n)
{
	struct seen *seen = arg;

	seen->n = n;
	on_done(arg, err, fault);
}

static void on_status(void *arg, enum err err, const struct fault *fault,
		      const struct migration *list, size_t n)
{
	struct seen *seen = arg;

	seen->n = n;
	for (size_t i = 0; i < n && i < 64; i++) {
		seen->states[i] = list[i].state;
		snprintf(seen->last_at, sizeof(seen->last_at), "%s",
			 list[i].applied_at);
	}
	on_done(arg, err, fault);
}

static enum err run(struct seen *seen, bool force)
{
	assert_int_equal(migrate_run(seen->db->pg, force, NULL, on_run, seen),
			 OK);
	db_wait(seen->db);
	return seen->db->err;
}

static enum err check(struct seen *seen)
{
	assert_int_equal(migrate_check(seen->db->pg, on_done, seen), OK);
	db_wait(seen->db);
	return seen->db->err;
}

static void drop(struct seen *seen)
{
	assert_int_equal(migrate_drop(seen->db->pg, on_done, seen), OK);
	db_wait(seen->db);
	assert_int_equal(seen->db->err, OK);
}

static size_t embedded_count(void)
{
	size_t n = 0;

	while (embedded_migrations[n].name)
		n++;
	return n;
}

static void test_push_and_drop(void **state)
{
	struct db db;
	struct seen seen = {.db = &db};
	size_t all = embedded_count();

	(void)state;
	db_open(&db);
	drop(&seen);
	assert_int_equal(check(&seen), ERR_MISSING);
	assert_string_equal(db.fault.text, "the schema is not applied; run: "
					   "gigstreamd db push");
	assert_int_equal(run(&seen, false), OK);
	assert_int_equal(seen.n, all);
	assert_int_equal(check(&seen), OK);
	assert_int_equal(run(&seen, false), OK);
	assert_int_equal(seen.n, 0);
	assert_int_equal(migrate_status(db.pg, on_status, &seen), OK);
	db_wait(&db);
	assert_int_equal(seen.n, all);
	for (size_t i = 0; i < all; i++)
		assert_int_equal(seen.states[i], MIGRATION_APPLIED);
	assert_int_equal(strlen(seen.last_at), 20);
	drop(&seen);
	assert_db(&db,
		  "select count(*) from pg_class c join pg_namespace n "
		  "on n.oid = c.relnamespace where n.nspname in "
		  "('public', 'chain')",
		  "0");
	assert_db(&db,
		  "select count(*) from pg_proc p join pg_namespace n "
		  "on n.oid = p.pronamespace where n.nspname = 'public' "
		  "and p.proname like 'gigstream%'",
		  "0");
	assert_int_equal(migrate_status(db.pg, on_status, &seen), OK);
	db_wait(&db);
	assert_int_equal(seen.states[0], MIGRATION_PENDING);
	db_close(&db);
}

static void test_older_newer_edited(void **state)
{
	struct db db;
	struct seen seen = {.db = &db};

	(void)state;
	db_open(&db);
	db_reset(&db);
	db_run(&db, "insert into chain.migrations values ('9999_later', 'x')");
	assert_int_equal(check(&seen), ERR_CONFLICT);
	assert_non_null(strstr(db.fault.text, "9999_later"));
	assert_int_equal(run(&seen, true), ERR_CONFLICT);
	db_run(&db, "delete from chain.migrations where name = '9999_later'");
	db_run(&db, "update chain.migrations set checksum = 'y' "
		    "where name like '0002%'");
	assert_int_equal(check(&seen), ERR_CONFLICT);
	assert_non_null(strstr(db.fault.text, "0002_"));
	assert_non_null(strstr(db.fault.text, "--force"));
	assert_int_equal(run(&seen, false), ERR_CONFLICT);
	assert_false(pg_in_transaction(db.pg));
	assert_int_equal(run(&seen, true), OK);
	assert_int_equal(check(&seen), OK);
	db_run(&db, "delete from chain.migrations where name like '0003%'");
	assert_int_equal(check(&seen), ERR_MISSING);
	assert_non_null(strstr(db.fault.text, "db migrate"));
	db_close(&db);
}

/* What fails leaves nothing behind, and says which and why. */
static void test_failed_migration(void **state)
{
	struct db db;
	struct seen seen = {.db = &db};

	(void)state;
	db_open(&db);
	drop(&seen);
	db_run(&db, "create table public.audit_logs (x int)");
	assert_int_equal(run(&seen, false), ERR_DATABASE);
	assert_non_null(strstr(db.fault.text, "migration 0001_"));
	assert_non_null(strstr(db.fault.text, "audit_logs"));
	assert_db(&db, "select to_regclass('public.workers') is null", "t");
	assert_db(&db, "select to_regclass('chain.migrations') is null", "t");
	drop(&seen);
	db_close(&db);
}

/* Two starters at once: each migration is applied once. */
static void test_two_at_once(void **state)
{
	struct db a, b;
	struct seen one = {.db = &a}, two = {.db = &b};

	(void)state;
	db_open(&a);
	db_open(&b);
	drop(&one);
	assert_int_equal(migrate_run(a.pg, false, NULL, on_run, &one), OK);
	assert_int_equal(migrate_run(b.pg, false, NULL, on_run, &two), OK);
	while (!a.done || !b.done) {
		uv_run(&a.loop, UV_RUN_NOWAIT);
		uv_run(&b.loop, UV_RUN_NOWAIT);
	}
	if (a.err || b.err)
		fail_msg("%s; %s", a.fault.text, b.fault.text);
	assert_int_equal(one.n + two.n, embedded_count());
	db_close(&a);
	db_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_push_and_drop),
	    cmocka_unit_test(test_older_newer_edited),
	    cmocka_unit_test(test_failed_migration),
	    cmocka_unit_test(test_two_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
