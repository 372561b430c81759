#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/lib_scene.h"

/* Every call of PaymentStreaming, by its logs in their order. */

static const struct stream_row *stream(struct scene *scene, uint64_t id)
{
	return books_stream(scene->books, STREAMS, id);
}

static void test_create(void **state)
{
	struct scene *scene = scene_new();
	const struct stream_row *row;

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	scene_feed(scene);
	row = stream(scene, 1);
	assert_amounts(row, 1000, 0, 0, 0);
	assert_int_equal(row->status, STREAM_ACTIVE);
	assert_int_equal(row->start_time, scene_time(1));
	assert_int_equal(row->end_time, scene_time(1) + DURATION);
	assert_int_equal(row->next_release_at, scene_time(1) + INTERVAL);
	assert_false(uuid_is_nil(&row->worker_id));
	assert_false(uuid_is_nil(&row->platform_id));
	assert_int_equal(books_role(scene->books, 1, P, STREAMS, U(1000), 0),
			 ROLE_ESCROW);
	assert_unpaid(scene, 1, P, STREAMS, 1000);
	assert_int_equal(books_count(scene->books).transactions, 0);
	assert_string_equal(books_history(scene->books, 0),
			    "-1>0 StreamCreated @1");
	scene_end(scene);
}

static void test_release(void **state)
{
	struct scene *scene = scene_new();
	const struct stream_row *row;

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 300, 300);
	release(scene_next(scene), 1, W, 100, 400);
	scene_feed(scene);
	row = stream(scene, 1);
	assert_amounts(row, 1000, 400, 0, 0);
	assert_int_equal(row->status, STREAM_ACTIVE);
	assert_int_equal(row->next_release_at, scene_time(3) + INTERVAL);
	assert_int_equal(books_count(scene->books).transactions, 0);
	scene_end(scene);
}

static void test_last_release(void **state)
{
	struct scene *scene = scene_new();
	const struct stream_row *row;

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 300, 300);
	scene_feed(scene);
	complete(scene_next(scene), 1, W, 700, 1000);
	scene_feed(scene);
	row = stream(scene, 1);
	assert_amounts(row, 1000, 1000, 0, 0);
	assert_int_equal(row->status, STREAM_COMPLETED);
	assert_int_equal(row->completed_at, scene_time(3));
	assert_int_equal(row->next_release_at, 0);
	assert_int_equal(books_count(scene->books).quarantined, 0);
	claim(scene_next(scene), 1, W, 1000);
	scene_feed(scene);
	assert_amounts(stream(scene, 1), 1000, 1000, 1000, 0);
	assert_paid(scene, 4, STREAMS, W, 1000, 0, TYPE_PAYOUT, 1);
	scene_end(scene);
}

static void test_claim(void **state)
{
	struct scene *scene = scene_new();
	const struct transaction_row *row;

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 300, 300);
	claim(scene_next(scene), 1, W, 300);
	scene_feed(scene);
	assert_amounts(stream(scene, 1), 1000, 300, 300, 0);
	assert_paid(scene, 3, STREAMS, W, 300, 0, TYPE_PAYOUT, 1);
	assert_int_equal(books_count(scene->books).transactions, 1);
	row = books_transaction(scene->books, 3, STREAMS, W, U(300), 0);
	assert_false(uuid_is_nil(&row->worker_id));
	assert_false(uuid_is_nil(&row->platform_id));
	scene_end(scene);
}

static void test_pause_resume(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 300, 300);
	scene_feed(scene);
	pause_stream(scene_next(scene), 1);
	claim(scene_next(scene), 1, W, 300);
	scene_feed(scene);
	assert_int_equal(stream(scene, 1)->status, STREAM_PAUSED);
	assert_int_equal(stream(scene, 1)->paused_at, scene_time(3));
	assert_int_equal(stream(scene, 1)->next_release_at, 0);
	assert_amounts(stream(scene, 1), 1000, 300, 300, 0);
	resume_stream(scene_next(scene), 1);
	scene_feed(scene);
	assert_int_equal(stream(scene, 1)->status, STREAM_ACTIVE);
	assert_int_equal(stream(scene, 1)->paused_at, 0);
	assert_int_equal(stream(scene, 1)->next_release_at,
			 scene_time(5) + INTERVAL);
	assert_string_equal(books_history(scene->books, 0),
			    "1>0 StreamResumed @5");
	/* Both changes of one batch are told. */
	pause_stream(scene_next(scene), 1);
	resume_stream(scene_next(scene), 1);
	scene_feed(scene);
	assert_string_equal(books_history(scene->books, 1),
			    "0>1 StreamPaused @6");
	assert_string_equal(books_history(scene->books, 0),
			    "1>0 StreamResumed @7");
	scene_end(scene);
}

