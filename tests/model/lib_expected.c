#include "tests/model/lib_expected.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/model/lib_sums.h"

static const struct stream *stream_of(const struct world *world,
				      const struct why *why)
{
	for (size_t i = 0; i < world->now.n_streams; i++) {
		const struct stream *s = &world->now.streams[i];

		if (s->contract == why->contract && s->id == why->id)
			return s;
	}
	fail_msg("the world moved money for a stream that is none");
	return NULL;
}

static bool is_worker(const struct registry *registry, unsigned who)
{
	return !uuid_is_nil(&registry->worker[who]);
}

static bool is_platform(const struct registry *registry, unsigned who)
{
	return !uuid_is_nil(&registry->platform[who]);
}

static bool is_contract(unsigned who)
{
	return who == WHO_STREAMS || who == WHO_STREAMS2 || who == WHO_LOANS ||
	       who == WHO_REPUTATION;
}

/* What a Transfer becomes, and whose it is: as a worker, as a platform. */
struct verdict {
	enum transaction_type type;
	unsigned worker, platform;
};

static bool verdict_by_hand(struct verdict *out,
			    const struct registry *registry, unsigned from,
			    unsigned to)
{
	if (to == WHO_FEES) {
		*out = (struct verdict){TYPE_FEE, from, from};
		return true;
	}
	if (is_worker(registry, from) && is_platform(registry, to)) {
		*out = (struct verdict){TYPE_REFUND, from, to};
		return true;
	}
	if (is_worker(registry, to) &&
	    (is_platform(registry, from) ||
	     !(is_worker(registry, from) || is_contract(from)))) {
		*out = (struct verdict){TYPE_PAYOUT, to, from};
		return true;
	}
	return false;
}

static bool verdict(struct verdict *out, const struct world *world,
		    const struct registry *registry, const struct move *move)
{
	const struct stream *s;

	if (u256_is_zero(&move->amount) || move->from == move->to ||
	    move->from == NOBODY || move->to == NOBODY)
		return false;
	switch (move->why.cause) {
	case BY_CREATE:
		return false;
	case BY_CLAIM:
	case BY_CANCEL_PAYOUT:
		s = stream_of(world, &move->why);
		*out = (struct verdict){TYPE_PAYOUT, s->worker, s->platform};
		return true;
	case BY_CANCEL_REFUND:
		s = stream_of(world, &move->why);
		*out = (struct verdict){TYPE_REFUND, s->worker, s->platform};
		return true;
	case BY_ADVANCE:
		*out = (struct verdict){TYPE_ADVANCE, move->to, NOBODY};
		return true;
	case BY_REPAY:
		*out = (struct verdict){TYPE_REPAYMENT, move->from, NOBODY};
		return true;
	case BY_HAND:
		break;
	}
	return verdict_by_hand(out, registry, move->from, move->to);
}

bool expected_transaction(struct transaction_row *out,
			  const struct world *world,
			  const struct registry *registry,
			  const struct move *move, uint64_t finalized)
{
	bool is_final = move->at.block_number <= finalized;
	struct verdict v;

	if (!verdict(&v, world, registry, move))
		return false;
	*out = (struct transaction_row){
	    .type = v.type,
	    .status = is_final ? STATUS_CONFIRMED : STATUS_SUBMITTED,
	    .tx_hash = move->at.tx_hash,
	    .from = wallet_of(move->from),
	    .to = wallet_of(move->to),
	    .amount = move->amount,
	    .ordinal = expected_ordinal(world, move),
	    .worker_id = registry->worker[v.worker],
	    .platform_id = registry->platform[v.platform],
	    .has_block = true,
	    .block_number = move->at.block_number,
	    .block_hash = move->at.block_hash,
	    .log_index = move->at.log_index,
	    .submitted_at = move->at.block_time,
	    .confirmed_at = is_final ? move->at.block_time : 0,
	};
	if (move->why.contract)
		*(move->why.contract == WHO_LOANS ? &out->loan : &out->stream) =
		    (struct object_ref){wallet_of(move->why.contract),
					u256_from_u64(move->why.id)};
	return true;
}

unsigned expected_ordinal(const struct world *world, const struct move *move)
{
	unsigned n = 0;

	for (const struct move *m = move;
	     m > world->moves && m[-1].tx == move->tx; m--)
		n += m[-1].from == move->from && m[-1].to == move->to &&
		     equal(m[-1].amount, move->amount);
	return n;
}

enum transfer_role expected_role(const struct move *move)
{
	switch (move->why.cause) {
	case BY_CREATE:
		return ROLE_ESCROW;
	case BY_CLAIM:
		return ROLE_CLAIM;
	case BY_CANCEL_PAYOUT:
		return ROLE_CANCEL_PAYOUT;
	case BY_CANCEL_REFUND:
		return ROLE_CANCEL_REFUND;
	case BY_ADVANCE:
		return ROLE_ADVANCE;
	case BY_REPAY:
		return ROLE_REPAYMENT;
	case BY_HAND:
		break;
	}
	return ROLE_PLAIN;
}

struct stream_row expected_stream(const struct registry *registry,
				  const struct stream *s)
{
	return (struct stream_row){
	    .contract = wallet_of(s->contract),
	    .contract_stream_id = u256_from_u64(s->id),
	    .worker_wallet = wallet_of(s->worker),
	    .platform_wallet = wallet_of(s->platform),
	    .worker_id = registry->worker[s->worker],
	    .platform_id = registry->platform[s->platform],
	    .total = s->total,
	    .released = s->released,
	    .claimed = s->claimed,
	    .refunded = s->refunded,
	    .start_time = s->start,
	    .end_time = s->start + s->duration,
	    .release_interval = u256_from_u64((uint64_t)s->interval),
	    .next_release_at =
		s->status == STREAM_ACTIVE ? s->last_release + s->interval : 0,
	    .status = s->status,
	    .paused_at = s->paused_at,
	    .completed_at = s->completed_at,
	    .cancelled_at = s->cancelled_at,
	};
}

struct loan_row expected_loan(const struct registry *registry,
			      const struct loan *l, uint64_t finalized)
{
	struct loan_row row = {
	    .contract = wallet_of(WHO_LOANS),
	    .contract_loan_id = u256_from_u64(l->id),
	    .worker_wallet = wallet_of(l->worker),
	    .worker_id = registry->worker[l->worker],
	    .requested = l->requested,
	    .approved = l->approved,
	    .fee = l->fee,
	    .fee_bps = l->bps,
	    .owed = l->due,
	    .repaid = l->repaid,
	    .repayments = l->repayments,
	    .status = l->status,
	    .requested_at = l->requested_at,
	    .approved_at = l->approved_at,
	    .disbursed_at = l->disbursed_at,
	    .due_at = l->due_at,
	    .repaid_at = l->repaid_at,
	    .defaulted_at = l->defaulted_at,
	};

	if (u256_cmp(&l->due, &l->repaid) > 0)
		row.remaining = minus(l->due, l->repaid);
	if (l->status == LOAN_DISBURSED && l->disbursed_in <= finalized)
		row.status = LOAN_ACTIVE;
	return row;
}
