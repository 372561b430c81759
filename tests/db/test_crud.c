/* What the schema's document lists under "Database CRUD Tests", by the names it
 * gives them, through the client that everything here uses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/command/api_key.h"
#include "db/people/people.h"
#include "embedded/queries.h"
#include "lib_tx.h"

static int open_teller(void **state)
{
	static struct teller t;

	teller_open(&t, 2);
	db_reset(&t.db);
	*state = &t;
	return 0;
}

static int close_teller(void **state)
{
	teller_close(*state);
	return 0;
}

static void must(struct teller *t, enum err err)
{
	if (err != OK)
		fail_msg("%s", t->fault.text);
}

static void refused(struct teller *t, enum err err, const char *constraint)
{
	assert_int_equal(err, ERR_DATABASE);
	assert_string_equal(t->tx.error.constraint, constraint);
}

static struct uuid returned_id(struct teller *t, size_t i)
{
	struct sql_rows rows = teller_row(t, i);
	struct uuid id = sql_uuid(&rows);

	assert_false(uuid_is_nil(&id));
	return id;
}

static void add_worker(struct teller *t, const char *name, uint8_t wallet)
{
	struct address address;
	char email[64];

	memset(&address, wallet, sizeof(address));
	snprintf(email, sizeof(email), "%s@x.org", name);
	sql_add(&t->tx.sql, "insert into public.workers (display_name, email, "
			    "wallet_address) values ($1::text, $2::text, "
			    "$3::text) returning id");
	sql_put_text(&t->tx.sql, name);
	sql_put_text(&t->tx.sql, email);
	sql_put_address_text(&t->tx.sql, &address);
}

static void add_platform(struct teller *t, const char *name,
			 const char *key_hash)
{
	char email[64];

	snprintf(email, sizeof(email), "%s@x.org", name);
	sql_add(&t->tx.sql, "insert into public.platforms (name, email, "
			    "api_key_hash) values ($1::text, $2::text, "
			    "$3::text) returning id");
	sql_put_text(&t->tx.sql, name);
	sql_put_text(&t->tx.sql, email);
	sql_put_text(&t->tx.sql, key_hash);
}

static void add_task(struct teller *t, const struct uuid *worker,
		     const struct uuid *platform, const char *title,
		     uint64_t usdc)
{
	sql_add(&t->tx.sql, "insert into public.tasks (worker_id, platform_id, "
			    "title, type, payment_amount_usdc) values "
			    "($1::uuid, $2::uuid, $3::text, 'fixed', "
			    "$4::numeric) returning id, status");
	sql_put_uuid(&t->tx.sql, worker);
	sql_put_uuid(&t->tx.sql, platform);
	sql_put_text(&t->tx.sql, title);
	sql_put_u64(&t->tx.sql, usdc);
}

#define HASH "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"

/* Who the other tests are about. */
static void add_parties(struct teller *t, struct uuid *worker,
			struct uuid *platform)
{
	teller_begin(t);
	add_worker(t, "Ann", 0xa1);
	add_platform(t, "Acme", HASH);
	must(t, teller_commit(t));
	*worker = returned_id(t, 0);
	*platform = returned_id(t, 1);
	tx_end(&t->tx);
}

