#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "db/people/people.h"
#include "lib_db.h"

static const struct actor somebody = {
    .type = ACTOR_OPERATOR,
    .id = "ann@desk",
    .action = "person.add",
    .request_id = "request 1",
    .ip_address = "192.0.2.7",
    .user_agent = "test",
};

struct desk {
	struct db db;
	struct arena *arena;
	struct person first;
	size_t n;
	char names[16]; /* the first letter of each */
};

static void on_people(void *arg, enum err err, const struct fault *fault,
		      const struct person *list, size_t n)
{
	struct desk *desk = arg;

	desk->n = n;
	memset(desk->names, 0, sizeof(desk->names));
	for (size_t i = 0; i < n && i + 1 < sizeof(desk->names); i++)
		desk->names[i] = list[i].name[0];
	if (n)
		desk->first = list[0];
	desk->db.err = err;
	desk->db.fault = *fault;
	desk->db.done = true;
}

static enum err add(struct desk *desk, enum person_kind kind, const char *name,
		    const char *email, uint8_t wallet)
{
	char key[65]; /* told by the name's first letter */
	struct address address;
	struct person_new person = {kind, name, email, wallet ? &address : NULL,
				    key};

	memset(key, '0' + name[0] % 10, 64);
	key[64] = '\0';
	memset(&address, wallet, sizeof(address));
	assert_int_equal(people_add(desk->db.pg, desk->arena, &somebody,
				    &person, on_people, desk),
			 OK);
	db_wait(&desk->db);
	return desk->db.err;
}

static enum err show(struct desk *desk, enum person_kind kind, const char *key)
{
	assert_int_equal(
	    people_show(desk->db.pg, desk->arena, kind, key, on_people, desk),
	    OK);
	db_wait(&desk->db);
	return desk->db.err;
}

static void open_desk(struct desk *desk)
{
	memset(desk, 0, sizeof(*desk));
	db_open(&desk->db);
	db_reset(&desk->db);
	desk->arena = arena_new(1 << 20);
	assert_non_null(desk->arena);
}

static void close_desk(struct desk *desk)
{
	arena_free(desk->arena);
	db_close(&desk->db);
}

static void test_worker(void **state)
{
	struct desk desk;
	char id[UUID_TEXT_SIZE];

	(void)state;
	open_desk(&desk);
	assert_int_equal(
	    add(&desk, PERSON_WORKER, "O'Neil \"W\"", "W@x.org", 0x33), OK);
	assert_int_equal(desk.n, 1);
	assert_string_equal(desk.first.name, "O'Neil \"W\"");
	assert_int_equal(desk.first.score, 100);
	assert_int_equal(strlen(desk.first.created_at), 20);
	uuid_format(id, &desk.first.id);
	assert_int_equal(show(&desk, PERSON_WORKER, id), OK);
	assert_int_equal(show(&desk, PERSON_WORKER, "w@X.org"), OK);
	assert_int_equal(show(&desk, PERSON_WORKER,
			      "0x3333333333333333333333333333333333333333"),
			 OK);
	assert_string_equal(desk.first.email, "W@x.org");
	assert_int_equal(show(&desk, PERSON_WORKER, "nobody"), ERR_MISSING);
	assert_string_equal(desk.db.fault.text,
			    "no worker has the id, email or wallet \"nobody\"");
	assert_int_equal(show(&desk, PERSON_PLATFORM, id), ERR_MISSING);
	close_desk(&desk);
}

static void refused(struct desk *desk, enum err err, enum err expected,
		    const char *why)
{
	assert_int_equal(err, expected);
	if (!strstr(desk->db.fault.text, why))
		fail_msg("%s", desk->db.fault.text);
}