static void test_cancel_nothing_unclaimed(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 300, 300);
	claim(scene_next(scene), 1, W, 300);
	scene_feed(scene);
	cancel(scene_next(scene), 1, W, P, 0, 700);
	scene_feed(scene);
	assert_amounts(stream(scene, 1), 1000, 300, 300, 700);
	assert_int_equal(stream(scene, 1)->status, STREAM_CANCELLED);
	assert_int_equal(stream(scene, 1)->cancelled_at, scene_time(4));
	assert_int_equal(stream(scene, 1)->next_release_at, 0);
	assert_paid(scene, 4, STREAMS, P, 700, 0, TYPE_REFUND, 1);
	assert_int_equal(books_count(scene->books).transactions, 2);
	scene_end(scene);
}

static void test_cancel_unclaimed(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 300, 300);
	pause_stream(scene_next(scene), 1);
	cancel(scene_next(scene), 1, W, P, 300, 700);
	scene_feed(scene);
	assert_amounts(stream(scene, 1), 1000, 300, 300, 700);
	assert_int_equal(stream(scene, 1)->status, STREAM_CANCELLED);
	assert_paid(scene, 4, STREAMS, W, 300, 0, TYPE_PAYOUT, 1);
	assert_paid(scene, 4, STREAMS, P, 700, 0, TYPE_REFUND, 1);
	assert_int_equal(books_role(scene->books, 4, STREAMS, W, U(300), 0),
			 ROLE_CANCEL_PAYOUT);
	assert_int_equal(books_role(scene->books, 4, STREAMS, P, U(700), 0),
			 ROLE_CANCEL_REFUND);
	scene_end(scene);
}

static void test_cancel_own_worker(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	books_worker(scene->books, X);
	create(scene_next(scene), 1, P, P, 1000);
	release(scene_next(scene), 1, P, 500, 500);
	/* Two equal Transfers to one address: the later is the refund. */
	cancel(scene_next(scene), 1, P, P, 500, 500);
	create(scene_next(scene), 2, P, P, 1000);
	cancel(scene_next(scene), 2, P, P, 0, 1000);
	scene_feed(scene);
	assert_paid(scene, 3, STREAMS, P, 500, 0, TYPE_PAYOUT, 1);
	assert_paid(scene, 3, STREAMS, P, 500, 1, TYPE_REFUND, 1);
	assert_amounts(stream(scene, 1), 1000, 500, 500, 500);
	assert_paid(scene, 5, STREAMS, P, 1000, 0, TYPE_REFUND, 2);
	assert_amounts(stream(scene, 2), 1000, 0, 0, 1000);
	scene_end(scene);
}

static void test_two_equal_creates(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);

	(void)state;
	create(s, 5, W, P, 1000);
	create(s, 6, W, P, 1000);
	scene_feed(scene);
	assert_amounts(stream(scene, 5), 1000, 0, 0, 0);
	assert_amounts(stream(scene, 6), 1000, 0, 0, 0);
	assert_int_equal(books_role(scene->books, 1, P, STREAMS, U(1000), 0),
			 ROLE_ESCROW);
	assert_int_equal(books_role(scene->books, 1, P, STREAMS, U(1000), 1),
			 ROLE_ESCROW);
	assert_int_equal(books_count(scene->books).quarantined, 0);
	scene_end(scene);
}

static void test_donation_beside(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);

	(void)state;
	pay(s, P, STREAMS, 1000);
	create(s, 5, W, P, 1000);
	scene_feed(scene);
	assert_int_equal(books_role(scene->books, 1, P, STREAMS, U(1000), 0),
			 ROLE_PLAIN);
	assert_int_equal(books_role(scene->books, 1, P, STREAMS, U(1000), 1),
			 ROLE_ESCROW);
	assert_int_equal(books_count(scene->books).transactions, 0);
	scene_end(scene);
}

