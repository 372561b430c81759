#ifndef GS_DAEMON_RECONCILE_PAIR_H
#define GS_DAEMON_RECONCILE_PAIR_H

#include "contracts-abi/catalog.h"
#include "daemon/reconcile/movement.h"

/* Money and the event that explains it are two logs of one transaction: the
 * USDC Transfer first, then the event. An event consumes the latest unconsumed
 * Transfer before it with exactly its (from, to, amount); what nothing
 * consumes is a plain transfer. So nothing counts twice and nothing is lost.
 *
 * StreamCreated, EarningsClaimed and LoanDisbursed name both sides and the
 * amount, and consume by themselves: even where the event contradicts its
 * stream or loan and is quarantined, the money did reach the contract, or the
 * worker. What StreamCancelled pays, and who makes a RepaymentMade, is known
 * only from the stream or the loan, so that they consume only where they
 * stand. */

struct pairing {
	const struct event *event;
	const struct address *contract;
	/* The event's stream, or its loan, where the event stands in it; both
	 * NULL: it does not, and is in quarantine. */
	const struct stream_row *stream;
	const struct loan_row *loan;
	/* StreamCancelled: what was released and not claimed before it. */
	struct u256 unclaimed;
};

/* Lets the event consume what it explains among the n movements that precede
 * it in its transaction, which are in log order. False: money that it speaks of
 * is not among them. */
bool pair_event(struct movement *movements, size_t n,
		const struct pairing *pairing) MUST_CHECK;

#endif
