/* Signing in while somebody changes the worker: what tests/cli cannot time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "db/people/sign_in.h"
#include "lib_db.h"

static const struct actor actor = {
    .type = ACTOR_OPERATOR,
    .id = "ann@desk",
    .action = "worker.sign_in",
};

#define OLD "'$2b$10$' || repeat('a', 53)"
#define NEW "'$2b$10$' || repeat('b', 53)"
#define ROWS                                                                   \
	"insert into public.workers (display_name, email, wallet_address, "    \
	"password_hash) values ('Ann', 'ann@x.org', '0x' || repeat('a1', 20)," \
	" " OLD "), ('Ben', 'ben@x.org', '0x' || repeat('b2', 20), null)"
#define LAST                                                                   \
	"select concat_ws(' ', actor_type, success, error_message) from "      \
	"public.audit_logs order by created_at desc, id desc limit 1"

struct desk {
	struct db db;
	struct arena *arena;
	struct stored_password stored;
	struct person person;
};

static int open_desk(void **state)
{
	static struct desk desk;

	memset(&desk, 0, sizeof(desk));
	db_open(&desk.db);
	db_reset(&desk.db);
	db_run(&desk.db, ROWS);
	desk.arena = arena_new(1 << 20);
	assert_non_null(desk.arena);
	*state = &desk;
	return 0;
}

static int close_desk(void **state)
{
	struct desk *desk = *state;

	arena_free(desk->arena);
	db_close(&desk->db);
	return 0;
}

static void done(struct desk *desk, enum err err, const struct fault *fault)
{
	desk->db.err = err;
	desk->db.fault = *fault;
	desk->db.done = true;
}

static void on_password(void *arg, enum err err, const struct fault *said,
			PGresult *const *results, size_t n)
{
	struct desk *desk = arg;
	struct fault fault = *said;

	if (err == OK) {
		assert_int_equal(n, 1);
		err = sign_in_read_password(&desk->stored, desk->arena,
					    results[0], &fault);
	}
	done(desk, err, &fault);
}

static void on_signed_in(void *arg, enum err err, const struct fault *said,
			 PGresult *const *results, size_t n)
{
	struct desk *desk = arg;
	struct fault fault = *said;

	if (err == OK)
		err = sign_in_read(&desk->person, PERSON_WORKER, desk->arena,
				   results[n - 1], &fault);
	done(desk, err, &fault);
}

static enum err round_trip(struct desk *desk, struct sql_batch *sql,
			   pg_results_cb cb)
{
	desk->db.done = false;
	assert_int_equal(sql_send(sql, desk->db.pg, DB_TIMEOUT_MS, cb, desk),
			 OK);
	sql_free(sql);
	db_wait(&desk->db);
	return desk->db.err;
}

static void look_up(struct desk *desk, const char *key)
{
	struct sql_batch sql;

	sql_init(&sql);
	sign_in_ask_password(&sql, key);
	assert_int_equal(round_trip(desk, &sql, on_password), OK);
}

static enum err sign_in(struct desk *desk, bool fits)
{
	struct sql_batch sql;

	sql_init(&sql);
	sign_in_ask_worker(&sql, &actor, &desk->stored, fits);
	return round_trip(desk, &sql, on_signed_in);
}

static void what_is_stored(void **state)
{
	struct desk *desk = *state;

	look_up(desk, "ANN@x.org");
	assert_false(uuid_is_nil(&desk->stored.worker));
	assert_memory_equal(desk->stored.hash, "$2b$10$aa", 9);
	assert_int_equal(strlen(desk->stored.hash), 60);
	assert_false(desk->stored.suspended);
	look_up(desk, "0xb2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2");
	assert_false(uuid_is_nil(&desk->stored.worker));
	assert_null(desk->stored.hash);
	db_run(&desk->db, "update public.workers set status = 'suspended'");
	look_up(desk, "ann@x.org");
	assert_true(desk->stored.suspended);
	db_run(&desk->db, "update public.workers set deleted_at = now()");
	look_up(desk, "ann@x.org");
	assert_true(uuid_is_nil(&desk->stored.worker));
	assert_null(desk->stored.hash);
}

static void nothing_changed(void **state)
{
	struct desk *desk = *state;

	look_up(desk, "ann@x.org");
	assert_int_equal(sign_in(desk, true), OK);
	assert_string_equal(desk->person.name, "Ann");
	assert_false(person_is_suspended(&desk->person));
	assert_db(&desk->db, LAST, "operator t");
	assert_int_equal(sign_in(desk, false), ERR_MISSING);
	assert_db(&desk->db, LAST, "operator f wrong password");
	look_up(desk, "ben@x.org");
	assert_int_equal(sign_in(desk, true), ERR_MISSING);
	assert_db(&desk->db, LAST, "operator f no password is set");
	assert_db(&desk->db,
		  "select string_agg(display_name, ' ') from public.workers "
		  "where last_login_at is not null",
		  "Ann");
}

/* Between the look at the password and the sign-in. */
static void refused_after(struct desk *desk, const char *change,
			  const char *audited)
{
	look_up(desk, "ann@x.org");
	db_run(&desk->db, change);
	assert_int_equal(sign_in(desk, true), ERR_MISSING);
	assert_db(&desk->db, LAST, audited);
	assert_db(&desk->db,
		  "select count(*) from public.workers "
		  "where last_login_at is not null",
		  "0");
}

static void the_password_changes(void **state)
{
	refused_after(*state, "update public.workers set password_hash = " NEW,
		      "operator f wrong password");
}

static void the_password_is_taken_away(void **state)
{
	refused_after(*state, "update public.workers set password_hash = null",
		      "operator f no password is set");
}

static void the_worker_is_suspended(void **state)
{
	refused_after(*state, "update public.workers set status = 'suspended'",
		      "operator f the worker is suspended");
}

static void the_worker_is_deleted(void **state)
{
	refused_after(*state, "update public.workers set deleted_at = now()",
		      "operator f the worker is deleted");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_desk, close_desk)
	const struct CMUnitTest tests[] = {
	    TEST(what_is_stored),	   TEST(nothing_changed),
	    TEST(the_password_changes),	   TEST(the_password_is_taken_away),
	    TEST(the_worker_is_suspended), TEST(the_worker_is_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
