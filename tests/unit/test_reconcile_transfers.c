#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/lib_scene.h"

/* What a Transfer becomes: every row of the table, and what is kept at all. */

#define NOTHING TRANSACTION_TYPES

/* One Transfer in a transaction of its own. */
static void becomes(struct address from, struct address to, uint64_t amount,
		    enum transaction_type type, bool kept)
{
	struct scene *scene = scene_new();

	pay(scene_next(scene), from, to, amount);
	scene_feed(scene);
	assert_int_equal(books_count(scene->books).transfers, kept);
	if (type == NOTHING)
		assert_int_equal(books_count(scene->books).transactions, 0);
	else
		assert_paid(scene, 1, from, to, amount, 0, type, 0);
	scene_end(scene);
}

static void test_no_movement(void **state)
{
	(void)state;
	becomes(P, W, 0, NOTHING, true);
	becomes(W, W, 5, NOTHING, true);
	becomes(ZERO, W, 5, NOTHING, true);
	becomes(W, ZERO, 5, NOTHING, true);
	becomes(P, FEES, 0, NOTHING, true);
	becomes(ZERO, FEES, 5, NOTHING, true);
}

static void test_fee(void **state)
{
	(void)state;
	becomes(W, FEES, 5, TYPE_FEE, true);
	becomes(P, FEES, 5, TYPE_FEE, true);
	becomes(X, FEES, 5, TYPE_FEE, true);
	becomes(STREAMS, FEES, 5, TYPE_FEE, true);
}

static void test_refund(void **state)
{
	(void)state;
	becomes(W, P, 5, TYPE_REFUND, true);
	becomes(W2, P2, 5, TYPE_REFUND, true);
}

static void test_payout(void **state)
{
	struct scene *scene = scene_new();
	const struct transaction_row *row;

	(void)state;
	becomes(P, W, 5, TYPE_PAYOUT, true);
	becomes(X, W, 5, TYPE_PAYOUT, true);
	pay(scene_next(scene), P, W, 5);
	pay(scene_next(scene), X, W, 5);
	scene_feed(scene);
	row = books_transaction(scene->books, 1, P, W, U(5), 0);
	assert_false(uuid_is_nil(&row->worker_id));
	assert_false(uuid_is_nil(&row->platform_id));
	row = books_transaction(scene->books, 2, X, W, U(5), 0);
	assert_false(uuid_is_nil(&row->worker_id));
	assert_true(uuid_is_nil(&row->platform_id));
	scene_end(scene);
}

static void test_facts_only(void **state)
{
	(void)state;
	becomes(W, W2, 5, NOTHING, true);
	becomes(P, P2, 5, NOTHING, true);
	becomes(W, X, 5, NOTHING, true);
	becomes(P, X, 5, NOTHING, true);
	becomes(X, P, 5, NOTHING, true);
	becomes(STREAMS, W, 5, NOTHING, true);
	becomes(STREAMS2, W, 5, NOTHING, true);
	becomes(TOKEN, W, 5, NOTHING, true);
	becomes(P, STREAMS, 5, NOTHING, true);
	becomes(X, STREAMS, 5, NOTHING, true);
	becomes(X, wallet(31), 5, NOTHING, false);
}

/* A wallet may be both; the table is read from above. */
static void test_both(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	books_platform(scene->books, W2);
	pay(scene_next(scene), W2, W, 5); /* a platform pays a worker */
	pay(scene_next(scene), W, W2, 5); /* a worker pays a platform */
	pay(scene_next(scene), P, W2, 5);
	pay(scene_next(scene), W2, W2, 5);
	scene_feed(scene);
	assert_paid(scene, 1, W2, W, 5, 0, TYPE_PAYOUT, 0);
	assert_paid(scene, 2, W, W2, 5, 0, TYPE_REFUND, 0);
	assert_paid(scene, 3, P, W2, 5, 0, TYPE_PAYOUT, 0);
	assert_unpaid(scene, 4, W2, W2, 5);
	scene_end(scene);
}

/* Paid by a stream: whether or not anybody has registered. */
static void test_consumed(void **state)
{
	struct scene *scene = scene_new();
	struct address nobody = wallet(40), unknown = wallet(41);
	const struct transaction_row *row;

	(void)state;
	create(scene_next(scene), 1, nobody, unknown, 1000);
	release(scene_next(scene), 1, nobody, 400, 400);
	claim(scene_next(scene), 1, nobody, 400);
	release(scene_next(scene), 1, nobody, 100, 500);
	cancel(scene_next(scene), 1, nobody, unknown, 100, 500);
	scene_feed(scene);
	assert_unpaid(scene, 1, unknown, STREAMS, 1000);
	assert_paid(scene, 3, STREAMS, nobody, 400, 0, TYPE_PAYOUT, 1);
	assert_paid(scene, 5, STREAMS, nobody, 100, 0, TYPE_PAYOUT, 1);
	assert_paid(scene, 5, STREAMS, unknown, 500, 0, TYPE_REFUND, 1);
	row = books_transaction(scene->books, 3, STREAMS, nobody, U(400), 0);
	assert_true(uuid_is_nil(&row->worker_id));
	assert_true(uuid_is_nil(&row->platform_id));
	scene_end(scene);
}

/* Burnt is burnt, even where it was claimed. */
static void test_consumed_and_burnt(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	create(scene_next(scene), 1, ZERO, P, 1000);
	release(scene_next(scene), 1, ZERO, 400, 400);
	claim(scene_next(scene), 1, ZERO, 400);
	scene_feed(scene);
	assert_int_equal(books_role(scene->books, 3, STREAMS, ZERO, U(400), 0),
			 ROLE_CLAIM);
	assert_int_equal(books_count(scene->books).transactions, 0);
	scene_end(scene);
}

