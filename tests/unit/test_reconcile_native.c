#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "daemon/reconcile/native.h"
#include "tests/unit/lib_scene.h"

/* A chain whose own money is USDC: two logs of one movement, and movements that
 * the chain alone logs. */

/* units of the token, and dust, in units of 10^-18 */
static struct u256 native(uint64_t units, uint64_t dust)
{
	return U(units * NATIVE_PER_UNIT + dust);
}

/* A transaction with a value. */
static void send_native(struct script *s, struct address from,
			struct address to, uint64_t units, uint64_t dust)
{
	log_transfer(s, EMITTER, from, to, native(units, dust));
}

/* The token's transfer, after the hardfork and before it. */
static void pay_twice(struct script *s, struct address from, struct address to,
		      uint64_t amount)
{
	send_native(s, from, to, amount, 0);
	pay(s, from, to, amount);
}

static void pay_legacy(struct script *s, struct address from, struct address to,
		       uint64_t amount)
{
	log_native(s, AUTHORITY, from, to, native(amount, 0));
	pay(s, from, to, amount);
}

static void assert_counts(struct scene *scene, size_t transfers,
			  size_t transactions)
{
	struct books_counts counts = books_count(scene->books);

	assert_int_equal(counts.transfers, transfers);
	assert_int_equal(counts.transactions, transactions);
	assert_int_equal(counts.quarantined + counts.malformed, 0);
}

static void test_counted_once(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	pay_twice(scene_next(scene), P, W, 5);
	pay_legacy(scene_next(scene), P, W, 6);
	pay_legacy(scene_next(scene), W, W, 7); /* to oneself */
	scene_feed(scene);
	assert_counts(scene, 3, 2);
	assert_paid(scene, 1, P, W, 5, 0, TYPE_PAYOUT, 0);
	assert_paid(scene, 2, P, W, 6, 0, TYPE_PAYOUT, 0);
	/* The token's log is the one that counts. */
	assert_int_equal(
	    books_transfer(scene->books, 1, P, W, U(5), 0)->at.log_index, 1);
	assert_int_equal(
	    books_transfer(scene->books, 3, W, W, U(7), 0)->at.log_index, 1);
	scene_end(scene);
}

/* Mint: the chain's log, Mint, Transfer; burn alike. */
static void test_not_adjacent(void **state)
{
	struct scene *scene = scene_new();
	struct script *s;

	(void)state;
	s = scene_next(scene);
	send_native(s, ZERO, W, 5, 0);
	script_others(s, 1);
	pay(s, ZERO, W, 5);
	s = scene_next(scene);
	send_native(s, W, ZERO, 5, 0);
	script_others(s, 1);
	pay(s, W, ZERO, 5);
	pay_legacy(scene_next(scene), ZERO, W, 6);
	pay_legacy(scene_next(scene), W, ZERO, 6);
	scene_feed(scene);
	assert_counts(scene, 4, 0);
	scene_end(scene);
}

static void test_native_sends(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	send_native(scene_next(scene), P, W, 5, 0);
	send_native(scene_next(scene), W, P, 5, 123);
	log_native(scene_next(scene), AUTHORITY, P, W2, native(7, 1));
	log_native(scene_next(scene), AUTHORITY, ZERO, W2, native(8, 2));
	log_native(scene_next(scene), AUTHORITY, W2, ZERO, native(9, 3));
	send_native(scene_next(scene), X, wallet(31), 5,
		    0); /* nobody of ours */
	scene_feed(scene);
	assert_counts(scene, 5, 3);
	assert_paid(scene, 1, P, W, 5, 0, TYPE_PAYOUT, 0);
	assert_paid(scene, 2, W, P, 5, 0, TYPE_REFUND, 0);
	assert_paid(scene, 3, P, W2, 7, 0, TYPE_PAYOUT, 0);
	assert_int_equal(books_transfer(scene->books, 1, P, W, U(5), 0)->dust,
			 0);
	assert_int_equal(books_transfer(scene->books, 2, W, P, U(5), 0)->dust,
			 123);
	assert_int_equal(
	    books_transfer(scene->books, 4, ZERO, W2, U(8), 0)->dust, 2);
	assert_int_equal(
	    books_transfer(scene->books, 5, W2, ZERO, U(9), 0)->dust, 3);
	scene_end(scene);
}

/* Below a unit of the token: it moved, and is no payment. */
static void test_only_dust(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	send_native(scene_next(scene), P, W, 0, NATIVE_PER_UNIT - 1);
	scene_feed(scene);
	assert_counts(scene, 1, 0);
	assert_int_equal(books_transfer(scene->books, 1, P, W, U(0), 0)->dust,
			 NATIVE_PER_UNIT - 1);
	scene_end(scene);
}

/* One transaction: a send and a transfer that say the same, in either order,
 * two equal transfers, a send that differs by its dust. */
static void test_equal_ones(void **state)
{
	struct scene *scene = scene_new();
	struct script *s;

	(void)state;
	s = scene_next(scene);
	send_native(s, P, W, 5, 0);
	pay_twice(s, P, W, 5);
	s = scene_next(scene);
	pay_twice(s, P, W, 5);
	send_native(s, P, W, 5, 0);
	s = scene_next(scene);
	pay_twice(s, P, W, 5);
	pay_twice(s, P, W, 5);
	s = scene_next(scene);
	send_native(s, P, W, 5, 0);
	send_native(s, P, W, 5, 1);
	pay(s, P, W, 5);
	s = scene_next(scene);
	send_native(s, P, W2, 5, 0);
	send_native(s, P2, W, 5, 0);
	pay_twice(s, P, W, 5);
	scene_feed(scene);
	for (unsigned tx = 1; tx <= 4; tx++)
		for (unsigned k = 0; k < 2; k++)
			assert_paid(scene, tx, P, W, 5, k, TYPE_PAYOUT, 0);
	/* The latest is the Transfer's: what is left is the first. */
	assert_int_equal(
	    books_transfer(scene->books, 1, P, W, U(5), 0)->at.log_index, 0);
	assert_int_equal(
	    books_transfer(scene->books, 1, P, W, U(5), 1)->at.log_index, 2);
	assert_counts(scene, 11, 11);
	assert_int_equal(books_transfer(scene->books, 4, P, W, U(5), 0)->dust,
			 1);
	scene_end(scene);
}

