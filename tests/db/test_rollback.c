/* What a reorg takes away, what comes back, and what becomes final. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib_scene.h"

static void test_rollback(void **state)
{
	struct shop shop;
	struct scene s;
	struct transition_row gone = {.subject = SUBJECT_STREAM,
				      .from = STREAM_ACTIVE,
				      .to = -1,
				      .reason = "reorg"};
	struct changes changes = {
	    .n_gone_streams = 1, .transitions = &gone, .n_transitions = 1};

	(void)state;
	shop_open(&shop, true);
	scene_play(&shop, &s, 1);
	assert_int_equal(shop_rollback(&shop, 10), OK);
	assert_int_equal(shop.loaded->n_events, 0);
	assert_int_equal(shop.loaded->n_transfers, 0);
	assert_int_equal(shop.loaded->n_streams, 1);
	assert_int_equal(shop.loaded->n_transactions, 1);
	assert_false(shop.loaded->transactions[0].has_block);
	assert_false(object_is_none(&shop.loaded->transactions[0].stream));
	changes.gone_streams = shop.loaded->streams;
	scene_commit(&shop, (struct store_commit){.changes = &changes,
						  .has_ancestor = true,
						  .ancestor = 10});
	assert_db(&shop.db, COUNTS, "1 0 0 0 0 1 3");
	assert_db(&shop.db, "select ranges from chain.coverage", "{[10,11)}");
	assert_db(&shop.db,
		  "select status from public.transactions where "
		  "block_number is null and stream_id is null",
		  "submitted");

	/* nothing above: nothing concerned */
	assert_int_equal(shop_rollback(&shop, 10), OK);
	assert_int_equal(shop.loaded->n_transactions, 0);
	shop_abandon(&shop);

	/* the old branch wins after all: its facts stand again */
	scene_make(&s, 1);
	scene_begin(&shop, &s.facts);
	assert_int_equal(shop.loaded->n_transactions, 1);
	s.yes[0] = true;
	s.changes.n_transactions = 0;
	s.changes.n_transitions = 1;
	scene_commit(&shop, scene_commit_of(&s));
	assert_db(&shop.db, COUNTS, "2 1 1 1 1 1 4");
	shop_close(&shop);
}

/* A transaction that is included anew, elsewhere, is the same row. */
static void test_included_anew(void **state)
{
	struct shop shop;
	struct scene s;
	struct transaction_row moved;
	bool no = false;
	struct changes changes = {.transactions = &moved,
				  .transaction_is_new = &no,
				  .n_transactions = 1};

	(void)state;
	shop_open(&shop, true);
	scene_play(&shop, &s, 1);
	assert_int_equal(shop_rollback(&shop, 10), OK);
	scene_commit(
	    &shop, (struct store_commit){.has_ancestor = true, .ancestor = 10});
	/* It was given up, too early. */
	db_run(&shop.db, "update public.transactions set status = 'failed', "
			 "error_message = 'orphaned'");
	moved = s.payout;
	moved.block_number = 12;
	moved.block_hash = hash_of(0xee);
	moved.log_index = 77;
	moved.submitted_at = 12000;
	scene_commit(&shop, (struct store_commit){.changes = &changes});
	assert_int_equal(shop.done.transactions_updated, 1);
	assert_db(&shop.db,
		  "select concat_ws(' ', count(*), min(block_number), "
		  "min(log_index), extract(epoch from min(submitted_at))::int) "
		  "from public.transactions",
		  "1 12 77 12000");
	assert_db(&shop.db,
		  "select status || coalesce(error_message, '') "
		  "from public.transactions",
		  "submitted");
	shop_close(&shop);
}

static void test_confirm(void **state)
{
	struct shop shop;
	struct scene s;
	struct store_commit commit;

	(void)state;
	shop_open(&shop, true);
	scene_play(&shop, &s, 1);
	commit = (struct store_commit){.head = 20,
				       .head_time = 20000,
				       .has_finalized = true,
				       .finalized = 10};
	scene_commit(&shop, commit);
	assert_int_equal(shop.done.confirmed[TYPE_PAYOUT], 0);
	commit.finalized = 11;
	commit.finalized_hash = hash_of(3);
	scene_commit(&shop, commit);
	assert_int_equal(shop.done.confirmed[TYPE_PAYOUT], 1);
	assert_db(&shop.db,
		  "select concat_ws(' ', status, confirmations, extract(epoch "
		  "from confirmed_at)::int) from public.transactions",
		  "confirmed 10 11000");
	assert_db(&shop.db,
		  "select concat_ws(' ', from_status, to_status, reason, "
		  "block_number) from chain.transitions order by id desc "
		  "limit 1",
		  "submitted confirmed final 11");
	/* the final block never goes back */
	commit.finalized = 5;
	commit.finalized_hash = hash_of(4);
	scene_commit(&shop, commit);
	assert_db(&shop.db,
		  "select final_number || left(encode(final_hash, "
		  "'hex'), 2) from chain.chains",
		  "1103");
	/* a reorg takes it back, and may */
	assert_int_equal(shop_rollback(&shop, 10), OK);
	assert_int_equal(shop.loaded->transactions[0].status, STATUS_CONFIRMED);
	s.payout.status = STATUS_SUBMITTED;
	s.payout.has_block = false;
	s.yes[0] = false;
	s.changes.n_streams = 0;
	s.changes.n_transitions = 0;
	scene_commit(&shop, (struct store_commit){.changes = &s.changes,
						  .has_ancestor = true,
						  .ancestor = 10});
	assert_db(&shop.db, "select status from public.transactions",
		  "submitted");
	shop_close(&shop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rollback),
	    cmocka_unit_test(test_included_anew),
	    cmocka_unit_test(test_confirm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
