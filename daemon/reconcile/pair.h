#ifndef GS_DAEMON_RECONCILE_PAIR_H
#define GS_DAEMON_RECONCILE_PAIR_H

#include "contracts-abi/catalog.h"
#include "daemon/reconcile/movement.h"

/* Money and the event that explains it are two logs of one transaction: the
 * USDC Transfer first, then the event. An event consumes the latest unconsumed
 * Transfer before it with exactly its (from, to, amount), and no dust; where its
 * contract pays after the event, as its mapping says, the first after it. What
 * nothing consumes is a plain transfer. So nothing counts twice and nothing is
 * lost.
 *
 * StreamCreated, EarningsClaimed and LoanDisbursed name both sides and the
 * amount, and consume by themselves: even where the event contradicts its
 * stream or loan and is quarantined, the money did reach the contract, or the
 * worker. What StreamCancelled pays, and who makes a RepaymentMade, is known
 * only from the stream or the loan, so that they consume only where they
 * stand. */

struct pairing {
	const struct event *event;
	const struct hash *tx_hash;
	const struct address *contract;
	/* The event's stream, or its loan, where the event stands in it; both
	 * NULL: it does not, and is in quarantine. */
	const struct stream_row *stream;
	const struct loan_row *loan;
	/* StreamCancelled: what was released and not claimed before it. */
	struct u256 unclaimed;
};

/* Movements in log order: n that precede the event in its transaction, then
 * n_after, of which the first may be of its transaction, too. */
struct around {
	struct movement *movements;
	size_t n, n_after;
};

/* Lets the event consume what it explains. False: money that it speaks of is
 * not there. */
bool pair_event(const struct around *around,
		const struct pairing *pairing) MUST_CHECK;

#endif
