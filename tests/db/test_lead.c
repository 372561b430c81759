#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib_store.h"

static void must_commit(struct shop *shop, struct store_commit commit)
{
	if (shop_commit(shop, commit) != OK)
		fail_msg("%s", shop->db.fault.text);
}

static void test_lease(void **state)
{
	struct shop a, b;

	(void)state;
	shop_open(&a, true);
	shop_open(&b, false);
	assert_int_equal(a.lease.term, 1);
	assert_db(&a.db, "select backend_pid is null from chain.lease",
		  db_is_pooled(&b.db) ? "t" : "f");
	assert_false(shop_lease(&b, 60000));
	assert_string_equal(b.lease.owner, "a \"test\"");
	assert_true(shop_lease(&a, 60000)); /* renewed */
	assert_int_equal(a.lease.term, 1);
	shop_release(&a);
	assert_true(shop_lease(&b, 60000));
	assert_int_equal(b.lease.term, 2);
	assert_false(shop_lease(&a, 60000));
	assert_int_equal(shop_commit(&a, (struct store_commit){.head = 1}),
			 ERR_LEASE_LOST);
	assert_int_equal(shop_commit(&b, (struct store_commit){.head = 1}), OK);
	shop_close(&a);
	shop_close(&b);
}

/* Whose backend is gone does not hold it, whatever its time says; behind a
 * pooler nobody knows that, and its time decides. */
static void test_lease_of_the_dead(void **state)
{
	struct shop a, b;

	(void)state;
	shop_open(&a, true);
	shop_open(&b, false);
	pg_cancel(a.db.pg);
	shop_close(&a);
	if (db_is_pooled(&b.db)) {
		assert_false(shop_lease(&b, 60000));
		db_run(&b.db, "update chain.lease set expires_at = now()");
	}
	while (!shop_lease(&b, 60000)) /* until its backend has ended */
		;
	assert_int_equal(b.lease.term, 2);
	shop_close(&b);
}

/* A holder stuck between its last check and COMMIT blocks nobody for longer
 * than its lease: whoever is next ends its backend, or, where a pooler hides
 * that, its transaction ends by itself. */
static void test_lease_of_the_stuck(void **state)
{
	struct shop a, b;
	struct fault fault;

	(void)state;
	shop_open(&a, true);
	shop_open(&b, false);
	assert_true(shop_lease(&a, 1));
	db_run(&a.db, "begin; select from chain.lease for update");
	if (db_is_pooled(&a.db))
		db_run(&a.db, "set local idle_in_transaction_session_timeout "
			      "= 100");
	while (!shop_lease(&b, 60000))
		;
	assert_int_equal(b.lease.term, 2);
	assert_int_equal(db_try(&a.db, "commit"), ERR_TRANSPORT);
	fault = a.db.fault;
	assert_non_null(strstr(fault.text, "terminating connection"));
	shop_close(&a);
	shop_close(&b);
}

#define SETTINGS                                                               \
	"select concat_ws(' ', current_setting('gigstream.chain_evidence', "   \
	"true), current_setting('idle_in_transaction_session_timeout'))"

/* What a batch sets is gone with its transaction. */
static void test_settings(void **state)
{
	const struct facts none = {.n_blocks = 0};
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	assert_int_equal(shop_begin(&shop, &none), OK);
	assert_db(&shop.db, SETTINGS, "on 30s");
	db_run(&shop.db, "rollback");
	assert_db(&shop.db, SETTINGS, " 0");
	shop_close(&shop);
}

#define ADD_WORKER(email, byte)                                                \
	"insert into public.workers (email, display_name, "                    \
	"wallet_address) values ('" email "', 'W', '0x' || repeat('" byte      \
	"', 20));"
#define ADD_PLATFORM(email, byte)                                              \
	"insert into public.platforms (name, email, wallet_address, "          \
	"api_key_hash) values ('P', '" email "', '0x' || repeat('" byte        \
	"', 20), repeat('" byte "', 32));"

/* The token and the stream contract, read from..to. */
static struct store_commit covering(uint64_t from, uint64_t to, uint64_t tip)
{
	static struct address sources[2];

	sources[0] = shop_token;
	sources[1] = shop_contract;
	return (struct store_commit){.sources = sources,
				     .n_sources = 2,
				     .from = from,
				     .to = to,
				     .verified_by = "receipts",
				     .head = tip + 2,
				     .head_time = (int64_t)(tip + 2) * 1000,
				     .has_tip = true,
				     .tip = tip,
				     .start_block = SHOP_START};
}

