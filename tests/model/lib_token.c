#include "tests/model/lib_contracts.h"
#include "tests/model/lib_logs.h"
#include "tests/model/lib_sums.h"
#include "tests/unit/lib_books.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void add_move(struct world *w, unsigned from, unsigned to,
		     struct u256 amount, struct why why)
{
	if (w->n_moves == w->room_moves) {
		w->room_moves = w->room_moves ? w->room_moves * 2 : 256;
		w->moves = realloc(w->moves, w->room_moves * sizeof(*w->moves));
		assert_non_null(w->moves);
	}
	w->moves[w->n_moves++] = (struct move){
	    .at = world_place(w),
	    .tx = w->tx,
	    .from = from,
	    .to = to,
	    .amount = amount,
	    .why = why,
	};
	log_transfer(&w->script, TOKEN, wallet_of(from), wallet_of(to), amount);
}

static bool is_contract(unsigned who)
{
	return who == WHO_STREAMS || who == WHO_STREAMS2 || who == WHO_LOANS;
}

static void give(struct world *w, unsigned to, struct u256 amount,
		 enum cause cause)
{
	struct state *now = &w->now;

	now->balances[to] = plus(now->balances[to], amount);
	if (is_contract(to) && cause != BY_CREATE && cause != BY_REPAY)
		now->donated[to] = plus(now->donated[to], amount);
}

static void take(struct world *w, unsigned from, struct u256 amount,
		 enum cause cause)
{
	struct state *now = &w->now;

	now->balances[from] = minus(now->balances[from], amount);
	if (is_contract(from) && cause == BY_HAND)
		now->donated[from] = minus(now->donated[from], amount);
}

bool token_can_move(const struct world *w, unsigned from, unsigned to,
		    const struct u256 *amount)
{
	return to != NOBODY && !w->now.blacklisted[from] &&
	       !w->now.blacklisted[to] &&
	       u256_cmp(&w->now.balances[from], amount) >= 0;
}

void token_move(struct world *w, unsigned from, unsigned to, struct u256 amount,
		struct why why)
{
	assert_true(token_can_move(w, from, to, &amount));
	take(w, from, amount, why.cause);
	give(w, to, amount, why.cause);
	add_move(w, from, to, amount, why);
}

void token_pay(struct world *w, const struct call *call)
{
	struct u256 amount =
	    call->everything ? w->now.balances[call->a] : call->amount;

	if (token_can_move(w, call->a, call->b, &amount))
		token_move(w, call->a, call->b, amount,
			   (struct why){.cause = BY_HAND});
}

void token_mint(struct world *w, const struct call *call)
{
	struct state *now = &w->now;
	struct u256 supply = minus(now->minted, now->burned);

	if (!u256_add(&supply, &supply, &call->amount) ||
	    !u256_add(&now->minted, &now->minted, &call->amount))
		return;
	give(w, call->a, call->amount, BY_HAND);
	world_mark(w, MARK_OTHER);
	LOG_EVENT(&w->script, TOKEN, "Mint(address,address,uint256)", 2,
		  word_of_address(TOKEN), word_of_address(wallet_of(call->a)),
		  word_of(call->amount));
	add_move(w, NOBODY, call->a, call->amount,
		 (struct why){.cause = BY_HAND});
}

void token_burn(struct world *w, const struct call *call)
{
	struct state *now = &w->now;

	if (u256_cmp(&now->balances[call->a], &call->amount) < 0)
		return;
	take(w, call->a, call->amount, BY_HAND);
	now->burned = plus(now->burned, call->amount);
	world_mark(w, MARK_OTHER);
	LOG_EVENT(&w->script, TOKEN, "Burn(address,uint256)", 1,
		  word_of_address(wallet_of(call->a)), word_of(call->amount));
	add_move(w, call->a, NOBODY, call->amount,
		 (struct why){.cause = BY_HAND});
}

void token_blacklist(struct world *w, const struct call *call)
{
	bool *is = &w->now.blacklisted[call->a];

	*is = !*is;
	world_mark(w, MARK_OTHER);
	LOG_EVENT(&w->script, TOKEN,
		  *is ? "Blacklisted(address)" : "UnBlacklisted(address)", 1,
		  word_of_address(wallet_of(call->a)));
}

void token_check(const struct world *w)
{
	const struct state *now = &w->now;
	struct u256 sum = {{0}};

	for (unsigned who = 0; who < PEOPLE_END; who++)
		sum = plus(sum, now->balances[who]);
	assert_true(equal(sum, minus(now->minted, now->burned)));
	for (unsigned who = WHO_STREAMS; who <= WHO_STREAMS2; who++)
		assert_true(equal(now->balances[who],
				  plus(now->donated[who], now->held[who])));
	assert_true(equal(plus(now->balances[WHO_LOANS], now->lent),
			  plus(now->donated[WHO_LOANS], now->collected)));
}
