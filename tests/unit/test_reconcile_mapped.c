#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_scene.h"

/* Streams of other contracts, by their mappings: Sablier Lockup (LOCKUP), whose
 * claims release, and LlamaPay (OPEN), whose streams have no end. */

#define LOG(s, contract, signature, n_topics, ...)                             \
	do {                                                                   \
		const struct hash words_[] = {__VA_ARGS__};                    \
		struct address at_ = contract;                                 \
                                                                               \
		log_raw(s, &at_, signature, words_, n_topics,                  \
			sizeof(words_) / sizeof(*words_));                     \
	} while (0)

#define N(n) word(U(n))

static const struct stream_row *stream(struct scene *scene,
				       struct address contract, uint64_t id)
{
	const struct stream_row *row = books_stream(scene->books, contract, id);

	assert_non_null(row);
	return row;
}

/* X pays in for P, to be unlocked for W from 500 to 1500; in this token. */
static void lock_in(struct script *s, uint64_t id, struct address token,
		    uint64_t from, uint64_t till)
{
	LOG(s, LOCKUP, "Transfer(address,address,uint256)", 3, padded(ZERO),
	    padded(W), N(id));
	log_transfer(s, token, X, LOCKUP, U(1000));
	LOG(s, LOCKUP,
	    "CreateLockupLinearStream(uint256,(address,address,address,uint128,"
	    "address,bool,bool,(uint40,uint40),string),uint40,(uint128,"
	    "uint128))",
	    1, N(id), N(0x80), N(0), N(0), N(0), padded(X), padded(P),
	    padded(W), N(1000), padded(token), N(1), N(1), N(from), N(till),
	    N(0x140), N(0));
}

static void lock(struct script *s, uint64_t id)
{
	lock_in(s, id, TOKEN, 500, 1500);
}

static void withdraw(struct script *s, uint64_t id, struct address to,
		     uint64_t amount)
{
	pay(s, LOCKUP, to, amount);
	LOG(s, LOCKUP,
	    "WithdrawFromLockupStream(uint256,address,address,uint128)", 3,
	    N(id), padded(to), padded(TOKEN), N(amount));
}

static void unlock(struct script *s, uint64_t id, uint64_t refund,
		   uint64_t rest)
{
	pay(s, LOCKUP, P, refund);
	LOG(s, LOCKUP,
	    "CancelLockupStream(uint256,address,address,address,uint128,"
	    "uint128)",
	    3, padded(P), padded(W), padded(TOKEN), N(id), N(refund), N(rest));
}

static void give(struct script *s, uint64_t id, struct address from,
		 struct address to)
{
	LOG(s, LOCKUP, "Transfer(address,address,uint256)", 3, padded(from),
	    padded(to), N(id));
}

static void test_claims_release(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	lock(scene_next(scene), 1);
	withdraw(scene_next(scene), 1, W, 400);
	withdraw(scene_next(scene), 1, X, 100); /* W says where to */
	scene_feed(scene);
	assert_amounts(stream(scene, LOCKUP, 1), 1000, 500, 500, 0);
	assert_int_equal(stream(scene, LOCKUP, 1)->start_time, 500);
	assert_int_equal(stream(scene, LOCKUP, 1)->end_time, 1500);
	assert_int_equal(stream(scene, LOCKUP, 1)->next_release_at, 0);
	assert_int_equal(books_role(scene->books, 1, X, LOCKUP, U(1000), 0),
			 ROLE_ESCROW);
	assert_paid(scene, 3, LOCKUP, X, 100, 0, TYPE_PAYOUT, 1);
	withdraw(scene_next(scene), 1, W, 500);
	scene_feed(scene);
	assert_int_equal(stream(scene, LOCKUP, 1)->status, STREAM_COMPLETED);
	assert_int_equal(books_count(scene->books).quarantined, 0);
	scene_end(scene);
}

static void test_claims_after_cancel(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	lock(scene_next(scene), 1);
	withdraw(scene_next(scene), 1, W, 100);
	unlock(scene_next(scene), 1, 600, 300);
	scene_feed(scene);
	assert_amounts(stream(scene, LOCKUP, 1), 1000, 400, 100, 600);
	assert_int_equal(stream(scene, LOCKUP, 1)->status, STREAM_CANCELLED);
	assert_paid(scene, 3, LOCKUP, P, 600, 0, TYPE_REFUND, 1);
	withdraw(scene_next(scene), 1, W, 300);
	withdraw(scene_next(scene), 1, W, 1);
	scene_feed(scene);
	assert_amounts(stream(scene, LOCKUP, 1), 1000, 400, 400, 600);
	assert_string_equal(books_reason(scene->books, 5, 1),
			    "more would be claimed than was released");
	scene_end(scene);
}

