#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/reconcile/loan_fold.h"
#include "tests/unit/lib_scene.h"

/* The calls of MicroLoan, with the logs that they leave, in their order. */

#define LOG(s, signature, n_topics, ...)                                       \
	do {                                                                   \
		const struct hash words[] = {__VA_ARGS__};                     \
		const struct address at = LOANS;                               \
		log_raw(s, &at, signature, words, n_topics,                    \
			sizeof(words) / sizeof(*words));                       \
	} while (0)

static void request(struct script *s, uint64_t id, struct address worker,
		    uint64_t amount)
{
	LOG(s, "LoanRequested(uint256,address,uint256)", 2, word(U(id)),
	    padded(worker), word(U(amount)));
}

static void disburse(struct script *s, uint64_t id, struct address worker,
		     uint64_t amount)
{
	pay(s, LOANS, worker, amount);
	LOG(s, "LoanDisbursed(uint256,address,uint256)", 2, word(U(id)),
	    padded(worker), word(U(amount)));
}

static void approve(struct script *s, uint64_t id, struct address worker,
		    uint64_t amount, uint64_t bps)
{
	LOG(s, "LoanApproved(uint256,uint256,uint256)", 1, word(U(id)),
	    word(U(amount)), word(U(bps)));
	disburse(s, id, worker, amount);
}

static void repaid(struct script *s, uint64_t id, uint64_t total)
{
	LOG(s, "LoanRepaid(uint256,uint256)", 1, word(U(id)), word(U(total)));
}

static void repay(struct script *s, uint64_t id, struct address worker,
		  uint64_t amount, uint64_t remaining)
{
	pay(s, worker, LOANS, amount);
	LOG(s, "RepaymentMade(uint256,uint256,uint256)", 1, word(U(id)),
	    word(U(amount)), word(U(remaining)));
}

static void defaulted(struct script *s, uint64_t id, uint64_t remaining)
{
	LOG(s, "LoanDefaulted(uint256,uint256)", 1, word(U(id)),
	    word(U(remaining)));
}

static void cancel_loan(struct script *s, uint64_t id)
{
	LOG(s, "LoanCancelled(uint256)", 1, word(U(id)));
}

static void assert_loan(struct scene *scene, uint64_t id,
			enum loan_status status, uint64_t owed, uint64_t paid,
			uint64_t remaining)
{
	const struct loan_row *row = books_loan(scene->books, id);
	const struct u256 expected[] = {U(owed), U(paid), U(remaining)};

	assert_non_null(row);
	assert_int_equal(row->status, status);
	assert_int_equal(u256_cmp(&row->owed, &expected[0]), 0);
	assert_int_equal(u256_cmp(&row->repaid, &expected[1]), 0);
	assert_int_equal(u256_cmp(&row->remaining, &expected[2]), 0);
}

static void test_a_loan_from_request_to_end(void **state)
{
	struct scene *s = scene_new();
	const struct loan_row *row;

	(void)state;
	request(scene_next(s), 1, W, 1000);
	scene_feed(s);
	assert_loan(s, 1, LOAN_PENDING, 0, 0, 0);
	approve(scene_next(s), 1, W, 999, 250); /* a fee of 24.975 */
	scene_feed(s);
	assert_loan(s, 1, LOAN_DISBURSED, 1023, 0, 1023);
	assert_paid(s, 2, LOANS, W, 999, 0, TYPE_ADVANCE, 1);
	assert_string_equal(books_history(s->books, 0),
			    "-1>1 LoanDisbursed @2");
	row = books_loan(s->books, 1);
	assert_int_equal(row->fee_bps, 250);
	assert_int_equal(row->due_at, scene_time(2) + LOAN_PERIOD_S);

	repay(scene_next(s), 1, W, 23, 1000);
	scene_feed(s);
	assert_loan(s, 1, LOAN_REPAYING, 1023, 23, 1000);
	assert_paid(s, 3, W, LOANS, 23, 0, TYPE_REPAYMENT, 1);
	repay(scene_next(s), 1, W, 1500, 0); /* more than is owed */
	repaid(&s->script, 1, 1523);
	scene_feed(s);
	assert_loan(s, 1, LOAN_REPAID, 1023, 1523, 0);
	row = books_loan(s->books, 1);
	assert_int_equal(row->repayments, 2);
	assert_int_equal(row->repaid_at, scene_time(4));
	assert_int_equal(books_count(s->books).quarantined, 0);
	scene_end(s);
}

static void test_final_is_active(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	request(scene_next(s), 1, W, 100);
	approve(scene_next(s), 1, W, 100, 200);
	scene_feed(s);
	assert_loan(s, 1, LOAN_DISBURSED, 102, 0, 102);
	scene_finalize(s, 2);
	pay(scene_next(s), X, W, 1);
	scene_feed(s); /* the store's word, as the final block moves */
	assert_loan(s, 1, LOAN_ACTIVE, 102, 0, 102);
	repay(scene_next(s), 1, W, 2, 100);
	scene_feed(s);
	assert_loan(s, 1, LOAN_REPAYING, 102, 2, 100);
	assert_string_equal(books_history(s->books, 1), "3>4 RepaymentMade @4");

	/* what is final when it is first seen is active at once */
	scene_finalize(s, 9);
	scene_next(s);
	request(scene_next(s), 2, W2, 50);
	approve(scene_next(s), 2, W2, 50, 200);
	scene_feed(s);
	assert_loan(s, 2, LOAN_ACTIVE, 51, 0, 51);
	scene_end(s);
}