static void worker_creation_with_uuid(void **state)
{
	struct teller *t = *state;
	struct uuid first, second;
	struct sql_rows rows;

	teller_begin(t);
	add_worker(t, "Ann", 0xa1);
	add_worker(t, "Ben", 0xb2);
	must(t, teller_commit(t));
	first = returned_id(t, 0);
	second = returned_id(t, 1);
	tx_end(&t->tx);
	/* RFC 9562: version 7, variant 10 */
	assert_int_equal(first.b[6] >> 4, 7);
	assert_int_equal(first.b[8] >> 6, 2);
	assert_false(uuid_eq(&first, &second));

	teller_begin(t);
	sql_add(&t->tx.sql,
		"select display_name, wallet_address, status, reputation_score,"
		" deleted_at is null from public.workers where id = $1::uuid");
	sql_put_uuid(&t->tx.sql, &first);
	must(t, teller_commit(t));
	rows = teller_row(t, 0);
	assert_string_equal(sql_text(&rows), "Ann");
	assert_int_equal(sql_address_text(&rows).b[19], 0xa1);
	assert_string_equal(sql_text(&rows), "active");
	assert_int_equal(sql_u64(&rows), 100);
	assert_true(sql_bool(&rows));
	assert_false(sql_next(&rows));
	tx_end(&t->tx);

	teller_begin(t);
	add_worker(t, "Cid", 0xa1);
	refused(t, teller_commit(t), "idx_workers_wallet");
	tx_end(&t->tx);
}

/* The key is the platform's alone; the database can tell it, not say it. */
static void platform_creation_with_api_key(void **state)
{
	struct teller *t = *state;
	char key[API_KEY_SIZE], hash[API_KEY_HASH_SIZE];
	struct fault fault;
	struct uuid id, found;

	assert_int_equal(api_key_make(key, &fault), OK);
	api_key_hash(hash, key);
	teller_begin(t);
	add_platform(t, "Acme", hash);
	must(t, teller_commit(t));
	id = returned_id(t, 0);
	tx_end(&t->tx);

	teller_begin(t);
	sql_add(&t->tx.sql,
		"select id from public.platforms where api_key_hash = "
		"encode(sha256(convert_to($1::text, 'UTF8')), 'hex')");
	sql_put_text(&t->tx.sql, key);
	sql_add(&t->tx.sql, "select count(*) from public.platforms p where "
			    "position($1::text in p::text) > 0");
	sql_put_text(&t->tx.sql, key);
	must(t, teller_commit(t));
	found = returned_id(t, 0);
	assert_true(uuid_eq(&found, &id));
	assert_string_equal(PQgetvalue(t->results[1], 0, 0), "0");
	tx_end(&t->tx);

	teller_begin(t);
	add_platform(t, "Bolt", key);
	refused(t, teller_commit(t), "platforms_api_key_hash_check");
	tx_end(&t->tx);
	teller_begin(t);
	add_platform(t, "Bolt", hash);
	refused(t, teller_commit(t), "idx_platforms_api_key");
	tx_end(&t->tx);
}

static void task_creation_with_foreign_keys(void **state)
{
	struct teller *t = *state;
	struct uuid worker, platform, stranger = {.b = {1, 2, 3}};
	struct sql_rows rows;

	add_parties(t, &worker, &platform);
	teller_begin(t);
	add_task(t, &worker, &platform, "deliver", 25);
	add_task(t, &(struct uuid){{0}}, &platform, "nobody's yet", 5);
	must(t, teller_commit(t));
	rows = teller_row(t, 0);
	(void)sql_uuid(&rows);
	assert_string_equal(sql_text(&rows), "created");
	tx_end(&t->tx);

	teller_begin(t);
	add_task(t, &stranger, &platform, "deliver", 25);
	refused(t, teller_commit(t), "tasks_worker_id_fkey");
	tx_end(&t->tx);
	teller_begin(t);
	add_task(t, &worker, &stranger, "deliver", 25);
	refused(t, teller_commit(t), "tasks_platform_id_fkey");
	assert_string_equal(t->tx.error.sqlstate, "23503");
	tx_end(&t->tx);
	assert_db(&t->db,
		  "select string_agg(title || coalesce(' for ' || display_name,"
		  " '') || ' at ' || name, ', ' order by title) from "
		  "public.tasks t join public.platforms p on p.id = "
		  "t.platform_id left join public.workers w on w.id = "
		  "t.worker_id",
		  "deliver for Ann at Acme, nobody's yet at Acme");
}