static void test_too_much(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	lock(scene_next(scene), 1);
	withdraw(scene_next(scene), 1, W, 1001);
	withdraw(scene_next(scene), 1, W, 400);
	unlock(scene_next(scene), 1, 601, 0);
	lock_in(scene_next(scene), 2, TOKEN, 1500, 500);
	lock_in(scene_next(scene), 3, TOKEN, ~0ull >> 24, ~0ull >> 24);
	scene_feed(scene);
	assert_string_equal(books_reason(scene->books, 2, 1),
			    "more would be claimed than the stream's total");
	assert_string_equal(books_reason(scene->books, 4, 1),
			    "its refund is not what was left to release");
	assert_string_equal(books_reason(scene->books, 5, 2),
			    "the stream ends before it starts");
	assert_amounts(stream(scene, LOCKUP, 1), 1000, 400, 400, 0);
	assert_null(books_stream(scene->books, LOCKUP, 2));
	/* uint40 fits a timestamp: 34865-01-01 or so. */
	assert_non_null(books_stream(scene->books, LOCKUP, 3));
	scene_end(scene);
}

static void test_recipient(void **state)
{
	struct scene *scene = scene_new();
	struct address w2 = W2;

	(void)state;
	lock(scene_next(scene), 1);
	give(scene_next(scene), 1, W, W2);
	withdraw(scene_next(scene), 1, W2, 100);
	give(scene_next(scene), 1, W, P); /* not his any more */
	scene_feed_one(scene, 3);
	scene_feed_one(scene, 2);
	scene_feed_one(scene, 4);
	scene_feed_one(scene, 1);
	assert_true(address_eq(&stream(scene, LOCKUP, 1)->worker_wallet, &w2));
	assert_amounts(stream(scene, LOCKUP, 1), 1000, 100, 100, 0);
	assert_int_equal(books_count(scene->books).quarantined, 1);
	assert_non_null(books_reason(scene->books, 4, 0));
	scene_reorg(scene, 1);
	assert_int_equal(books_count(scene->books).quarantined, 0);
	assert_false(address_eq(&stream(scene, LOCKUP, 1)->worker_wallet, &w2));
	scene_end(scene);
}

/* Its creation, its claims and its end name the token; its NFT does not. */
static void test_other_token(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);

	(void)state;
	lock_in(s, 1, X, 500, 1500);
	LOG(s, LOCKUP,
	    "WithdrawFromLockupStream(uint256,address,address,uint128)", 3,
	    N(1), padded(W), padded(X), N(10));
	give(scene_next(scene), 1, W, W2);
	scene_feed(scene);
	assert_int_equal(books_count(scene->books).streams, 0);
	assert_int_equal(books_count(scene->books).quarantined, 0);
	scene_end(scene);
}

#define OF_STREAM "(address,address,uint216,bytes32)"

static void begin(struct script *s, uint64_t id)
{
	LOG(s, OPEN, "StreamCreated" OF_STREAM, 2, padded(P), padded(W), N(7),
	    N(id));
}

static void say_paid(struct script *s, uint64_t id, uint64_t amount)
{
	LOG(s, OPEN, "Withdraw(address,address,uint216,bytes32,uint256)", 2,
	    padded(P), padded(W), N(7), N(id), N(amount));
}

static void draw(struct script *s, uint64_t id, uint64_t amount)
{
	say_paid(s, id, amount);
	pay(s, OPEN, W, amount);
}

static void end(struct script *s, uint64_t id, uint64_t amount, bool pause)
{
	draw(s, id, amount);
	if (pause)
		LOG(s, OPEN, "StreamPaused" OF_STREAM, 2, padded(P), padded(W),
		    N(7), N(id));
	else
		LOG(s, OPEN, "StreamCancelled" OF_STREAM, 2, padded(P),
		    padded(W), N(7), N(id));
}

/* W's stream `from` ends, and W2's stream `to` begins. */
static void modify(struct script *s, uint64_t from, uint64_t amount,
		   uint64_t to)
{
	draw(s, from, amount);
	LOG(s, OPEN,
	    "StreamModified(address,address,uint216,bytes32,address,uint216,"
	    "bytes32)",
	    3, padded(P), padded(W), padded(W2), N(7), N(from), N(8), N(to));
}

