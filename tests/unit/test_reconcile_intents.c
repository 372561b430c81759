#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/lib_scene.h"

/* Payments that an application intended, and the transfers that they meet. */

static void intend(struct scene *scene, unsigned tx, uint64_t amount)
{
	books_intend(scene->books, TYPE_PAYOUT, tx, P, W, U(amount));
}

/* The i-th intent has met this transaction in that block. */
static void assert_met(struct scene *scene, size_t i, unsigned tx,
		       uint64_t block)
{
	const struct transaction_row *row = books_intent(scene->books, i);
	struct hash hash = tx_hash_of(tx);

	assert_false(row->is_open);
	assert_true(hash_eq(&row->tx_hash, &hash));
	assert_true(row->has_block);
	assert_int_equal(row->block_number, block);
	assert_true(row->status == STATUS_SUBMITTED ||
		    row->status == STATUS_CONFIRMED);
}

static void assert_waits(struct scene *scene, size_t i)
{
	const struct transaction_row *row = books_intent(scene->books, i);

	assert_true(row->is_open);
	assert_int_equal(row->status, STATUS_PENDING);
}

/* A block with a transaction of its number, in which P pays W so much. */
static void paid(struct scene *scene, uint64_t amount)
{
	pay(scene_next(scene), P, W, amount);
}

static void test_meets_a_later_transfer(void **state)
{
	struct scene *scene = scene_new();
	const struct transaction_row *row;

	(void)state;
	scene_block(scene);
	scene_feed(scene);
	books_intend(scene->books, TYPE_ADVANCE, 0, P, W, U(5));
	paid(scene, 5);
	scene_feed(scene);
	assert_met(scene, 0, 2, 2);
	row = books_intent(scene->books, 0);
	assert_int_equal(row->type, TYPE_ADVANCE);
	assert_false(uuid_is_nil(&row->worker_id));
	assert_false(uuid_is_nil(&row->platform_id));
	assert_int_equal(row->submitted_at, scene_time(2));
	assert_int_equal(row->confirmations, 1);
	assert_string_equal(books_history(scene->books, 0), "0>1 Transfer @2");
	assert_int_equal(books_count(scene->books).transactions, 1);
	scene_finalize(scene, 2);
	scene_block(scene);
	scene_feed(scene);
	assert_int_equal(books_intent(scene->books, 0)->status,
			 STATUS_CONFIRMED);
	scene_end(scene);
}

static void test_oldest_first(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	intend(scene, 0, 5);
	intend(scene, 0, 5);
	intend(scene, 0, 5);
	/* Transactions are not in the order of their hashes. */
	scene_block(scene);
	scene_tx(scene, 44);
	pay(&scene->script, P, W, 5);
	scene_tx(scene, 77);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	assert_met(scene, 0, 44, 1);
	assert_met(scene, 1, 77, 1);
	assert_waits(scene, 2);
	assert_int_equal(books_count(scene->books).transactions, 3);
	paid(scene, 5);
	paid(scene, 5);
	scene_feed(scene);
	assert_met(scene, 2, 2, 2);
	assert_paid(scene, 3, P, W, 5, 0, TYPE_PAYOUT, 0);
	assert_int_equal(books_count(scene->books).transactions, 4);
	scene_end(scene);
}

/* Two equal movements of one transaction are two payments. */
static void test_two_in_one_transaction(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	intend(scene, 1, 5);
	intend(scene, 1, 5);
	intend(scene, 1, 5);
	pay(scene_next(scene), P, W, 5);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	assert_met(scene, 0, 1, 1);
	assert_met(scene, 1, 1, 1);
	assert_int_equal(books_intent(scene->books, 0)->ordinal, 0);
	assert_int_equal(books_intent(scene->books, 1)->ordinal, 1);
	assert_waits(scene, 2);
	scene_end(scene);
}

