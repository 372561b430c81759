#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/lib_scene.h"

/* Facts that go, come back elsewhere, or come late. */

static const struct stream_row *stream(struct scene *scene, uint64_t id)
{
	return books_stream(scene->books, STREAMS, id);
}

/* A payout is taken away, and comes back in another block at another index. */
static void test_payout_moves(void **state)
{
	struct scene *scene = scene_new();
	const struct transaction_row *row;
	struct uuid id;

	(void)state;
	scene_block(scene);
	scene_next(scene);
	pay(&scene->script, P, W, 5);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	id = books_transaction(scene->books, 2, P, W, U(5), 0)->id;

	scene_reorg(scene, 1);
	row = books_transaction(scene->books, 2, P, W, U(5), 0);
	assert_int_equal(row->status, STATUS_SUBMITTED);
	assert_false(row->has_block);
	assert_int_equal(row->confirmations, 0);
	assert_string_equal(books_history(scene->books, 0), "1>1 reorg @0");

	scene_block(scene);
	scene_feed(scene);
	scene_block(scene);
	scene_tx(scene, 99);
	pay(&scene->script, P, W, 5);
	scene_tx(scene, 2);
	pay(&scene->script, P, W, 5);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	row = books_transaction(scene->books, 2, P, W, U(5), 0);
	assert_true(uuid_eq(&row->id, &id));
	assert_true(row->has_block);
	assert_int_equal(row->block_number, 3);
	assert_int_equal(row->log_index, 1);
	assert_int_equal(row->submitted_at, scene_time(3));
	assert_int_equal(books_count(scene->books).transactions, 3);
	scene_end(scene);
}

/* The same, straight back into the very block it came from. */
static void test_same_block_again(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	scene_block(scene);
	create(scene_next(scene), 1, W, P, 1000);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	books_rollback(scene->books, 1);
	assert_null(stream(scene, 1));
	scene->fed = 1;
	scene_feed(scene);
	assert_paid(scene, 2, P, W, 5, 0, TYPE_PAYOUT, 0);
	scene_end(scene);
}

static void test_confirmed_goes_back(void **state)
{
	struct scene *scene = scene_new();
	const struct transaction_row *row;

	(void)state;
	scene_block(scene);
	pay(scene_next(scene), P, W, 5);
	scene_finalize(scene, 2);
	scene_feed(scene);
	/* Deeper than what was final: by the operator's word. */
	scene_finalize(scene, 1);
	scene_reorg(scene, 1);
	row = books_transaction(scene->books, 2, P, W, U(5), 0);
	assert_int_equal(row->status, STATUS_SUBMITTED);
	assert_int_equal(row->confirmed_at, 0);
	assert_string_equal(books_history(scene->books, 0), "2>1 reorg @0");
	scene_block(scene);
	scene_tx(scene, 2);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	row = books_transaction(scene->books, 2, P, W, U(5), 0);
	assert_int_equal(row->status, STATUS_SUBMITTED);
	assert_true(row->has_block);
	assert_string_equal(books_history(scene->books, 0), "1>1 Transfer @2");
	scene_end(scene);
}

static void test_stream_unwinds(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 400, 400);
	claim(scene_next(scene), 1, W, 400);
	release(scene_next(scene), 1, W, 100, 500);
	cancel(scene_next(scene), 1, W, P, 100, 500);
	scene_feed(scene);
	assert_int_equal(stream(scene, 1)->status, STREAM_CANCELLED);
	scene_reorg(scene, 4);
	assert_int_equal(stream(scene, 1)->status, STREAM_ACTIVE);
	assert_amounts(stream(scene, 1), 1000, 500, 400, 0);
	assert_int_equal(stream(scene, 1)->next_release_at,
			 scene_time(4) + INTERVAL);
	scene_reorg(scene, 2);
	assert_amounts(stream(scene, 1), 1000, 400, 0, 0);
	scene_reorg(scene, 0);
	assert_null(stream(scene, 1));
	assert_string_equal(books_history(scene->books, 0), "0>-1 reorg @0");
	assert_int_equal(books_count(scene->books).placed, 0);
	assert_int_equal(books_count(scene->books).transactions, 3);
	scene_block(scene);
	scene_feed(scene);
	scene_end(scene);
}

/* After the reorg the same id is another stream. */
static void test_id_reused(void **state)
{
	struct scene *scene = scene_new();
	struct address w2 = W2;

	(void)state;
	scene_block(scene);
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 400, 400);
	claim(scene_next(scene), 1, W, 400);
	scene_feed(scene);
	scene_reorg(scene, 1);
	create(scene_next(scene), 1, W2, P2, 77);
	create(scene_next(scene), 2, W, P, 1000);
	release(scene_next(scene), 2, W, 400, 400);
	scene_block(scene);
	scene_tx(scene, 4); /* claimed again, now from stream 2 */
	claim(&scene->script, 2, W, 400);
	scene_feed(scene);
	assert_amounts(stream(scene, 1), 77, 0, 0, 0);
	assert_true(address_eq(&stream(scene, 1)->worker_wallet, &w2));
	assert_paid(scene, 4, STREAMS, W, 400, 0, TYPE_PAYOUT, 2);
	assert_int_equal(books_count(scene->books).transactions, 1);
	scene_end(scene);
}

