#include "daemon/reconcile/classify.h"

bool classify_moves(const struct transfer_row *fact)
{
	return !u256_is_zero(&fact->amount) &&
	       !address_eq(&fact->from, &fact->to) &&
	       !address_is_zero(&fact->from) && !address_is_zero(&fact->to);
}

/* A loan's money is the worker's, whoever the Transfer names beside the
 * contract. */
static struct uuid borrower(const struct movement *movement,
			    const struct address *wallet,
			    const struct known_parties *parties)
{
	return movement->loan ? movement->loan->worker_id
			      : known_worker(parties, wallet);
}

/* A stream's money is between its worker and its platform, whoever of them the
 * Transfer names beside the contract. Where the stream is not in the books,
 * the Transfer is all we know. */
static void between(struct verdict *out, const struct movement *movement,
		    const struct known_parties *parties)
{
	const struct stream_row *stream = movement->stream;

	if (stream) {
		out->worker_id = stream->worker_id;
		out->platform_id = stream->platform_id;
	} else {
		out->worker_id = known_worker(parties, &movement->fact->to);
	}
}

/* A transfer that no event explains, to a wallet that is no fee wallet. */
static bool direct(struct verdict *out, const struct transfer_row *fact,
		   const struct reconcile_rules *rules,
		   const struct known_parties *parties)
{
	struct uuid from_worker = known_worker(parties, &fact->from);
	struct uuid from_platform = known_platform(parties, &fact->from);
	struct uuid to_worker = known_worker(parties, &fact->to);
	struct uuid to_platform = known_platform(parties, &fact->to);

	if (!uuid_is_nil(&from_worker) && !uuid_is_nil(&to_platform)) {
		*out = (struct verdict){TYPE_REFUND, from_worker, to_platform};
		return true;
	}
	if (uuid_is_nil(&to_worker))
		return false;
	if (uuid_is_nil(&from_platform) &&
	    (!uuid_is_nil(&from_worker) || known_contract(rules, &fact->from)))
		return false;
	*out = (struct verdict){TYPE_PAYOUT, to_worker, from_platform};
	return true;
}

/* Either side of a fee may be one of ours. */
static void fee(struct verdict *out, const struct transfer_row *fact,
		const struct known_parties *parties)
{
	out->type = TYPE_FEE;
	out->worker_id = known_worker(parties, &fact->from);
	out->platform_id = known_platform(parties, &fact->from);
}

bool classify(struct verdict *out, const struct movement *movement,
	      const struct reconcile_rules *rules,
	      const struct known_parties *parties)
{
	const struct transfer_row *fact = movement->fact;
	struct verdict verdict = {0};

	if (!classify_moves(fact))
		return false;
	switch (movement->role) {
	case ROLE_CLAIM:
	case ROLE_CANCEL_PAYOUT:
		verdict.type = TYPE_PAYOUT;
		between(&verdict, movement, parties);
		break;
	case ROLE_CANCEL_REFUND:
		verdict.type = TYPE_REFUND;
		between(&verdict, movement, parties);
		break;
	case ROLE_ADVANCE:
		verdict.type = TYPE_ADVANCE;
		verdict.worker_id = borrower(movement, &fact->to, parties);
		break;
	case ROLE_REPAYMENT:
		verdict.type = TYPE_REPAYMENT;
		verdict.worker_id = borrower(movement, &fact->from, parties);
		break;
	case ROLE_ESCROW:
		return false;
	case ROLE_PLAIN:
	case TRANSFER_ROLES:
		if (known_fee_wallet(rules, &fact->to))
			fee(&verdict, fact, parties);
		else if (!direct(&verdict, fact, rules, parties))
			return false;
		break;
	}
	*out = verdict;
	return true;
}

const char *classify_reason(const struct movement *movement)
{
	switch (movement->role) {
	case ROLE_ESCROW:
		return event_kind_name(EVENT_STREAM_CREATED);
	case ROLE_CLAIM:
		return event_kind_name(EVENT_EARNINGS_CLAIMED);
	case ROLE_CANCEL_PAYOUT:
	case ROLE_CANCEL_REFUND:
		return event_kind_name(EVENT_STREAM_CANCELLED);
	case ROLE_ADVANCE:
		return event_kind_name(EVENT_LOAN_DISBURSED);
	case ROLE_REPAYMENT:
		return event_kind_name(EVENT_REPAYMENT_MADE);
	case ROLE_PLAIN:
	case TRANSFER_ROLES:
		break;
	}
	return event_kind_name(EVENT_TRANSFER);
}