static void test_a_hash_comes_first(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	intend(scene, 0, 5);
	intend(scene, 2, 5);
	intend(scene, 9, 5);
	paid(scene, 7);
	paid(scene, 5);
	scene_feed(scene);
	assert_waits(scene, 0);
	assert_met(scene, 1, 2, 2);
	assert_waits(scene, 2);
	paid(scene, 5);
	scene_feed(scene);
	assert_met(scene, 0, 3, 3);
	scene_end(scene);
}

/* A backfill finds a transfer that is older than the intent. */
static void test_older_transfer(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	paid(scene, 5);
	paid(scene, 6);
	scene_feed_one(scene, 2);
	intend(scene, 0, 5);
	intend(scene, 0, 6);
	books_take_up(scene->books);
	scene_feed_one(scene, 1);
	assert_waits(scene, 0);
	assert_waits(scene, 1);
	assert_paid(scene, 1, P, W, 5, 0, TYPE_PAYOUT, 0);
	/* With its hash it is meant, however old. */
	books_attach(scene->books, 0, 1);
	books_take_up(scene->books);
	assert_met(scene, 0, 1, 1);
	assert_int_equal(books_count(scene->books).transactions, 3);
	scene_end(scene);
}

static void test_what_does_not_fit(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	intend(scene, 0, 5);
	intend(scene, 1, 7);
	books_intend(scene->books, TYPE_PAYOUT, 0, P, W2, U(6));
	books_intend(scene->books, TYPE_PAYOUT, 1, P2, W, U(6));
	books_intend(scene->books, TYPE_PAYOUT, 1, P, W, U(0));
	books_intend(scene->books, TYPE_PAYOUT, 0, P, P, U(8));
	books_intend(scene->books, TYPE_PAYOUT, 0, ZERO, W, U(8));
	pay(scene_next(scene), P, W, 6);
	pay(&scene->script, P, W, 0);
	pay(&scene->script, P, P, 8);
	pay(&scene->script, ZERO, W, 8);
	scene_feed(scene);
	for (size_t i = 0; i < 7; i++)
		assert_waits(scene, i);
	assert_int_equal(books_count(scene->books).placed, 1);
	scene_end(scene);
}

/* What the chain had brought becomes the intent's row, with its history. */
static void test_takes_over(void **state)
{
	struct scene *scene = scene_new();
	size_t told;

	(void)state;
	intend(scene, 0, 5);
	books_attach(scene->books, 0, 99);
	paid(scene, 5);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	assert_waits(scene, 0);
	assert_int_equal(books_count(scene->books).transactions, 3);
	told = books_count(scene->books).transitions;
	books_attach(scene->books, 0, 1);
	books_take_up(scene->books);
	assert_met(scene, 0, 1, 1);
	assert_int_equal(books_count(scene->books).transactions, 2);
	assert_int_equal(books_count(scene->books).transitions, told + 1);
	/* The other one is still nobody's, this one is not. */
	intend(scene, 1, 5);
	intend(scene, 1, 5);
	books_take_up(scene->books);
	assert_met(scene, 1, 1, 1);
	assert_waits(scene, 2);
	books_take_up(scene->books);
	assert_int_equal(books_count(scene->books).transitions, told + 2);
	scene_end(scene);
}

/* Committed while the block was on its way: without a hash, but later. */
static void test_takes_over_without_a_hash(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	intend(scene, 0, 6);
	paid(scene, 5);
	scene_feed(scene);
	books_node(scene->books, 0, 0);
	intend(scene, 0, 5);
	books_node(scene->books, 1, 0);
	books_take_up(scene->books);
	assert_met(scene, 1, 1, 1);
	assert_int_equal(books_count(scene->books).transactions, 2);
	scene_end(scene);
}

/* The daemon stood still when it was intended, and read those blocks later. */
static void test_not_what_was_paid_before(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	scene_next(scene);
	scene_feed(scene);
	intend(scene, 0, 5);
	books_intend_since(scene->books, 0, scene_time(3));
	paid(scene, 5);
	scene_feed(scene);
	assert_waits(scene, 0);
	paid(scene, 5);
	scene_feed(scene);
	assert_met(scene, 0, 3, 3);
	scene_end(scene);
}

