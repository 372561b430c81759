#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib_store.h"

/* Many wallets at once: parts of bounded size, and nothing that is done for each
 * of them again and again. */

#define BESIDE 5 /* more than one commit adopts */
#define MANY (STORE_ADOPT_MOST + BESIDE)
#define PAGE 100000 /* as wallets.sql has it */
#define TIP 20

static const struct address nobody;

/* Wallets 1..MANY as 20 bytes. */
static void register_many(struct shop *shop)
{
	char text[400];

	(void)snprintf(text, sizeof(text),
		       "insert into public.workers (email, display_name, "
		       "wallet_address) select format('w%%s@x.org', i), 'W', "
		       "'0x' || lpad(to_hex(i), 40, '0') "
		       "from generate_series(1, %d) i",
		       MANY);
	db_run(&shop->db, text);
}

static struct store_commit reading(uint64_t from, uint64_t to)
{
	return (struct store_commit){.sources = &shop_token,
				     .n_sources = 1,
				     .from = from,
				     .to = to,
				     .verified_by = "receipts",
				     .has_tip = true,
				     .tip = TIP,
				     .start_block = SHOP_START};
}

static void must_commit(struct shop *shop, struct store_commit commit)
{
	if (shop_commit(shop, commit) != OK)
		fail_msg("%s", shop->db.fault.text);
}

static void tick(struct shop *shop)
{
	must_commit(shop, (struct store_commit){.sources = &shop_token,
						.n_sources = 1,
						.has_tip = true,
						.tip = TIP,
						.start_block = SHOP_START});
}

/* A chain that is read up to TIP. */
static void open_read(struct shop *shop)
{
	struct block_row block = block_of(TIP, 1, false);
	struct facts facts = {.blocks = &block, .n_blocks = 1};
	struct store_commit commit = reading(SHOP_START, TIP);

	shop_open(shop, true);
	commit.facts = &facts;
	must_commit(shop, commit);
	register_many(shop);
}

static void status_is(struct shop *shop, unsigned incomplete)
{
	const char *text = shop_status(shop, &shop_token, 1);
	char part[80];

	(void)snprintf(part, sizeof(part),
		       "\"wallets\" : %d, \"wallets_incomplete\" : %u,", MANY,
		       incomplete);
	if (!strstr(text, part))
		fail_msg("%s\nis not in\n%s", part, text);
}

static void finish(struct shop *shop, uint64_t job)
{
	must_commit(shop, (struct store_commit){.has_job = true,
						.job_id = job,
						.job_done_to = TIP,
						.job_finished = true});
}

static void adopted_in_parts(void **state)
{
	struct store_commit later = {.adopt_later = true};
	struct address last;
	struct shop shop;

	(void)state;
	open_read(&shop);
	db_run(&shop.db,
	       "insert into public.loans (worker_wallet, chain_id, "
	       "contract_address, contract_loan_id, requested_amount_usdc) "
	       "values ('0x' || lpad('1', 40, '0'), 31337, "
	       "'0x' || repeat('c', 40), 1, 10)");
	status_is(&shop, MANY);
	must_commit(&shop, later);
	assert_int_equal(shop.done.n_adopted, 0);
	tick(&shop);
	assert_int_equal(shop.done.n_adopted, STORE_ADOPT_MOST);
	status_is(&shop, MANY);
	assert_db(&shop.db,
		  "select w.email from public.loans l join public.workers w "
		  "on w.id = l.worker_id",
		  "w1@x.org");
	shop_jobs(&shop);
	assert_int_equal(shop.n_jobs, 1);
	assert_int_equal(shop.job.n_wallets, STORE_ADOPT_MOST);
	shop_job_wallets(&shop, shop.job.id);
	assert_int_equal(shop.n_wallets, STORE_ADOPT_MOST);
	last = shop.wallets[shop.n_wallets - 1];
	tick(&shop);
	assert_int_equal(shop.done.n_adopted, BESIDE);
	shop_job_wallets(&shop, shop.job.id + 1);
	assert_int_equal(shop.n_wallets, BESIDE);
	assert_true(address_cmp(&last, &shop.wallets[0]) < 0);
	tick(&shop);
	assert_int_equal(shop.done.n_adopted, 0);
	shop_close(&shop);
}

/* Once its history is read, a wallet is covered as the token is, and no commit
 * writes anything for it any more. */
static void complete_for_good(void **state)
{
	struct shop shop;

	(void)state;
	open_read(&shop);
	tick(&shop);
	tick(&shop);
	shop_jobs(&shop);
	finish(&shop, shop.job.id);
	status_is(&shop, BESIDE);
	finish(&shop, shop.job.id + 1);
	status_is(&shop, 0);
	assert_db(&shop.db,
		  "select min(since) || ' ' || max(since) from chain.watched",
		  "10 10");
	assert_db(&shop.db,
		  "select ranges || ' ' || count(*) from "
		  "chain.wallet_coverage(31337, "
		  "decode('70' || repeat('00', 19), 'hex')) group by ranges",
		  "{[10,21)} 10005");
	must_commit(&shop, reading(5, TIP)); /* below the start block, too */
	assert_db(&shop.db,
		  "select count(*) from chain.coverage "
		  "where verified_by = 'receipts' and not isempty(ranges)",
		  "1");
	/* What the token lacks, they all lack. */
	db_run(&shop.db, "update chain.coverage set ranges = ranges - "
			 "'{[12,13)}'::int8multirange "
			 "where verified_by = 'receipts'");
	status_is(&shop, MANY);
	shop_close(&shop);
}

static void page_by_page(void **state)
{
	struct address last = nobody;
	size_t n = 0, pages = 0;
	struct shop shop;
	char text[200];

	(void)state;
	shop_open(&shop, true);
	(void)snprintf(text, sizeof(text),
		       "insert into chain.watched (chain_id, wallet) "
		       "select 31337, decode(lpad(to_hex(i), 40, '0'), 'hex') "
		       "from generate_series(1, %d) i",
		       PAGE + 1);
	db_run(&shop.db, text);
	for (;; pages++) {
		shop_wallets(&shop, &last);
		if (shop.n_wallets == 0)
			break;
		assert_true(address_cmp(&last, &shop.wallets[0]) < 0);
		last = shop.wallets[shop.n_wallets - 1];
		n += shop.n_wallets;
		arena_reset(shop.arena);
	}
	assert_int_equal(n, PAGE + 1);
	assert_int_equal(pages, 2);
	shop_close(&shop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(adopted_in_parts),
	    cmocka_unit_test(complete_for_good),
	    cmocka_unit_test(page_by_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
