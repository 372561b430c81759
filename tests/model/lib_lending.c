#include "tests/model/lib_contracts.h"
#include "tests/model/lib_logs.h"
#include "tests/model/lib_sums.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Constants of contracts-abi/dev/MicroLoan.sol. */
#define MIN_AMOUNT 1000000
#define MAX_AMOUNT 500000000
#define MIN_FEE_BPS 200
#define MAX_FEE_BPS 500
#define PERIOD (30 * 86400)

/* NULL: there is none. */
static struct loan *find(struct world *w, const struct call *call)
{
	size_t n = w->now.n_loans;

	if (n == 0 || call->id > n)
		return NULL;
	return &w->now.loans[(call->id ? call->id : n) - 1];
}

static struct u256 remaining(const struct loan *l)
{
	return u256_cmp(&l->due, &l->repaid) > 0 ? minus(l->due, l->repaid)
						 : u256_from_u64(0);
}

static struct why because(enum cause cause, const struct loan *l)
{
	return (struct why){cause, WHO_LOANS, l->id};
}

#define LOG_LOAN(w, l, signature, n_topics, ...)                               \
	do {                                                                   \
		world_mark(w, MARK_OBJECT);                                    \
		LOG_EVENT(&(w)->script, wallet_of(WHO_LOANS), signature,       \
			  n_topics, word_of_u64((l)->id), __VA_ARGS__);        \
	} while (0)

/* Small ones are whole, so that many are equal. */
static uint64_t wanted(const struct call *call)
{
	uint64_t amount = call->amount.w[0];

	return amount < 10 ? MIN_AMOUNT * (1 + amount)
			   : MIN_AMOUNT + amount % (MAX_AMOUNT - MIN_AMOUNT);
}

void lending_request(struct world *w, const struct call *call)
{
	struct loan l = {
	    .id = w->now.n_loans + 1,
	    .worker = call->a,
	    .requested = u256_from_u64(wanted(call)),
	    .requested_at = world_time(w),
	};

	if (w->now.paused[WHO_LOANS] || w->now.active_loan[l.worker] ||
	    w->now.n_loans == MOST_LOANS)
		return;
	w->now.loans[w->now.n_loans++] = l;
	LOG_LOAN(w, &l, "LoanRequested(uint256,address,uint256)", 2,
		 word_of_address(wallet_of(l.worker)), word_of(l.requested));
}

/* All that was asked for, half of it, or less. */
static struct u256 granted(const struct loan *l, const struct call *call)
{
	struct u256 amount;

	assert_true(portion(&amount, l->requested, 1,
			    1 + (uint64_t)call->duration % 3));
	return amount;
}

void lending_approve(struct world *w, const struct call *call)
{
	struct loan *l = find(w, call);
	struct u256 amount;

	if (!l || w->now.paused[WHO_LOANS] || l->status != LOAN_PENDING)
		return;
	amount = granted(l, call);
	if (!token_can_move(w, WHO_LOANS, l->worker, &amount))
		return;
	l->approved = amount;
	l->bps = MIN_FEE_BPS +
		 (uint32_t)call->duration % (MAX_FEE_BPS - MIN_FEE_BPS + 1);
	assert_true(portion(&l->fee, amount, l->bps, 10000));
	l->due = plus(l->approved, l->fee);
	l->status = LOAN_DISBURSED;
	l->approved_at = l->disbursed_at = world_time(w);
	l->due_at = l->disbursed_at + PERIOD;
	l->disbursed_in = world_place(w).block_number;
	w->now.active_loan[l->worker] = l->id;
	w->now.lent = plus(w->now.lent, amount);
	LOG_LOAN(w, l, "LoanApproved(uint256,uint256,uint256)", 1,
		 word_of(amount), word_of_u64(l->bps));
	token_move(w, WHO_LOANS, l->worker, amount, because(BY_ADVANCE, l));
	LOG_LOAN(w, l, "LoanDisbursed(uint256,address,uint256)", 2,
		 word_of_address(wallet_of(l->worker)), word_of(amount));
}

static bool is_out(const struct loan *l)
{
	return l && (l->status == LOAN_DISBURSED || l->status == LOAN_REPAYING);
}

/* What is left, or any amount: more than that, too. */
void lending_repay(struct world *w, const struct call *call)
{
	struct loan *l = find(w, call);
	struct u256 amount, left;

	if (w->now.paused[WHO_LOANS] || !is_out(l))
		return;
	amount = call->everything ? remaining(l) : call->amount;
	if (u256_is_zero(&amount) ||
	    !token_can_move(w, l->worker, WHO_LOANS, &amount))
		return;
	l->repaid = plus(l->repaid, amount);
	l->repayments++;
	l->status = LOAN_REPAYING;
	w->now.collected = plus(w->now.collected, amount);
	left = remaining(l);
	token_move(w, l->worker, WHO_LOANS, amount, because(BY_REPAY, l));
	LOG_LOAN(w, l, "RepaymentMade(uint256,uint256,uint256)", 1,
		 word_of(amount), word_of(left));
	if (!u256_is_zero(&left))
		return;
	l->status = LOAN_REPAID;
	l->repaid_at = world_time(w);
	w->now.active_loan[l->worker] = 0;
	LOG_LOAN(w, l, "LoanRepaid(uint256,uint256)", 1, word_of(l->repaid));
}

void lending_default(struct world *w, const struct call *call)
{
	struct loan *l = find(w, call);

	if (!is_out(l) || world_time(w) <= l->due_at)
		return;
	l->status = LOAN_DEFAULTED;
	l->defaulted_at = world_time(w);
	w->now.active_loan[l->worker] = 0;
	LOG_LOAN(w, l, "LoanDefaulted(uint256,uint256)", 1,
		 word_of(remaining(l)));
}

void lending_cancel(struct world *w, const struct call *call)
{
	struct loan *l = find(w, call);

	if (!l || l->status != LOAN_PENDING)
		return;
	l->status = LOAN_CANCELLED;
	world_mark(w, MARK_OBJECT);
	LOG_EVENT(&w->script, wallet_of(WHO_LOANS), "LoanCancelled(uint256)", 1,
		  word_of_u64(l->id));
}

void lending_withdraw(struct world *w, const struct call *call)
{
	const struct u256 *given = &w->now.donated[WHO_LOANS];

	if (u256_is_zero(&call->amount) || u256_cmp(&call->amount, given) > 0 ||
	    !token_can_move(w, WHO_LOANS, call->a, &call->amount))
		return;
	token_move(w, WHO_LOANS, call->a, call->amount,
		   (struct why){.cause = BY_HAND});
}

void lending_check(const struct world *w)
{
	const struct state *now = &w->now;
	struct u256 lent = {{0}}, collected = {{0}};

	for (size_t i = 0; i < now->n_loans; i++) {
		const struct loan *l = &now->loans[i];

		if (l->disbursed_at)
			lent = plus(lent, l->approved);
		collected = plus(collected, l->repaid);
		assert_true(equal(l->due, plus(l->approved, l->fee)));
		assert_int_equal(l->status == LOAN_REPAID, l->repaid_at != 0);
	}
	assert_true(equal(lent, now->lent));
	assert_true(equal(collected, now->collected));
}