/* A log of another transaction, or after the Transfer, is not its own. */
static void test_not_its_own(void **state)
{
	struct scene *scene = scene_new();
	struct script *s;

	(void)state;
	scene_block(scene);
	scene_tx(scene, 1);
	send_native(&scene->script, P, W, 5, 0);
	scene_tx(scene, 2);
	pay(&scene->script, P, W, 5);
	s = scene_next(scene);
	scene_tx(scene, 3);
	pay(s, P, W, 5);
	send_native(s, P, W, 5, 0);
	scene_feed(scene);
	assert_counts(scene, 4, 4);
	scene_end(scene);
}

/* An address that is no emitter of this chain logs nothing. */
static void test_other_emitters(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);

	(void)state;
	log_transfer(s, wallet(40), P, W, native(5, 0));
	log_native(s, wallet(40), P, W, native(5, 0));
	log_native(s, TOKEN, P, W, native(5, 0));
	scene_feed(scene);
	assert_counts(scene, 0, 0);
	scene_end(scene);
}

static void test_beyond_the_token(void **state)
{
	struct scene *scene = scene_new();
	struct u256 all = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
	uint64_t dust;
	struct u256 units = u256_div_u64(&all, NATIVE_PER_UNIT, &dust);
	struct script *s = scene_next(scene);

	(void)state;
	log_transfer(s, EMITTER, P, W, all);
	log_transfer(s, TOKEN, P, W, all);
	scene_feed(scene);
	assert_counts(scene, 2, 2);
	assert_int_equal(books_transfer(scene->books, 1, P, W, units, 0)->dust,
			 dust);
	assert_int_equal(books_transfer(scene->books, 1, P, W, all, 0)->dust,
			 0);
	scene_end(scene);
}

/* What creates a stream, in a transaction with a donation as large. */
static void create_twice(struct script *s, uint64_t id, uint64_t total)
{
	send_native(s, P, STREAMS, total,
		    1); /* a gift with dust pays for nothing */
	send_native(s, P, STREAMS, total, 0);
	send_native(s, P, STREAMS, total, 0);
	log_transfer(s, TOKEN, P, STREAMS, U(total));
	send_native(s, P, STREAMS, total, 1);
	send_native(s, X, W, 1, 0);
	log_created(s, STREAMS, U(id), W, P, U(total), U(DURATION),
		    U(INTERVAL));
}

static void test_streams(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);

	(void)state;
	create_twice(s, 1, 1000); /* by a batch: two streams, one transaction */
	create_twice(s, 2, 1000);
	release(s, 1, W, 400, 400);
	s = scene_next(scene);
	send_native(s, STREAMS, W, 400, 0);
	claim(s, 1, W, 400);
	s = scene_next(scene);
	send_native(s, STREAMS, P, 600, 0);
	cancel(s, 1, W, P, 0, 600);
	scene_feed(scene);
	for (unsigned k = 0; k < 8; k++)
		assert_int_equal(
		    books_role(scene->books, 1, P, STREAMS, U(1000), k),
		    k % 4 == 2 ? ROLE_ESCROW : ROLE_PLAIN);
	assert_amounts(books_stream(scene->books, STREAMS, 1), 1000, 400, 400,
		       600);
	assert_amounts(books_stream(scene->books, STREAMS, 2), 1000, 0, 0, 0);
	assert_paid(scene, 2, STREAMS, W, 400, 0, TYPE_PAYOUT, 1);
	assert_paid(scene, 3, STREAMS, P, 600, 0, TYPE_REFUND, 1);
	assert_counts(scene, 12, 4); /* and the two of a stranger to W */
	scene_end(scene);
}

/* Blocks of one second: their order is that of their numbers. */
static void test_repeated_timestamps(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 400, 400);
	pause_stream(scene_next(scene), 1);
	resume_stream(scene_next(scene), 1);
	claim(scene_next(scene), 1, W, 400);
	for (size_t i = 0; i < scene->script.n; i++)
		scene->script.blocks[i].ref.timestamp = 1700000000;
	scene_finalize(scene, 5); /* the newest block is final */
	for (uint64_t number = 5; number > 0; number--)
		scene_feed_one(scene, number);
	assert_amounts(books_stream(scene->books, STREAMS, 1), 1000, 400, 400,
		       0);
	assert_int_equal(books_stream(scene->books, STREAMS, 1)->status,
			 STREAM_ACTIVE);
	assert_counts(scene, 2, 1);
	assert_int_equal(
	    books_transaction(scene->books, 5, STREAMS, W, U(400), 0)->status,
	    STATUS_CONFIRMED);
	scene_end(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_counted_once),
	    cmocka_unit_test(test_not_adjacent),
	    cmocka_unit_test(test_native_sends),
	    cmocka_unit_test(test_only_dust),
	    cmocka_unit_test(test_equal_ones),
	    cmocka_unit_test(test_not_its_own),
	    cmocka_unit_test(test_other_emitters),
	    cmocka_unit_test(test_beyond_the_token),
	    cmocka_unit_test(test_streams),
	    cmocka_unit_test(test_repeated_timestamps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
