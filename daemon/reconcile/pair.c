#include "daemon/reconcile/pair.h"

static bool is_free(const struct movement *movement, const struct address *from,
		    const struct address *to, const struct u256 *amount)
{
	const struct transfer_row *fact = movement->fact;

	return movement->role == ROLE_PLAIN && fact->dust == 0 &&
	       u256_cmp(&fact->amount, amount) == 0 &&
	       address_eq(&fact->from, from) && address_eq(&fact->to, to);
}

/* The last unconsumed one before the event, or, where its contract pays later,
 * the first after it; NULL: none. */
static struct movement *nearest(const struct around *around,
				const struct pairing *pairing,
				const struct address *from,
				const struct address *to,
				const struct u256 *amount)
{
	struct movement *here = around->movements + around->n;

	if (pairing->event->money == MONEY_BEFORE) {
		for (size_t i = around->n; i-- > 0;)
			if (is_free(&around->movements[i], from, to, amount))
				return &around->movements[i];
		return NULL;
	}
	for (size_t i = 0; i < around->n_after; i++) {
		if (!hash_eq(&here[i].fact->at.tx_hash, pairing->tx_hash))
			return NULL;
		if (is_free(&here[i], from, to, amount))
			return &here[i];
	}
	return NULL;
}

static void consume(struct movement *movement, enum transfer_role role,
		    const struct pairing *pairing)
{
	movement->role = role;
	movement->stream = pairing->stream;
	movement->loan = pairing->loan;
}

/* An event that moves one amount. Nothing needs to move for an amount of 0. */
static bool take(const struct around *around, const struct pairing *pairing,
		 enum transfer_role role, const struct address *from,
		 const struct address *to, const struct u256 *amount)
{
	struct movement *found = nearest(around, pairing, from, to, amount);

	if (found)
		consume(found, role, pairing);
	return found || u256_is_zero(amount);
}

/* First the worker's part was paid, then the refund: looked for from the end,
 * so that they are told apart where worker and platform are one wallet. */
static bool take_cancelled(const struct around *around,
			   const struct pairing *pairing)
{
	const struct stream_row *stream = pairing->stream;
	const struct event *event = pairing->event;
	struct around rest = *around;
	struct movement *refund =
	    nearest(around, pairing, pairing->contract,
		    &stream->platform_wallet, &event->amount);
	bool refunded = refund || u256_is_zero(&event->amount);

	if (refund) {
		consume(refund, ROLE_CANCEL_REFUND, pairing);
		if (event->money == MONEY_BEFORE)
			rest.n = (size_t)(refund - around->movements);
	}
	if (u256_is_zero(&pairing->unclaimed) ||
	    event->traits & TRAIT_CLAIMS_AFTER_CANCEL)
		return refunded;
	return take(&rest, pairing, ROLE_CANCEL_PAYOUT, pairing->contract,
		    &stream->worker_wallet, &pairing->unclaimed) &&
	       refunded;
}

/* The first address that is there; all zero: none is. */
static const struct address *either(const struct address *first,
				    const struct address *second)
{
	return address_is_zero(first) ? second : first;
}

static bool take_claim(const struct around *around,
		       const struct pairing *pairing)
{
	const struct event *event = pairing->event;
	const struct address *to = either(&event->to, &event->worker);

	if (address_is_zero(to)) {
		if (!pairing->stream)
			return true; /* whom it paid only its stream knows */
		to = &pairing->stream->worker_wallet;
	}
	return take(around, pairing, ROLE_CLAIM, pairing->contract, to,
		    &event->amount);
}

bool pair_event(const struct around *around, const struct pairing *pairing)
{
	const struct event *event = pairing->event;

	if (event->money == MONEY_NONE)
		return true;
	switch (event->kind) {
	case EVENT_STREAM_CREATED:
		return take(around, pairing, ROLE_ESCROW,
			    either(&event->from, &event->platform),
			    pairing->contract, &event->amount);
	case EVENT_EARNINGS_CLAIMED:
		return take_claim(around, pairing);
	case EVENT_STREAM_CANCELLED:
		return !pairing->stream || take_cancelled(around, pairing);
	case EVENT_LOAN_DISBURSED:
		return take(around, pairing, ROLE_ADVANCE, pairing->contract,
			    &event->worker, &event->amount);
	case EVENT_REPAYMENT_MADE:
		return !pairing->loan ||
		       take(around, pairing, ROLE_REPAYMENT,
			    &pairing->loan->worker_wallet, pairing->contract,
			    &event->amount);
	default:
		return true; /* moves no money */
	}
}