static void test_conflicts(void **state)
{
	struct desk desk;

	(void)state;
	open_desk(&desk);
	assert_int_equal(add(&desk, PERSON_WORKER, "W", "w@x.org", 0x33), OK);
	refused(&desk, add(&desk, PERSON_WORKER, "V", "W@X.org", 0x34),
		ERR_CONFLICT, "this email");
	refused(&desk, add(&desk, PERSON_WORKER, "V", "v@x.org", 0x33),
		ERR_CONFLICT, "this wallet");
	refused(&desk, add(&desk, PERSON_WORKER, "V", "v.x.org", 0x35),
		ERR_USAGE, "no email address");
	refused(&desk, add(&desk, PERSON_WORKER, " ", "v@x.org", 0x35),
		ERR_USAGE, "1 to 200 characters");
	assert_int_equal(add(&desk, PERSON_PLATFORM, "P", "w@x.org", 0x33), OK);
	refused(&desk, add(&desk, PERSON_PLATFORM, "Q", "W@x.org", 0),
		ERR_CONFLICT, "email");
	refused(&desk, add(&desk, PERSON_PLATFORM, "P", "q@x.org", 0),
		ERR_CONFLICT, "API key");
	close_desk(&desk);
}

static enum err rotate(struct desk *desk, const char *key, char digit)
{
	char hash[65];

	memset(hash, digit, 64);
	hash[64] = '\0';
	assert_int_equal(people_set_secret(desk->db.pg, desk->arena, &somebody,
					   SECRET_API_KEY_HASH, key, hash,
					   on_people, desk),
			 OK);
	db_wait(&desk->db);
	return desk->db.err;
}

static void test_rotate_key(void **state)
{
	struct desk desk;
	char id[UUID_TEXT_SIZE];

	(void)state;
	open_desk(&desk);
	assert_int_equal(add(&desk, PERSON_PLATFORM, "P", "p@x.org", 0x44), OK);
	uuid_format(id, &desk.first.id);
	assert_int_equal(rotate(&desk, id, 'a'), OK);
	assert_int_equal(rotate(&desk, "P@X.org", 'b'), OK);
	assert_int_equal(
	    rotate(&desk, "0x4444444444444444444444444444444444444444", 'c'),
	    OK);
	assert_int_equal(desk.n, 1);
	assert_string_equal(desk.first.name, "P");
	assert_db(&desk.db,
		  "select api_key_hash = repeat('c', 64) "
		  "from public.platforms",
		  "t");
	refused(&desk, rotate(&desk, "q@x.org", 'd'), ERR_MISSING,
		"no platform has the id, email or wallet \"q@x.org\"");
	assert_int_equal(add(&desk, PERSON_PLATFORM, "Q", "q@x.org", 0), OK);
	refused(&desk, rotate(&desk, "q@x.org", 'c'), ERR_CONFLICT, "API key");
	db_run(&desk.db, "update public.platforms set deleted_at = now()");
	refused(&desk, rotate(&desk, id, 'e'), ERR_MISSING, "no platform");
	close_desk(&desk);
}

/* What each change leaves in the audit, and that the next transaction on the
 * same connection is nobody's again. */
static void test_audit(void **state)
{
	struct desk desk;

	(void)state;
	open_desk(&desk);
	assert_int_equal(add(&desk, PERSON_PLATFORM, "P", "p@x.org", 0), OK);
	assert_db(&desk.db,
		  "select concat_ws(' ', actor_type, actor_id, action, "
		  "resource_type, host(ip_address), user_agent, request_id, "
		  "changes_before, changes_after ->> 'name', "
		  "changes_after ->> 'email') from public.audit_logs",
		  "operator ann@desk person.add platform 192.0.2.7 test "
		  "request 1 P [redacted]");
	assert_int_equal(rotate(&desk, "p@x.org", 'b'), OK);
	assert_db(&desk.db,
		  "select concat(changes_before, changes_after) from "
		  "public.audit_logs where changes_before is not null",
		  "{\"api_key_hash\": \"[redacted]\"}"
		  "{\"api_key_hash\": \"[redacted]\"}");
	assert_db(&desk.db,
		  "select current_setting('gigstream.actor_type', true)", "");
	db_run(&desk.db, "update public.platforms set name = 'Q'");
	assert_int_equal(add(&desk, PERSON_PLATFORM, "R", "p@x.org", 0),
			 ERR_CONFLICT);
	assert_db(&desk.db, "select count(*) from public.audit_logs", "2");
	close_desk(&desk);
}