static void test_ends_without_money(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	for (uint64_t id = 1; id <= 3; id++) /* several pending ones */
		request(scene_next(s), id, W, 100 * id);
	cancel_loan(scene_next(s), 1);
	approve(scene_next(s), 2, W, 150, 500);
	defaulted(scene_next(s), 2, 157);
	scene_feed(s);
	assert_loan(s, 1, LOAN_CANCELLED, 0, 0, 0);
	assert_loan(s, 2, LOAN_DEFAULTED, 157, 0, 157);
	assert_loan(s, 3, LOAN_PENDING, 0, 0, 0);
	assert_int_equal(books_loan(s->books, 2)->defaulted_at, scene_time(6));
	scene_end(s);
}

/* Each of these contradicts what stands: kept, told why, and without effect. */
static void test_contradictions(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	approve(scene_next(s), 1, W, 10, 200); /* nobody asked */
	request(scene_next(s), 2, W, 100);
	request(scene_next(s), 2, W, 100);
	approve(scene_next(s), 2, W, 101, 200); /* more than was asked */
	approve(scene_next(s), 2, W, 100, 200);
	repay(scene_next(s), 2, W, 10, 93);
	repay(scene_next(s), 2, W, 10, 92);
	defaulted(scene_next(s), 2, 91);
	repaid(scene_next(s), 2, 10);
	cancel_loan(scene_next(s), 2);
	scene_feed(s);
	assert_loan(s, 2, LOAN_REPAYING, 102, 10, 92);
	assert_string_equal(books_reason(s->books, 1, 0),
			    "nobody saw this loan requested");
	assert_string_equal(books_reason(s->books, 3, 0),
			    "a loan with this id was already requested");
	assert_string_equal(books_reason(s->books, 4, 0),
			    "more would be approved than was requested");
	assert_string_equal(
	    books_reason(s->books, 6, 1),
	    "what remains is not what is owed less what was repaid");
	assert_non_null(books_reason(s->books, 8, 0));
	assert_non_null(books_reason(s->books, 9, 0));
	assert_non_null(books_reason(s->books, 10, 0));
	/* the money did reach the worker, whatever the loan says of it */
	assert_paid(s, 1, LOANS, W, 10, 0, TYPE_ADVANCE, 0);
	assert_paid(s, 4, LOANS, W, 101, 0, TYPE_ADVANCE, 0);
	/* who repays is known from the loan alone */
	assert_unpaid(s, 6, W, LOANS, 10);
	assert_paid(s, 7, W, LOANS, 10, 0, TYPE_REPAYMENT, 2);
	scene_end(s);
}

static void test_money_beside_it(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	request(scene_next(s), 1, W, 100);
	scene_next(s);
	pay(&s->script, W, LOANS, 40);	/* a gift, no repayment */
	pay(&s->script, X, LOANS, 500); /* the owner funds it */
	approve(&s->script, 1, W, 100, 200);
	repay(&s->script, 1, W, 40, 62); /* takes the nearer of the equal */
	scene_feed(s);
	assert_unpaid(s, 2, X, LOANS, 500);
	assert_int_equal(books_role(s->books, 2, W, LOANS, U(40), 0),
			 ROLE_PLAIN);
	assert_int_equal(books_role(s->books, 2, W, LOANS, U(40), 1),
			 ROLE_REPAYMENT);
	assert_paid(s, 2, W, LOANS, 40, 1, TYPE_REPAYMENT, 1);
	/* without its money the event is told of, and counts */
	LOG(scene_next(s), "RepaymentMade(uint256,uint256,uint256)", 1,
	    word(U(1)), word(U(2)), word(U(60)));
	scene_feed(s);
	assert_loan(s, 1, LOAN_REPAYING, 102, 42, 60);
	assert_string_equal(books_reason(s->books, 3, 0),
			    "no USDC Transfer moved the money it speaks of");
	scene_end(s);
}

static void test_reorgs_and_late_blocks(void **state)
{
	struct scene *s = scene_new();

	(void)state;
	request(scene_next(s), 1, W, 100);
	approve(scene_next(s), 1, W, 100, 200);
	repay(scene_next(s), 1, W, 102, 0);
	repaid(&s->script, 1, 102);
	scene_feed_one(s, 3); /* before what it depends on */
	assert_null(books_loan(s->books, 1));
	assert_string_equal(books_reason(s->books, 3, 1),
			    "nobody saw this loan requested");
	scene_feed_one(s, 1);
	scene_feed_one(s, 2);
	assert_loan(s, 1, LOAN_REPAID, 102, 102, 0);
	assert_int_equal(books_count(s->books).quarantined, 0);
	assert_paid(s, 3, W, LOANS, 102, 0, TYPE_REPAYMENT, 1);

	scene_reorg(s, 2);
	assert_loan(s, 1, LOAN_DISBURSED, 102, 0, 102);
	assert_string_equal(books_history(s->books, 0), "1>1 reorg @0");
	repay(scene_next(s), 1, W, 2, 100);
	scene_feed(s);
	assert_loan(s, 1, LOAN_REPAYING, 102, 2, 100);
	scene_reorg(s, 0);
	assert_null(books_loan(s->books, 1));
	assert_int_equal(books_count(s->books).loans, 0);
	scene_next(s);
	scene_feed(s);
	scene_end(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_a_loan_from_request_to_end),
	    cmocka_unit_test(test_final_is_active),
	    cmocka_unit_test(test_ends_without_money),
	    cmocka_unit_test(test_contradictions),
	    cmocka_unit_test(test_money_beside_it),
	    cmocka_unit_test(test_reorgs_and_late_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