/* The document's own example: the ten best among the active ones. */
static void complex_queries_with_filtering(void **state)
{
	struct teller *t = *state;
	struct sql_rows rows;
	struct person person;
	struct arena *arena = arena_new(1 << 16);
	int n = 0;

	assert_non_null(arena);
	teller_run(t, "insert into public.workers (display_name, email, "
		      "wallet_address, reputation_score, status, deleted_at) "
		      "select 'w' || n, n || '@x.org', '0x' || lpad(n::text, "
		      "40, '0'), n * 50, case when n % 5 = 0 then 'suspended' "
		      "else 'active' end, case when n = 19 then now() end "
		      "from generate_series(1, 20) n");
	teller_begin(t);
	sql_add(&t->tx.sql, queries_people_workers);
	person_put_key(&t->tx.sql, NULL);
	sql_put_u64(&t->tx.sql, 10);
	sql_put_text(&t->tx.sql, "active");
	sql_put_u64(&t->tx.sql, 300);
	sql_put_text(&t->tx.sql, "score");
	must(t, teller_commit(t));
	/* 18 17 16, 14 13 12 11, 9 8 7: neither deleted nor suspended */
	sql_rows(&rows, t->results[0]);
	for (uint64_t score = 900; sql_next(&rows); n++, score -= 50) {
		while (score % 250 == 0)
			score -= 50;
		person_read(&person, PERSON_WORKER, &rows, arena);
		assert_int_equal(person.score, score);
		assert_string_equal(person.status, "active");
	}
	assert_int_equal(sql_end(&rows, "workers", &t->fault), OK);
	assert_int_equal(n, 10);
	assert_string_equal(person.name, "w7");
	tx_end(&t->tx);
	arena_free(arena);
}

static void update_operations(void **state)
{
	struct teller *t = *state;
	struct uuid worker, platform;
	struct sql_rows rows;

	add_parties(t, &worker, &platform);
	teller_begin(t);
	sql_add(&t->tx.sql,
		"update public.workers set reputation_score = $2::integer "
		"where id = $1::uuid returning reputation_score, "
		"updated_at > created_at");
	sql_put_uuid(&t->tx.sql, &worker);
	sql_put_u64(&t->tx.sql, 750);
	sql_add(&t->tx.sql, "update public.workers set status = 'inactive' "
			    "where id = $1::uuid");
	sql_put_uuid(&t->tx.sql, &platform);
	must(t, teller_commit(t));
	assert_int_equal(sql_affected(t->results[0]), 1);
	assert_int_equal(sql_affected(t->results[1]), 0);
	rows = teller_row(t, 0);
	assert_int_equal(sql_u64(&rows), 750);
	assert_true(sql_bool(&rows));
	tx_end(&t->tx);

	teller_begin(t);
	sql_add(&t->tx.sql, "update public.workers set reputation_score = "
			    "$1::integer");
	sql_put_u64(&t->tx.sql, 1001);
	refused(t, teller_commit(t), "workers_reputation_score_check");
	tx_end(&t->tx);
	assert_db(&t->db, "select reputation_score from public.workers", "750");
}

static void delete_by_id(struct teller *t, const char *sql,
			 const struct uuid *id)
{
	sql_add(&t->tx.sql, sql);
	sql_put_uuid(&t->tx.sql, id);
}

/* A platform takes its tasks along; money outlives everybody; whoever has a
 * reputation stays. */
