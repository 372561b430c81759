#ifndef GS_DAEMON_RECONCILE_PAIR_H
#define GS_DAEMON_RECONCILE_PAIR_H

#include "contracts-abi/catalog.h"
#include "daemon/reconcile/movement.h"

/* Money and the event that explains it are two logs of one transaction: the
 * USDC Transfer first, then the event. An event consumes the latest unconsumed
 * Transfer before it with exactly its (from, to, amount), and no dust; what
 * nothing consumes is a plain transfer. So nothing counts twice and nothing is lost.
 *
 * StreamCreated and EarningsClaimed name both sides and the amount, and
 * consume by themselves: even where the event contradicts its stream and is
 * quarantined, the money did reach the contract, or the worker. What
 * StreamCancelled pays is known only from its stream, so that it consumes only
 * where it stands. */

struct pairing {
	const struct event *event;
	const struct address *contract;
	/* The event's stream, where the event stands in it; NULL: it does not,
	 * and is in quarantine. */
	const struct stream_row *stream;
	/* StreamCancelled: what was released and not claimed before it. */
	struct u256 unclaimed;
};

/* Lets the event consume what it explains among the n movements that precede
 * it in its transaction, which are in log order. False: money that it speaks of
 * is not among them. */
bool pair_event(struct movement *movements, size_t n,
		const struct pairing *pairing) MUST_CHECK;

#endif
