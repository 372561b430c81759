#include "daemon/reconcile/pair.h"

/* The last unconsumed one of the n movements; NULL: none. */
static struct movement *latest(struct movement *movements, size_t n,
			       const struct address *from,
			       const struct address *to,
			       const struct u256 *amount)
{
	while (n-- > 0) {
		const struct transfer_row *fact = movements[n].fact;

		if (movements[n].role == ROLE_PLAIN &&
		    u256_cmp(&fact->amount, amount) == 0 &&
		    address_eq(&fact->from, from) && address_eq(&fact->to, to))
			return &movements[n];
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
static bool take(struct movement *movements, size_t n,
		 const struct pairing *pairing, enum transfer_role role,
		 const struct address *from, const struct address *to)
{
	const struct u256 *amount = &pairing->event->amount;
	struct movement *found = latest(movements, n, from, to, amount);

	if (found)
		consume(found, role, pairing);
	return found || u256_is_zero(amount);
}

/* First the worker's part was paid, then the refund: looked for from the end,
 * so that they are told apart where worker and platform are one wallet. */
static bool take_cancelled(struct movement *movements, size_t n,
			   const struct pairing *pairing)
{
	const struct stream_row *stream = pairing->stream;
	struct movement *refund, *part;
	bool refunded;

	refund = latest(movements, n, pairing->contract,
			&stream->platform_wallet, &pairing->event->amount);
	refunded = refund || u256_is_zero(&pairing->event->amount);
	if (refund) {
		consume(refund, ROLE_CANCEL_REFUND, pairing);
		n = (size_t)(refund - movements);
	}
	if (u256_is_zero(&pairing->unclaimed))
		return refunded;
	part = latest(movements, n, pairing->contract, &stream->worker_wallet,
		      &pairing->unclaimed);
	if (part)
		consume(part, ROLE_CANCEL_PAYOUT, pairing);
	return part && refunded;
}

bool pair_event(struct movement *movements, size_t n,
		const struct pairing *pairing)
{
	const struct event *event = pairing->event;

	switch (event->kind) {
	case EVENT_STREAM_CREATED:
		return take(movements, n, pairing, ROLE_ESCROW,
			    &event->platform, pairing->contract);
	case EVENT_EARNINGS_CLAIMED:
		return take(movements, n, pairing, ROLE_CLAIM,
			    pairing->contract, &event->worker);
	case EVENT_STREAM_CANCELLED:
		return !pairing->stream ||
		       take_cancelled(movements, n, pairing);
	case EVENT_LOAN_DISBURSED:
		return take(movements, n, pairing, ROLE_ADVANCE,
			    pairing->contract, &event->worker);
	case EVENT_REPAYMENT_MADE:
		return !pairing->loan ||
		       take(movements, n, pairing, ROLE_REPAYMENT,
			    &pairing->loan->worker_wallet, pairing->contract);
	default:
		return true; /* moves no money */
	}
}