static void test_adopt(void **state)
{
	struct address worker = address_of(0x33);
	struct stream_row stream = stream_of(1, 0xb1);
	bool yes = true;
	struct changes changes = {
	    .streams = &stream, .stream_is_new = &yes, .n_streams = 1};
	struct store_commit commit = covering(10, 20, 20);
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	commit.changes = &changes;
	must_commit(&shop, commit);
	assert_int_equal(shop.done.n_adopted, 0);

	db_run(&shop.db,
	       ADD_WORKER("w@x.org", "33") ADD_PLATFORM("p@x.org", "44"));
	must_commit(&shop, covering(21, 21, 21));
	assert_int_equal(shop.done.n_adopted, 2);
	assert_true(address_eq(&shop.done.adopted[0], &worker) ||
		    address_eq(&shop.done.adopted[1], &worker));
	/* streams already known for the wallets are linked at once */
	assert_db(&shop.db,
		  "select count(*) from public.streams where "
		  "worker_id is not null and platform_id is not "
		  "null",
		  "1");
	shop_jobs(&shop);
	assert_int_equal(shop.n_jobs, 1);
	assert_int_equal(shop.job.kind, JOB_HISTORY);
	assert_int_equal(shop.job.from, 10);
	assert_int_equal(shop.job.to, 21);
	assert_int_equal(shop.job.n_wallets, 2);
	assert_false(shop.job.has_done);
	must_commit(&shop, covering(22, 22, 22));
	assert_int_equal(shop.done.n_adopted, 0);

	/* a worker that turns out to be a platform, too: watched already, but
	 * its history means something else now */
	db_run(&shop.db, ADD_PLATFORM("w@x.org", "33"));
	must_commit(&shop, covering(23, 23, 23));
	assert_int_equal(shop.done.n_adopted, 1);
	shop_jobs(&shop);
	assert_int_equal(shop.n_jobs, 2);
	assert_db(&shop.db,
		  "select min(since) || ' ' || max(since) from "
		  "chain.watched",
		  "22 22");
	shop_close(&shop);
}

/* Registered before the chain was known, and the contracts themselves. */
static void test_adopt_early_and_never(void **state)
{
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	db_run(&shop.db,
	       "delete from chain.chains where chain_id <> 31337; " ADD_WORKER(
		   "w@x.org", "33"));
	db_run(&shop.db, "select chain.identify(99, '\\x00', 1, '\\x00'); "
			 "insert into public.workers (email, display_name, "
			 "wallet_address) values ('t@x.org', 'T', '0x70' || "
			 "repeat('00', 19))");
	assert_db(&shop.db,
		  "select string_agg(chain_id::text, ' ' order by "
		  "chain_id) from chain.watched",
		  "99 99 31337 31337");
	must_commit(&shop, covering(10, 10, 10));
	assert_int_equal(shop.done.n_adopted, 1);
	/* without sources in the commit, its coverage tells a contract */
	must_commit(&shop, (struct store_commit){.has_tip = true,
						 .tip = 10,
						 .start_block = SHOP_START});
	assert_int_equal(shop.done.n_adopted, 0);
	shop_close(&shop);
}

static void status_has(struct shop *shop, const char *part)
{
	struct address sources[] = {shop_token, shop_contract};
	const char *text = shop_status(shop, sources, 2);

	if (!strstr(text, part))
		fail_msg("%s\nis not in\n%s", part, text);
}