/* Equal movements are told apart by their order, the consumed ones counted. */
static void test_ordinals(void **state)
{
	struct scene *scene = scene_new();
	struct script *s;

	(void)state;
	s = scene_next(scene);
	create(s, 1, W, P, 1000);
	release(s, 1, W, 5, 5);
	s = scene_next(scene);
	pay(s, P, W, 5);
	pay(s, STREAMS, W, 5);
	pay(s, P, W, 5);
	claim(s, 1, W, 5);
	script_others(s, 3);
	pay(s, P, W, 5);
	scene_feed(scene);
	for (unsigned k = 0; k < 3; k++)
		assert_paid(scene, 2, P, W, 5, k, TYPE_PAYOUT, 0);
	assert_unpaid(scene, 2, STREAMS, W, 5);
	assert_paid(scene, 2, STREAMS, W, 5, 1, TYPE_PAYOUT, 1);
	assert_int_equal(books_count(scene->books).transactions, 4);
	scene_end(scene);
}

/* All Transfers of a transaction with a stream event are kept: any of them may
 * be its money. */
static void test_kept(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);

	(void)state;
	pay(s, X, wallet(31), 5);
	create(s, 1, W, P, 1000);
	scene_tx(scene, 100);
	pay(s, X, wallet(31), 5);
	scene_feed(scene);
	assert_int_equal(books_count(scene->books).transfers, 2);
	scene_end(scene);

	scene = scene_new();
	books_keep_all(scene->books);
	pay(scene_next(scene), X, wallet(31), 5);
	scene_feed(scene);
	assert_int_equal(books_count(scene->books).transfers, 1);
	assert_int_equal(books_count(scene->books).transactions, 0);
	scene_end(scene);
}

static void test_final(void **state)
{
	struct scene *scene = scene_new();
	const struct transaction_row *row;

	(void)state;
	pay(scene_next(scene), P, W, 5);
	pay(scene_next(scene), P, W, 6);
	pay(scene_next(scene), P, W, 7);
	scene_finalize(scene, 1);
	scene_feed(scene);
	row = books_transaction(scene->books, 1, P, W, U(5), 0);
	assert_int_equal(row->status, STATUS_CONFIRMED);
	assert_int_equal(row->confirmations, 3);
	assert_int_equal(row->submitted_at, scene_time(1));
	assert_int_equal(row->confirmed_at, scene_time(1));
	row = books_transaction(scene->books, 2, P, W, U(6), 0);
	assert_int_equal(row->status, STATUS_SUBMITTED);
	assert_int_equal(row->confirmations, 2);
	assert_int_equal(row->submitted_at, scene_time(2));
	assert_int_equal(row->confirmed_at, 0);
	/* Seen again when it is final. */
	scene_block(scene);
	scene_finalize(scene, 2);
	scene_feed_one(scene, 2);
	row = books_transaction(scene->books, 2, P, W, U(6), 0);
	assert_int_equal(row->status, STATUS_CONFIRMED);
	assert_int_equal(row->confirmed_at, scene_time(2));
	assert_int_equal(row->confirmations, 3);
	assert_string_equal(books_history(scene->books, 0), "1>2 final @2");
	/* What was confirmed stays so where it stands, and as it was. */
	scene_finalize(scene, 0);
	scene_feed_one(scene, 1);
	row = books_transaction(scene->books, 1, P, W, U(5), 0);
	assert_int_equal(row->status, STATUS_CONFIRMED);
	assert_int_equal(row->confirmations, 3);
	scene_finalize(scene, 2);
	scene_end(scene);
}

/* Who registers late is linked at once, and what is known is told anew. */
static void test_late_wallets(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	create(scene_next(scene), 1, X, P, 1000);
	release(scene_next(scene), 1, X, 10, 10);
	claim(scene_next(scene), 1, X, 10);
	pay(scene_next(scene), P, X, 7);
	pay(scene_next(scene), X, W, 8);
	scene_feed(scene);
	assert_unpaid(scene, 4, P, X, 7);
	assert_paid(scene, 5, X, W, 8, 0, TYPE_PAYOUT, 0);
	books_worker(scene->books, X);
	for (uint64_t n = 1; n <= 5; n++)
		scene_feed_one(scene, n);
	assert_false(
	    uuid_is_nil(&books_stream(scene->books, STREAMS, 1)->worker_id));
	assert_paid(scene, 4, P, X, 7, 0, TYPE_PAYOUT, 0);
	/* Between workers it is no payment: back, and out of its block. */
	assert_false(
	    books_transaction(scene->books, 5, X, W, U(8), 0)->has_block);
	assert_string_equal(books_history(scene->books, 0),
			    "1>1 reclassified @0");
	assert_false(uuid_is_nil(
	    &books_transaction(scene->books, 3, STREAMS, X, U(10), 0)
		 ->worker_id));
	scene_end(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_no_movement),
	    cmocka_unit_test(test_fee),
	    cmocka_unit_test(test_refund),
	    cmocka_unit_test(test_payout),
	    cmocka_unit_test(test_facts_only),
	    cmocka_unit_test(test_both),
	    cmocka_unit_test(test_consumed),
	    cmocka_unit_test(test_consumed_and_burnt),
	    cmocka_unit_test(test_ordinals),
	    cmocka_unit_test(test_kept),
	    cmocka_unit_test(test_final),
	    cmocka_unit_test(test_late_wallets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