/* Workers; their names' first letters are then in desk->names. */
static void list(struct desk *desk, struct people_filter filter)
{
	assert_int_equal(people_list(desk->db.pg, desk->arena, PERSON_WORKER,
				     &filter, on_people, desk),
			 OK);
	db_wait(&desk->db);
	assert_int_equal(desk->db.err, OK);
}

static void test_list(void **state)
{
	struct desk desk;

	(void)state;
	open_desk(&desk);
	assert_int_equal(add(&desk, PERSON_WORKER, "A", "a@x.org", 1), OK);
	assert_int_equal(add(&desk, PERSON_WORKER, "B", "b@x.org", 2), OK);
	assert_int_equal(add(&desk, PERSON_PLATFORM, "P", "p@x.org", 0), OK);
	assert_false(desk.first.has_wallet);
	list(&desk, (struct people_filter){.limit = 10});
	assert_int_equal(desk.n, 2);
	assert_string_equal(desk.first.name, "A");
	db_run(&desk.db, "update public.workers set deleted_at = now() where "
			 "display_name = 'A'");
	list(&desk, (struct people_filter){.limit = 10});
	assert_int_equal(desk.n, 1);
	assert_string_equal(desk.first.name, "B");
	close_desk(&desk);
}

static void test_filter(void **state)
{
	static const char *const names[] = {"A", "B", "C", "D"};
	static const char *const emails[] = {"a@x.org", "b@x.org", "c@x.org",
					     "d@x.org"};
	struct desk desk;
	enum people_sort sort = PEOPLE_BY_CREATED;

	(void)state;
	open_desk(&desk);
	for (uint8_t i = 0; i < 4; i++)
		assert_int_equal(
		    add(&desk, PERSON_WORKER, names[i], emails[i], i + 1), OK);
	db_run(&desk.db, "update public.workers set reputation_score = "
			 "(v).score, total_earned = (v).earned, status = "
			 "(v).status from (values ('A', 500, 10, 'active'), "
			 "('B', 900, 5, 'inactive'), ('C', 700, 99, 'active'), "
			 "('D', 0, 50, 'active')) v (name, score, earned, "
			 "status) where display_name = (v).name");
	list(&desk, (struct people_filter){10, "active", 0, PEOPLE_BY_SCORE});
	assert_string_equal(desk.names, "CAD");
	list(&desk, (struct people_filter){2, "active", 0, PEOPLE_BY_SCORE});
	assert_string_equal(desk.names, "CA");
	list(&desk, (struct people_filter){10, NULL, 0, PEOPLE_BY_EARNED});
	assert_string_equal(desk.names, "CDAB");
	list(&desk, (struct people_filter){10, NULL, 700, PEOPLE_BY_CREATED});
	assert_string_equal(desk.names, "BC");
	list(&desk, (struct people_filter){10, "suspended", 0, 0});
	assert_string_equal(desk.names, "");
	assert_true(people_sort_parse(&sort, "earned"));
	assert_int_equal(sort, PEOPLE_BY_EARNED);
	assert_false(people_sort_parse(&sort, "Earned"));
	assert_true(people_status_exists("inactive"));
	assert_false(people_status_exists("actif"));
	close_desk(&desk);
}

static void test_no_schema(void **state)
{
	struct desk desk;

	(void)state;
	open_desk(&desk);
	db_run(&desk.db, "drop table public.workers cascade");
	assert_int_equal(add(&desk, PERSON_WORKER, "A", "a@x.org", 1),
			 ERR_DATABASE);
	assert_string_equal(desk.db.fault.text,
			    "relation \"public.workers\" does not exist: the "
			    "schema is not applied; run: gigstreamd db push");
	close_desk(&desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_worker),     cmocka_unit_test(test_conflicts),
	    cmocka_unit_test(test_rotate_key), cmocka_unit_test(test_audit),
	    cmocka_unit_test(test_list),       cmocka_unit_test(test_filter),
	    cmocka_unit_test(test_no_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