static void test_open_ended(void **state)
{
	struct scene *scene = scene_new();
	const struct stream_row *row;

	(void)state;
	begin(scene_next(scene), 1);
	draw(scene_next(scene), 1, 30);
	draw(scene_next(scene), 1, 0);
	scene_feed(scene);
	row = stream(scene, OPEN, 1);
	assert_amounts(row, 30, 30, 30, 0);
	assert_int_equal(row->end_time, 0);
	assert_int_equal(row->status, STREAM_ACTIVE);
	assert_int_equal(books_count(scene->books).quarantined, 0);
	assert_paid(scene, 2, OPEN, W, 30, 0, TYPE_PAYOUT, 1);
	scene_end(scene);
}

static void test_ids_return(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	begin(scene_next(scene), 1);
	end(scene_next(scene), 1, 10, true);
	scene_feed(scene);
	assert_int_equal(stream(scene, OPEN, 1)->status, STREAM_PAUSED);
	begin(scene_next(scene), 1);
	end(scene_next(scene), 1, 5, false);
	scene_feed(scene);
	assert_int_equal(stream(scene, OPEN, 1)->status, STREAM_CANCELLED);
	draw(scene_next(scene), 1, 1);
	begin(scene_next(scene), 1);
	begin(scene_next(scene), 1);
	scene_feed(scene);
	assert_int_equal(stream(scene, OPEN, 1)->status, STREAM_ACTIVE);
	assert_int_equal(stream(scene, OPEN, 1)->cancelled_at, 0);
	assert_amounts(stream(scene, OPEN, 1), 15, 15, 15, 0);
	assert_string_equal(books_reason(scene->books, 5, 0),
			    "a claim from a stream that is cancelled");
	assert_string_equal(books_reason(scene->books, 7, 0),
			    "a stream with this id was already created");
	scene_end(scene);
}

/* The first Transfer after a Withdraw is its money; one before it, one in the
 * next transaction or of another amount is not. */
static void test_money_after(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);

	(void)state;
	begin(s, 1);
	pay(s, OPEN, W, 10);
	draw(s, 1, 10);
	draw(s, 1, 10);
	pay(s, OPEN, W, 10);
	say_paid(scene_next(scene), 1, 20);
	pay(s, OPEN, W, 21);
	scene_tx(scene, 99);
	pay(s, OPEN, W, 20);
	scene_feed(scene);
	for (unsigned k = 0; k < 4; k++)
		assert_int_equal(books_role(scene->books, 1, OPEN, W, U(10), k),
				 k == 1 || k == 2 ? ROLE_CLAIM : ROLE_PLAIN);
	assert_int_equal(books_role(scene->books, 99, OPEN, W, U(20), 0),
			 ROLE_PLAIN);
	assert_string_equal(books_reason(scene->books, 2, 0),
			    "no USDC Transfer moved the money it speaks of");
	scene_end(scene);
}

/* Each part stands or falls with its own stream. */
static void test_two_parts(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	modify(scene_next(scene), 1, 10, 2); /* 1: nobody saw it created */
	scene_feed(scene);
	assert_null(books_stream(scene->books, OPEN, 1));
	assert_int_equal(stream(scene, OPEN, 2)->status, STREAM_ACTIVE);
	assert_int_equal(books_count(scene->books).quarantined, 2);
	scene_end(scene);

	scene = scene_new();
	begin(scene_next(scene), 1);
	modify(scene_next(scene), 1, 10, 2);
	scene_feed_one(scene, 2);
	assert_int_equal(books_count(scene->books).quarantined, 2);
	scene_feed_one(scene, 1);
	assert_int_equal(books_count(scene->books).quarantined, 0);
	assert_int_equal(books_count(scene->books).events, 4);
	assert_int_equal(stream(scene, OPEN, 1)->status, STREAM_CANCELLED);
	assert_amounts(stream(scene, OPEN, 1), 10, 10, 10, 0);
	scene_reorg(scene, 1);
	assert_int_equal(stream(scene, OPEN, 1)->status, STREAM_ACTIVE);
	assert_null(books_stream(scene->books, OPEN, 2));
	scene_end(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_claims_release),
	    cmocka_unit_test(test_claims_after_cancel),
	    cmocka_unit_test(test_too_much),
	    cmocka_unit_test(test_recipient),
	    cmocka_unit_test(test_other_token),
	    cmocka_unit_test(test_open_ended),
	    cmocka_unit_test(test_ids_return),
	    cmocka_unit_test(test_money_after),
	    cmocka_unit_test(test_two_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