static void test_two_equal_claims(void **state)
{
	struct scene *scene = scene_new();
	struct script *s;

	(void)state;
	s = scene_next(scene);
	create(s, 5, W, P, 1000);
	create(s, 6, W, P, 1000);
	s = scene_next(scene);
	release(s, 5, W, 100, 100);
	release(s, 6, W, 100, 100);
	s = scene_next(scene);
	claim(s, 5, W, 100);
	claim(s, 6, W, 100);
	scene_feed(scene);
	assert_paid(scene, 3, STREAMS, W, 100, 0, TYPE_PAYOUT, 5);
	assert_paid(scene, 3, STREAMS, W, 100, 1, TYPE_PAYOUT, 6);
	assert_int_equal(books_count(scene->books).transactions, 2);
	scene_end(scene);
}

/* All the money first, then all the events: each takes one. */
static void test_money_first(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);

	(void)state;
	create(s, 5, W, P, 1000);
	create(s, 6, W, P, 1000);
	release(s, 5, W, 100, 100);
	release(s, 6, W, 100, 100);
	s = scene_next(scene);
	pay(s, STREAMS, W, 100);
	pay(s, STREAMS, W, 100);
	log_claimed(s, STREAMS, U(6), W, U(100));
	log_claimed(s, STREAMS, U(5), W, U(100));
	scene_feed(scene);
	assert_int_equal(books_count(scene->books).quarantined, 0);
	assert_paid(scene, 2, STREAMS, W, 100, 0, TYPE_PAYOUT, 5);
	assert_paid(scene, 2, STREAMS, W, 100, 1, TYPE_PAYOUT, 6);
	scene_end(scene);
}

/* The worker's part is before the refund; what comes after is not it. */
static void test_cancel_and_gift(void **state)
{
	struct scene *scene = scene_new();
	struct script *s;

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 300, 300);
	s = scene_next(scene);
	pay(s, STREAMS, W, 300);
	pay(s, STREAMS, P, 700);
	pay(s, STREAMS, W, 300);
	log_cancelled(s, STREAMS, U(1), P, U(700));
	scene_feed(scene);
	assert_int_equal(books_role(scene->books, 3, STREAMS, W, U(300), 0),
			 ROLE_CANCEL_PAYOUT);
	assert_int_equal(books_role(scene->books, 3, STREAMS, W, U(300), 1),
			 ROLE_PLAIN);
	assert_int_equal(books_count(scene->books).transactions, 2);
	scene_end(scene);
}

static void test_create_and_cancel(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);

	(void)state;
	create(s, 5, W, P, 1000);
	cancel(s, 5, W, P, 0, 1000);
	scene_feed(scene);
	assert_amounts(stream(scene, 5), 1000, 0, 0, 1000);
	assert_paid(scene, 1, STREAMS, P, 1000, 0, TYPE_REFUND, 5);
	assert_string_equal(books_history(scene->books, 1),
			    "0>3 StreamCancelled @1");
	scene_end(scene);
}

/* Two contracts may use the same ids. */
static void test_two_contracts(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);

	(void)state;
	create(s, 1, W, P, 1000);
	pay(s, P2, STREAMS2, 10);
	log_created(s, STREAMS2, U(1), W2, P2, U(10), U(DURATION), U(INTERVAL));
	scene_feed(scene);
	assert_amounts(books_stream(scene->books, STREAMS, 1), 1000, 0, 0, 0);
	assert_amounts(books_stream(scene->books, STREAMS2, 1), 10, 0, 0, 0);
	scene_end(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_create),
	    cmocka_unit_test(test_release),
	    cmocka_unit_test(test_last_release),
	    cmocka_unit_test(test_claim),
	    cmocka_unit_test(test_pause_resume),
	    cmocka_unit_test(test_cancel_nothing_unclaimed),
	    cmocka_unit_test(test_cancel_unclaimed),
	    cmocka_unit_test(test_cancel_own_worker),
	    cmocka_unit_test(test_two_equal_creates),
	    cmocka_unit_test(test_donation_beside),
	    cmocka_unit_test(test_two_equal_claims),
	    cmocka_unit_test(test_money_first),
	    cmocka_unit_test(test_cancel_and_gift),
	    cmocka_unit_test(test_create_and_cancel),
	    cmocka_unit_test(test_two_contracts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