/* A transfer that is nobody's of the books was intended, and an escrow, which is
 * no payment: the stream's claims are. */
static void test_whatever_was_intended(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	books_intend(scene->books, TYPE_PAYOUT, 0, P, STREAMS, U(1000));
	books_intend(scene->books, TYPE_REFUND, 0, W, X, U(5));
	create(scene_next(scene), 1, W, P, 1000);
	pay(scene_next(scene), W, X, 5);
	scene_feed(scene);
	assert_true(books_intent(scene->books, 0)->is_open);
	assert_met(scene, 1, 2, 2);
	assert_int_equal(books_role(scene->books, 1, P, STREAMS, U(1000), 0),
			 ROLE_ESCROW);
	scene_end(scene);
}

/* A reorg takes its block: it keeps its hash, and comes back with it. */
static void test_reorg(void **state)
{
	struct scene *scene = scene_new();
	const struct transaction_row *row;

	(void)state;
	intend(scene, 0, 5);
	intend(scene, 3, 7);
	scene_block(scene);
	paid(scene, 5);
	paid(scene, 7);
	scene_feed(scene);
	scene_reorg(scene, 1);
	for (size_t i = 0; i < 2; i++) {
		row = books_intent(scene->books, i);
		assert_int_equal(row->status, STATUS_SUBMITTED);
		assert_false(row->has_block || row->is_open);
	}
	scene_block(scene);
	scene_block(scene);
	scene_tx(scene, 3);
	pay(&scene->script, P, W, 7);
	scene_tx(scene, 2);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	assert_met(scene, 0, 2, 3);
	assert_met(scene, 1, 3, 3);
	assert_int_equal(books_count(scene->books).transactions, 2);
	scene_end(scene);
}

/* It was replaced by another transaction with an equal transfer, of which
 * nobody had given the hash: nothing is lost, nothing is there twice. */
static void test_replaced_after_a_reorg(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	intend(scene, 0, 5);
	scene_block(scene);
	paid(scene, 5);
	scene_feed(scene);
	scene_reorg(scene, 1);
	scene_block(scene);
	scene_tx(scene, 88);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	assert_int_equal(books_count(scene->books).transactions, 2);
	books_lose(scene->books, 0);
	books_take_up(scene->books);
	assert_met(scene, 0, 88, 2);
	assert_string_equal(books_history(scene->books, 0), "3>1 included @2");
	assert_int_equal(books_count(scene->books).transactions, 1);
	scene_end(scene);
}

/* A hash that was given stays what is meant; it may be included after all. */
static void test_failed_and_included(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	intend(scene, 2, 5);
	scene_block(scene);
	paid(scene, 5);
	scene_feed(scene);
	scene_reorg(scene, 1);
	books_lose(scene->books, 0);
	scene_block(scene);
	scene_tx(scene, 88);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	assert_int_equal(books_intent(scene->books, 0)->status, STATUS_FAILED);
	assert_paid(scene, 88, P, W, 5, 0, TYPE_PAYOUT, 0);
	scene_block(scene);
	scene_tx(scene, 2);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	assert_met(scene, 0, 2, 3);
	assert_int_equal(books_count(scene->books).transactions, 2);
	scene_end(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_meets_a_later_transfer),
	    cmocka_unit_test(test_oldest_first),
	    cmocka_unit_test(test_two_in_one_transaction),
	    cmocka_unit_test(test_a_hash_comes_first),
	    cmocka_unit_test(test_older_transfer),
	    cmocka_unit_test(test_what_does_not_fit),
	    cmocka_unit_test(test_takes_over),
	    cmocka_unit_test(test_takes_over_without_a_hash),
	    cmocka_unit_test(test_not_what_was_paid_before),
	    cmocka_unit_test(test_whatever_was_intended),
	    cmocka_unit_test(test_reorg),
	    cmocka_unit_test(test_replaced_after_a_reorg),
	    cmocka_unit_test(test_failed_and_included),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