static void test_coverage_and_gaps(void **state)
{
	struct address sources[] = {shop_token, shop_contract};
	struct block_row blocks[] = {block_of(20, 1, false)};
	struct facts facts = {.blocks = blocks, .n_blocks = 1};
	struct store_commit commit;
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	status_has(&shop, "\"indexed\" : null");
	status_has(&shop, "\"gaps\" : []");
	commit = covering(15, 20, 20);
	commit.facts = &facts;
	must_commit(&shop, commit);
	status_has(&shop, "\"indexed\" : 20, \"lag_blocks\" : 2, "
			  "\"lag_seconds\" : 2");
	status_has(&shop, "\"state\" : \"catching up\"");
	status_has(&shop,
		   "\"gaps\" : [{\"source\" : "
		   "\"0x7000000000000000000000000000000000000000\", \"from\" : "
		   "10, \"to\" : 14}, ");
	status_has(&shop, "\"wallets_incomplete\" : 0");
	/* one source alone is not all of them */
	commit = covering(10, 12, 20);
	commit.n_sources = 1;
	must_commit(&shop, commit);
	shop_resume(&shop, sources, 2);
	assert_int_equal(shop.resume.n_covered, 1);
	assert_int_equal(shop.resume.covered[0].from, 15);
	assert_int_equal(shop.resume.covered[0].to, 20);
	must_commit(&shop, covering(10, 14, 20));
	status_has(&shop, "\"gaps\" : []");
	shop_resume(&shop, sources, 2);
	assert_int_equal(shop.resume.n_covered, 1);
	assert_int_equal(shop.resume.covered[0].from, 10);
	/* of a source nobody has read, nothing is covered */
	sources[1] = address_of(0x99);
	shop_resume(&shop, sources, 2);
	assert_int_equal(shop.resume.n_covered, 0);
	shop_close(&shop);
}

/* A wallet is complete when its history is read, not when its head is; what a
 * backfill reads for all, it reads for the wallet, too. */
static void test_wallet_completeness(void **state)
{
	struct block_row blocks[] = {block_of(20, 1, false)};
	struct facts facts = {.blocks = blocks, .n_blocks = 1};
	struct store_commit commit = covering(10, 20, 20);
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	commit.facts = &facts;
	must_commit(&shop, commit);
	db_run(&shop.db, ADD_WORKER("w@x.org", "33"));
	status_has(&shop, "\"wallets\" : 1, \"wallets_incomplete\" : 1");
	must_commit(&shop, (struct store_commit){.has_tip = true,
						 .tip = 20,
						 .start_block = SHOP_START});
	status_has(&shop, "\"wallets_incomplete\" : 1");
	shop_jobs(&shop);
	must_commit(&shop, (struct store_commit){.has_job = true,
						 .job_id = shop.job.id,
						 .job_done_to = 15});
	assert_int_equal(shop_get_job(&shop, shop.job.id), OK);
	assert_int_equal(shop.job.done_to, 15);
	assert_false(shop.job_finished);
	status_has(&shop, "\"wallets_incomplete\" : 1");
	must_commit(&shop, (struct store_commit){.has_job = true,
						 .job_id = shop.job.id,
						 .job_done_to = 20,
						 .job_finished = true});
	assert_int_equal(shop_get_job(&shop, shop.job.id), OK);
	assert_true(shop.job_finished);
	status_has(&shop, "\"wallets_incomplete\" : 0");
	assert_db(&shop.db,
		  "select ranges from chain.coverage where verified_by = "
		  "'logs'",
		  "{[10,21)}");

	db_run(&shop.db, ADD_WORKER("v@x.org", "34"));
	must_commit(&shop, (struct store_commit){.has_tip = true,
						 .tip = 20,
						 .start_block = SHOP_START});
	status_has(&shop, "\"wallets_incomplete\" : 1");
	must_commit(&shop, covering(10, 20, 20)); /* a rescan */
	status_has(&shop, "\"wallets_incomplete\" : 0");
	shop_close(&shop);
}

static void test_rollback_cuts(void **state)
{
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	must_commit(&shop, covering(10, 20, 20));
	db_run(&shop.db, ADD_WORKER("w@x.org", "33"));
	must_commit(&shop, (struct store_commit){.has_tip = true,
						 .tip = 20,
						 .start_block = SHOP_START});
	shop_jobs(&shop);
	/* what has not begun is not half done by that */
	must_commit(
	    &shop, (struct store_commit){.has_ancestor = true, .ancestor = 19});
	assert_int_equal(shop_get_job(&shop, shop.job.id), OK);
	assert_false(shop.job.has_done);
	assert_int_equal(shop.job.to, 19);
	must_commit(&shop, (struct store_commit){.has_job = true,
						 .job_id = shop.job.id,
						 .job_done_to = 18});
	must_commit(
	    &shop, (struct store_commit){.has_ancestor = true, .ancestor = 15});
	assert_db(&shop.db,
		  "select string_agg(ranges::text, ' ') from "
		  "chain.coverage",
		  "{[10,16)} {[10,16)}");
	assert_db(&shop.db, "select since from chain.watched", "16");
	assert_int_equal(shop_get_job(&shop, shop.job.id), OK);
	assert_int_equal(shop.job.done_to, 15);
	assert_int_equal(shop.job.to, 15);
	/* below all that the job has done */
	must_commit(&shop,
		    (struct store_commit){.has_ancestor = true, .ancestor = 9});
	assert_int_equal(shop_get_job(&shop, shop.job.id), OK);
	assert_false(shop.job.has_done);
	assert_db(&shop.db, "select since from chain.watched", "10");
	shop_close(&shop);
}

