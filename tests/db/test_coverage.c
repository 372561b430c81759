#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/db/lib_store.h"

/* What vouches for a block: a rescan under a stronger mode says more of it, one
 * under a weaker mode never less. */

#define COVERAGE                                                               \
	"select string_agg(verified_by || ranges::text, ' ' order by "         \
	"verified_by) from chain.coverage where not isempty(ranges)"

#define ADD_WORKER(email, digits)                                              \
	"insert into public.workers (email, display_name, wallet_address) "    \
	"values ('" email "', 'W', '0x' || repeat('" digits "', 20))"

static void covers(struct shop *shop, uint64_t from, uint64_t to,
		   const char *verified_by)
{
	const struct facts none = {0};
	const struct store_commit commit = {
	    .facts = &none,
	    .sources = &shop_token,
	    .n_sources = 1,
	    .from = from,
	    .to = to,
	    .verified_by = verified_by,
	    .has_tip = true,
	    .tip = 30,
	    .head = 30,
	    .start_block = SHOP_START,
	};

	if (shop_commit(shop, commit) != OK)
		fail_msg("%s", shop->db.fault.text);
}

static void test_upgrades(void **state)
{
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	covers(&shop, 10, 29, "logs");
	assert_db(&shop.db, COVERAGE, "logs{[10,30)}");
	covers(&shop, 12, 19, "bloom");
	assert_db(&shop.db, COVERAGE, "bloom{[12,20)} logs{[10,12),[20,30)}");
	covers(&shop, 15, 24, "receipts");
	assert_db(&shop.db, COVERAGE,
		  "bloom{[12,15)} logs{[10,12),[25,30)} receipts{[15,25)}");
	shop_close(&shop);
}

static void test_never_downgrades(void **state)
{
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	covers(&shop, 15, 19, "receipts");
	covers(&shop, 18, 22, "bloom");
	assert_db(&shop.db, COVERAGE, "bloom{[20,23)} receipts{[15,20)}");
	covers(&shop, 10, 29, "logs");
	assert_db(&shop.db, COVERAGE,
		  "bloom{[20,23)} logs{[10,15),[23,30)} receipts{[15,20)}");
	covers(&shop, 16, 17, "logs");
	covers(&shop, 15, 22, "bloom");
	assert_db(&shop.db, COVERAGE,
		  "bloom{[20,23)} logs{[10,15),[23,30)} receipts{[15,20)}");
	covers(&shop, 10, 29, "receipts");
	assert_db(&shop.db, COVERAGE, "receipts{[10,30)}");
	shop_close(&shop);
}

/* A wallet's history is read by eth_getLogs: what receipts vouched for keeps
 * their word. */
static void test_history(void **state)
{
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	db_run(&shop.db, ADD_WORKER("w@x.org", "33"));
	covers(&shop, 20, 20, "receipts"); /* adopts it */
	covers(&shop, 12, 15, "receipts"); /* a rescan, for it too */
	shop_jobs(&shop);
	if (shop_commit(&shop, (struct store_commit){.has_job = true,
						     .job_id = shop.job.id,
						     .job_done_to = 30,
						     .job_finished = true}) !=
	    OK)
		fail_msg("%s", shop.db.fault.text);
	assert_db(&shop.db,
		  "select string_agg(verified_by || ranges::text, ' ' order by "
		  "verified_by) from chain.coverage where source = "
		  "decode(repeat('33', 20), 'hex')",
		  "logs{[10,12),[16,31)} receipts{[12,16)}");
	shop_close(&shop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_upgrades),
	    cmocka_unit_test(test_never_downgrades),
	    cmocka_unit_test(test_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
