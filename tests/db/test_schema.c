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

static void test_tables(void **state)
{
	assert_db(*state,
		  "select string_agg(tablename, ' ' order by tablename) "
		  "from pg_tables where schemaname = 'public'",
		  "audit_logs loans platforms reputation_events streams tasks "
		  "transactions workers");
	assert_db(*state,
		  "select count(*) from information_schema.columns c "
		  "join information_schema.tables t using (table_schema, "
		  "table_name) where table_schema = 'public' and table_type = "
		  "'BASE TABLE' and (column_name, data_type) "
		  "in (('id', 'uuid'), ('metadata', 'jsonb'), "
		  "('created_at', 'timestamp with time zone'), "
		  "('updated_at', 'timestamp with time zone'))",
		  "32");
	assert_db(*state,
		  "select string_agg(table_name, ' ' order by table_name) "
		  "from information_schema.columns where column_name = "
		  "'deleted_at'",
		  "platforms tasks workers");
	assert_db(*state,
		  "select count(*) from information_schema.columns "
		  "where table_schema = 'public' and column_name like '%usdc' "
		  "and (numeric_precision, numeric_scale) <> (78, 6)",
		  "0");
}

static void test_enums(void **state)
{
	static const char *const enums[][2] = {
	    {"task_type", "fixed time_based milestone"},
	    {"task_status",
	     "created assigned in_progress completed disputed cancelled"},
	    {"stream_status", "active paused completed cancelled"},
	    {"transaction_type", "payout advance refund repayment fee"},
	    {"transaction_status",
	     "pending submitted confirmed failed cancelled"},
	    {"loan_status", "pending approved disbursed active repaying repaid "
			    "defaulted cancelled"},
	    {"reputation_event_type",
	     "task_completed task_late dispute_filed dispute_resolved "
	     "rating_received manual_adjustment"},
	};
	char sql[256];

	assert_db(*state, "select count(*) from pg_type where typtype = 'e'",
		  "7");
	for (size_t i = 0; i < sizeof(enums) / sizeof(enums[0]); i++) {
		snprintf(sql, sizeof(sql),
			 "select string_agg(enumlabel, ' ' order by "
			 "enumsortorder) from pg_enum where enumtypid = "
			 "'public.%s'::regtype",
			 enums[i][0]);
		assert_db(*state, sql, enums[i][1]);
	}
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

static void test_indexes(void **state)
{
	assert_db(*state,
		  "select string_agg(substr(indexname, 5), ' ' order by "
		  "indexname) from pg_indexes where schemaname = 'public' and "
		  "indexname like 'idx\\_%'",
		  "audit_action audit_actor audit_created audit_resource "
		  "loans_active loans_created loans_due loans_status "
		  "loans_worker platforms_api_key platforms_status "
		  "reputation_created reputation_task reputation_type "
		  "reputation_worker streams_contract streams_next_release "
		  "streams_platform streams_status streams_worker "
		  "tasks_completed tasks_created tasks_external tasks_platform "
		  "tasks_status tasks_worker transactions_created "
		  "transactions_from transactions_pending transactions_status "
		  "transactions_to transactions_tx_hash transactions_type "
		  "transactions_worker workers_created workers_email "
		  "workers_reputation workers_status workers_wallet");
	assert_db(*state,
		  "select string_agg(substr(indexname, 5), ' ' order by "
		  "indexname) from pg_indexes where schemaname = 'public' and "
		  "indexname like 'idx\\_%' and indexdef like '% UNIQUE %'",
		  "platforms_api_key streams_contract transactions_tx_hash "
		  "workers_email workers_wallet");
}

#define WALLET "'0x' || repeat('a1', 20)"
#define HASH "'0x' || repeat('b2', 32)"
#define WORKER                                                                 \
	"insert into public.workers (email, display_name, wallet_address) "    \
	"values ('w@x.org', 'W', " WALLET "); "

static void refused(struct db *db, const char *script, const char *why)
{
	enum err err = db_try(db, script);

	if (err != ERR_DATABASE || !strstr(db->fault.text, why))
		fail_msg("%s\n-> %s", script,
			 err ? db->fault.text : "accepted");
}

static void test_checks(void **state)
{
	struct db *db = *state;

	db_run(db, "begin");
	db_run(db, WORKER "savepoint s");
	static const char *const bad[][2] = {
	    {"update public.workers set wallet_address = '0xABC'",
	     "wallet_address_check"},
	    {"update public.workers set wallet_address = upper(" WALLET ")",
	     "wallet_address_check"},
	    {"update public.workers set wallet_address = '0x' || "
	     "repeat('0', 40)",
	     "wallet_address_check"},
	    {"update public.workers set reputation_score = 1001",
	     "reputation_score_check"},
	    {"update public.workers set completion_rate = 100.01",
	     "completion_rate_check"},
	    {"update public.workers set email = 'nobody'", "email_check"},
	    {"update public.workers set password_hash = 'hunter2'",
	     "password_hash_check"},
	    {"update public.workers set metadata = '[]'", "metadata_check"},
	    {"update public.workers set display_name = null", "display_name"},
	    {"insert into public.workers (email, display_name, "
	     "wallet_address) values ('W@X.org', 'V', '0x' || repeat('c3', "
	     "20))",
	     "idx_workers_email"},
	    {"insert into public.workers (email, display_name, "
	     "wallet_address) values ('v@x.org', 'V', " WALLET ")",
	     "idx_workers_wallet"},
	    {"insert into public.platforms (name, email, api_key_hash) "
	     "values ('P', 'p@x.org', 'plain-key')",
	     "api_key_hash_check"},
	    {"insert into public.transactions (type, amount_usdc, "
	     "from_wallet, to_wallet, chain_id) values ('payout', -1, " WALLET
	     ", " WALLET ", 1)",
	     "amount_check"},
	    {"insert into public.transactions (type, status, amount_usdc, "
	     "from_wallet, to_wallet, chain_id) values ('payout', "
	     "'confirmed', 1, " WALLET ", " WALLET ", 1)",
	     "hash_known_check"},
	    {"insert into public.transactions (type, amount_usdc, "
	     "from_wallet, to_wallet, chain_id, tx_hash, block_number) values "
	     "('payout', 1, " WALLET ", " WALLET ", 1, " HASH ", 1)",
	     "block_check"},
	    {"insert into public.streams (worker_wallet, platform_wallet, "
	     "chain_id, contract_address, contract_stream_id, "
	     "total_amount_usdc, released_amount_usdc, start_time) values "
	     "(" WALLET ", " WALLET ", 1, " WALLET ", 1, 1, 2, now())",
	     "amounts_check"},
	    {"insert into public.loans (worker_id, requested_amount_usdc) "
	     "values (gen_random_uuid(), 1)",
	     "loans_worker_id_fkey"},
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		refused(db, bad[i][0], bad[i][1]);
		db_run(db, "rollback to s");
	}
	db_run(db, "rollback");
}

static void test_deleted_email_is_free(void **state)
{
	struct db *db = *state;

	db_run(db,
	       "begin; " WORKER "update public.workers set deleted_at = now(); "
	       "insert into public.workers (email, display_name, "
	       "wallet_address) values ('w@x.org', 'W', '0x' || "
	       "repeat('c3', 20))");
	db_run(db, "rollback");
}

static void test_timestamps(void **state)
{
	struct db *db = *state;

	db_run(db, WORKER);
	db_run(db, "update public.workers set display_name = 'X', "
		   "created_at = '2001-01-01', updated_at = '2001-01-01'");
	assert_db(db,
		  "select created_at < updated_at and created_at > now() - "
		  "interval '1 minute' from public.workers",
		  "t");
	/* version 7, in the order of time */
	assert_db(db,
		  "select bool_and(substr(id::text, 15, 1) = '7' and "
		  "substr(id::text, 20, 1) in ('8', '9', 'a', 'b')) from "
		  "(select public.gigstream_uuid() id from "
		  "generate_series(1, 1000)) x",
		  "t");
	assert_db(db,
		  "select abs(extract(epoch from now()) * 1000 - "
		  "('x' || lpad(replace(substr(id::text, 1, 13), '-', ''), 16, "
		  "'0'))::bit(64)::bigint) < 5000 from (select "
		  "public.gigstream_uuid() id) x",
		  "t");
	db_run(db, "delete from public.workers");
}

static void test_append_only(void **state)
{
	struct db *db = *state;

	db_run(db, "begin; insert into public.audit_logs (actor_type, action, "
		   "resource_type) values ('system', 'a', 'b'); " WORKER
		   "insert into public.reputation_events (worker_id, "
		   "event_type, points_delta) select id, 'task_late', -5 from "
		   "public.workers; savepoint s");
	refused(db, "update public.audit_logs set action = 'c'",
		"audit_logs is append-only: UPDATE is refused");
	db_run(db, "rollback to s");
	refused(db, "delete from public.reputation_events",
		"reputation_events is append-only: DELETE is refused");
	db_run(db, "rollback to s");
	refused(db, "truncate public.audit_logs", "append-only");
	db_run(db, "rollback to s");
	refused(db, "delete from public.workers", "can only be soft-deleted");
	db_run(db, "rollback");
}

static void test_cascades(void **state)
{
	struct db *db = *state;

	db_run(db,
	       "begin; " WORKER
	       "insert into public.platforms (name, email, api_key_hash) "
	       "values ('P', 'p@x.org', repeat('0', 64)); "
	       "insert into public.tasks (platform_id, worker_id, title, "
	       "type, payment_amount_usdc) select p.id, w.id, 'T', 'fixed', 1 "
	       "from public.platforms p, public.workers w; "
	       "insert into public.transactions (type, amount_usdc, "
	       "from_wallet, to_wallet, chain_id, worker_id, task_id) select "
	       "'payout', 1, " WALLET ", " WALLET ", 1, worker_id, id from "
	       "public.tasks; delete from public.platforms");
	assert_db(db, "select count(*) from public.tasks", "0");
	assert_db(db,
		  "select count(*) from public.transactions where task_id "
		  "is null",
		  "1");
	db_run(db, "delete from public.workers");
	assert_db(db,
		  "select count(*) from public.transactions where "
		  "worker_id is null",
		  "1");
	db_run(db, "rollback");
}

/* Every change of status, with and without the chain's word. */
static void allowed(struct db *db, const char *table, const char *statuses,
		    bool evidence, const char *expected)
{
	char sql[1024];

	snprintf(
	    sql, sizeof(sql),
	    "create or replace function pg_temp.allowed() returns text "
	    "language plpgsql as $$ declare a text; b text; r text := ''; "
	    "begin "
	    "perform set_config('gigstream.chain_evidence', '%s', true); "
	    "for a, b in select x, y from unnest(string_to_array('%s', ' ')) "
	    "x, unnest(string_to_array('%s', ' ')) y where x <> y loop "
	    "begin execute format('alter table public.%s disable trigger "
	    "status_change; update public.%s set status = %%L; alter table "
	    "public.%s enable trigger status_change', a); "
	    "execute format('update public.%s set status = %%L', b); "
	    "r := r || a || '>' || b || ' '; "
	    "exception when check_violation then "
	    "if sqlerrm not like '%%' || a || ' -> ' || b || '%%' then raise; "
	    "end if; end; end loop; return r; end $$",
	    evidence ? "on" : "", statuses, statuses, table, table, table,
	    table);
	db_run(db, sql);
	assert_db(db, "select pg_temp.allowed()", expected);
}

static void test_transaction_status(void **state)
{
	static const char all[] = "pending submitted confirmed failed "
				  "cancelled";
	struct db *db = *state;

	db_run(db, "begin; insert into public.transactions (type, amount_usdc, "
		   "from_wallet, to_wallet, chain_id, tx_hash) values "
		   "('payout', 1, " WALLET ", " WALLET ", 1, " HASH ")");
	allowed(db, "transactions", all, false,
		"pending>submitted pending>confirmed pending>failed "
		"pending>cancelled submitted>confirmed submitted>failed ");
	allowed(db, "transactions", all, true,
		"pending>submitted pending>confirmed pending>failed "
		"pending>cancelled submitted>confirmed submitted>failed "
		"confirmed>submitted failed>submitted failed>confirmed ");
	db_run(db, "rollback");
}

static void test_stream_status(void **state)
{
	static const char all[] = "active paused completed cancelled";
	struct db *db = *state;

	db_run(db, "begin; insert into public.streams (worker_wallet, "
		   "platform_wallet, chain_id, contract_address, "
		   "contract_stream_id, total_amount_usdc, start_time) values "
		   "(" WALLET ", " WALLET ", 1, " WALLET ", 1, 1, now())");
	allowed(db, "streams", all, false,
		"active>paused active>completed active>cancelled "
		"paused>active paused>cancelled ");
	allowed(db, "streams", all, true,
		"active>paused active>completed active>cancelled "
		"paused>active paused>completed paused>cancelled "
		"completed>active completed>paused completed>cancelled "
		"cancelled>active cancelled>paused cancelled>completed ");
	db_run(db, "rollback");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_enums),
	    cmocka_unit_test(test_enum_order),
	    cmocka_unit_test(test_indexes),
	    cmocka_unit_test(test_checks),
	    cmocka_unit_test(test_deleted_email_is_free),
	    cmocka_unit_test(test_timestamps),
	    cmocka_unit_test(test_append_only),
	    cmocka_unit_test(test_cascades),
	    cmocka_unit_test(test_transaction_status),
	    cmocka_unit_test(test_stream_status),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