static void test_jobs(void **state)
{
	struct shop shop;
	uint64_t first;

	(void)state;
	shop_open(&shop, true);
	shop_add_job(&shop, 5, 9, false);
	first = shop.job.id;
	assert_int_equal(shop.job.kind, JOB_RANGE);
	shop_add_job(&shop, 5, 9, false);
	assert_int_equal(shop.job.id, first);
	shop_add_job(&shop, 5, 9, true);
	assert_int_not_equal(shop.job.id, first);
	assert_true(shop.job.rescan);
	shop_jobs(&shop);
	assert_int_equal(shop.n_jobs, 2);
	assert_int_equal(shop.job.id, first);
	must_commit(&shop, (struct store_commit){.has_job = true,
						 .job_id = first,
						 .job_done_to = 9,
						 .job_finished = true});
	shop_jobs(&shop);
	assert_int_equal(shop.n_jobs, 1);
	shop_add_job(&shop, 5, 9, false);
	assert_int_not_equal(shop.job.id, first);
	assert_int_equal(shop_get_job(&shop, 12345), ERR_MISSING);
	shop_close(&shop);
}

static void test_resume(void **state)
{
	struct block_row blocks[] = {block_of(10, 1, false),
				     block_of(11, 1, true)};
	struct facts facts = {.blocks = blocks, .n_blocks = 2};
	struct store_commit commit = covering(10, 11, 11);
	struct hash genesis = hash_of(1);
	struct address none = {{0}}, wallet;
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	db_run(&shop.db, ADD_WORKER("w@x.org", "33"));
	commit.facts = &facts;
	commit.has_finalized = true;
	commit.finalized = 10;
	must_commit(&shop, commit);
	shop_resume(&shop, &shop_token, 1);
	assert_true(shop.resume.known);
	assert_true(hash_eq(&shop.resume.genesis_hash, &genesis));
	assert_int_equal(shop.resume.start_block, SHOP_START);
	assert_true(shop.resume.has_finalized);
	assert_int_equal(shop.resume.finalized, 10);
	assert_int_equal(shop.resume.n_blocks, 2);
	assert_int_equal(shop.resume.blocks[1].number, 11);
	assert_true(hash_eq(&shop.resume.blocks[1].hash, &blocks[1].hash));
	assert_true(hash_eq(&shop.resume.blocks[1].parent_hash,
			    &blocks[1].parent_hash));
	assert_int_equal(shop.resume.blocks[1].timestamp, 11000);
	assert_true(shop.resume.blocks[1].has_facts);
	shop_wallets(&shop, &none);
	assert_int_equal(shop.n_wallets, 1);
	wallet = shop.wallets[0];
	shop_wallets(&shop, &wallet);
	assert_int_equal(shop.n_wallets, 0);
	shop_jobs(&shop);
	assert_int_equal(shop.n_jobs, 1);
	assert_int_equal(shop.job.n_wallets, 1);
	db_run(&shop.db, "truncate chain.chains cascade");
	shop_resume(&shop, &shop_token, 1);
	assert_false(shop.resume.known);
	shop_wallets(&shop, &none); /* those who own them are there */
	assert_int_equal(shop.n_wallets, 1);
	assert_true(address_eq(&shop.wallets[0], &wallet));
	shop_close(&shop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lease),
	    cmocka_unit_test(test_lease_of_the_dead),
	    cmocka_unit_test(test_lease_of_the_stuck),
	    cmocka_unit_test(test_settings),
	    cmocka_unit_test(test_adopt),
	    cmocka_unit_test(test_adopt_early_and_never),
	    cmocka_unit_test(test_coverage_and_gaps),
	    cmocka_unit_test(test_wallet_completeness),
	    cmocka_unit_test(test_rollback_cuts),
	    cmocka_unit_test(test_jobs),
	    cmocka_unit_test(test_resume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