static void delete_operations_with_cascade(void **state)
{
	struct teller *t = *state;
	struct uuid worker, platform;

	add_parties(t, &worker, &platform);
	teller_begin(t);
	add_task(t, &worker, &platform, "one", 1);
	add_task(t, &worker, &platform, "two", 2);
	sql_add(&t->tx.sql,
		"insert into public.transactions (worker_id, platform_id, "
		"task_id, type, amount_usdc, from_wallet, to_wallet, chain_id) "
		"select worker_id, platform_id, id, 'payout', 1, '0x' || "
		"repeat('a', 40), '0x' || repeat('b', 40), 31337 from "
		"public.tasks where title = 'one'");
	delete_by_id(t, "delete from public.platforms where id = $1::uuid",
		     &platform);
	must(t, teller_commit(t));
	assert_int_equal(sql_affected(t->results[3]), 1);
	tx_end(&t->tx);
	assert_db(&t->db, "select count(*) from public.tasks", "0");
	assert_db(&t->db,
		  "select (platform_id is null and task_id is null and "
		  "worker_id is not null) || ' ' || amount_usdc from "
		  "public.transactions",
		  "true 1.000000");

	teller_begin(t);
	sql_add(&t->tx.sql,
		"insert into public.reputation_events (worker_id, event_type, "
		"points_delta) values ($1::uuid, 'task_late', -5)");
	sql_put_uuid(&t->tx.sql, &worker);
	must(t, teller_send(t));
	delete_by_id(t, "delete from public.workers where id = $1::uuid",
		     &worker);
	assert_int_equal(teller_send(t), ERR_DATABASE);
	assert_non_null(strstr(t->fault.text, "can only be soft-deleted"));
	tx_end(&t->tx); /* the event is gone with its transaction */

	teller_begin(t);
	delete_by_id(t, "delete from public.workers where id = $1::uuid",
		     &worker);
	must(t, teller_commit(t));
	tx_end(&t->tx);
	assert_db(&t->db,
		  "select count(*) from public.transactions where worker_id is "
		  "null",
		  "1");
}

#define ROWS                                                                   \
	"select (select count(*) from public.tasks) || ' ' || (select "        \
	"count(*) from public.audit_logs where action = 'test.rollback')"

static void add_audit(struct teller *t, const char *actor)
{
	sql_add(&t->tx.sql, "insert into public.audit_logs (actor_type, "
			    "action, resource_type) values ($1::text, "
			    "'test.rollback', 'task')");
	sql_put_text(&t->tx.sql, actor);
}

/* A task and its entry in the audit log: both, or neither. */
static void transaction_rollbacks(void **state)
{
	struct teller *t = *state;
	struct uuid worker, platform;

	add_parties(t, &worker, &platform);
	for (int steps = 1; steps <= 2; steps++) {
		teller_begin(t);
		add_task(t, &worker, &platform, "deliver", 25);
		if (steps == 2)
			must(t, teller_send(t));
		add_audit(t, "nobody we know");
		refused(t, teller_commit(t), "audit_logs_actor_type_check");
		tx_end(&t->tx);
		assert_db(&t->db, ROWS, "0 0");
	}

	teller_begin(t); /* its owner thinks better of it */
	add_task(t, &worker, &platform, "deliver", 25);
	add_audit(t, "platform");
	must(t, teller_send(t));
	tx_end(&t->tx);
	teller_run(t, ROWS);
	assert_string_equal(PQgetvalue(t->results[0], 0, 0), "0 0");

	teller_begin(t);
	add_task(t, &worker, &platform, "deliver", 25);
	must(t, teller_send(t));
	add_audit(t, "platform");
	must(t, teller_commit(t));
	tx_end(&t->tx);
	assert_db(&t->db, ROWS, "1 1");
}

#define CRUD(name, test)                                                       \
	{                                                                      \
		name, test, open_teller, close_teller, NULL                    \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CRUD("Worker creation with UUID", worker_creation_with_uuid),
	    CRUD("Platform creation with API key",
		 platform_creation_with_api_key),
	    CRUD("Task creation with foreign keys",
		 task_creation_with_foreign_keys),
	    CRUD("Complex queries with filtering",
		 complex_queries_with_filtering),
	    CRUD("Update operations", update_operations),
	    CRUD("Delete operations with cascade",
		 delete_operations_with_cascade),
	    CRUD("Transaction rollbacks", transaction_rollbacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