/* The same in one step: rolled back and replaced before anybody looked. */
static void test_id_reused_at_once(void **state)
{
	struct scene *scene = scene_new();
	struct uuid before;

	(void)state;
	scene_block(scene);
	create(scene_next(scene), 1, W, P, 1000);
	scene_feed(scene);
	before = stream(scene, 1)->id;
	books_orphan(scene->books, 1);
	script_cut(&scene->script, 1);
	scene->fed = 1;
	scene->fork++;
	create(scene_next(scene), 1, W2, P2, 77);
	scene_feed(scene);
	assert_amounts(stream(scene, 1), 77, 0, 0, 0);
	assert_true(uuid_eq(&stream(scene, 1)->id, &before));
	scene_end(scene);
}

/* A transaction that was given up, and was included after all. */
static void test_failed_is_included(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	scene_block(scene);
	pay(scene_next(scene), P, W, 5);
	scene_feed(scene);
	scene_reorg(scene, 1);
	books_fail(scene->books, 2, P, W, U(5));
	books_check(scene->books);
	scene_block(scene);
	scene_tx(scene, 2);
	pay(&scene->script, P, W, 5);
	scene_feed(scene);
	assert_paid(scene, 2, P, W, 5, 0, TYPE_PAYOUT, 0);
	assert_string_equal(books_history(scene->books, 0), "3>1 included @2");
	scene_end(scene);
}

/* Every order in which the five blocks of one stream's life can come. */
static void live(struct scene *scene)
{
	struct script *s;

	create(scene_next(scene), 1, W, P, 1000);
	s = scene_next(scene);
	release(s, 1, W, 400, 400);
	claim(s, 1, W, 400);
	pause_stream(scene_next(scene), 1);
	s = scene_next(scene);
	resume_stream(s, 1);
	release(s, 1, W, 100, 500);
	cancel(scene_next(scene), 1, W, P, 100, 500);
}

static void test_any_order(void **state)
{
	(void)state;
	for (unsigned order = 0; order < 120; order++) {
		struct scene *scene = scene_new();
		unsigned left[5] = {1, 2, 3, 4, 5};
		unsigned rest = order;

		live(scene);
		for (unsigned n = 5; n > 0; n--) {
			unsigned pick = rest % n;

			rest /= n;
			scene_feed_one(scene, left[pick]);
			left[pick] = left[n - 1];
		}
		assert_amounts(stream(scene, 1), 1000, 500, 500, 500);
		assert_int_equal(books_count(scene->books).quarantined, 0);
		scene_end(scene);
	}
}

/* A range that is read again changes nothing. */
static void test_read_twice(void **state)
{
	struct scene *scene = scene_new();
	struct books_counts before, after;

	(void)state;
	live(scene);
	scene_feed(scene);
	before = books_count(scene->books);
	scene->fed = 0;
	scene_feed(scene);
	after = books_count(scene->books);
	assert_int_equal(before.transitions, after.transitions);
	assert_int_equal(before.transactions, after.transactions);
	assert_int_equal(before.events, after.events);
	scene_end(scene);
}

/* What the database must not have let happen is refused. */
static void test_not_closed(void **state)
{
	struct reconcile_rules rules = {0};
	struct transfer_row rows[2] = {
	    {.at = {.block_number = 5, .log_index = 1}},
	    {.at = {.block_number = 5, .log_index = 2, .block_hash = {{1}}}},
	};
	struct reconcile_input in = {
	    .rules = &rules,
	    .transfers = rows,
	    .n_transfers = 2,
	};
	struct arena *arena = arena_new(1 << 20);
	struct changes changes;
	struct fault fault = {0};

	(void)state;
	assert_non_null(arena);
	assert_int_equal(reconcile(&changes, arena, &in, 1, &fault), ERR_BUG);
	/* One of them is the other, read again: the stored role is what is
	 * there to be corrected. */
	rows[1] = rows[0];
	rows[1].role = ROLE_CLAIM;
	assert_int_equal(reconcile(&changes, arena, &in, 1, &fault), OK);
	assert_int_equal(in.n_transfers, 1);
	assert_int_equal(changes.n_roles, 1);
	assert_int_equal(changes.roles[0].role, ROLE_PLAIN);
	in.n_transfers = 2;
	rows[1].at.block_hash.b[0] = 1;
	/* And one transaction in two of them. */
	rows[1].at.block_number = 6;
	assert_int_equal(reconcile(&changes, arena, &in, 1, &fault), ERR_BUG);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_payout_moves),
	    cmocka_unit_test(test_same_block_again),
	    cmocka_unit_test(test_confirmed_goes_back),
	    cmocka_unit_test(test_stream_unwinds),
	    cmocka_unit_test(test_id_reused),
	    cmocka_unit_test(test_id_reused_at_once),
	    cmocka_unit_test(test_failed_is_included),
	    cmocka_unit_test(test_any_order),
	    cmocka_unit_test(test_read_twice),
	    cmocka_unit_test(test_not_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
