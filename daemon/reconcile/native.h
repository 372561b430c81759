#ifndef GS_DAEMON_RECONCILE_NATIVE_H
#define GS_DAEMON_RECONCILE_NATIVE_H

#include "chain/block.h"
#include "common/arena.h"
#include "contracts-abi/event.h"

/* Where USDC is a chain's own money (Circle's Arc) there is one balance with
 * two faces: the chain's, with 18 decimals, and the token's, with six. What
 * moves by the token is logged twice: first by the chain itself, then by the
 * token. What moves by the value of a transaction is logged by the chain alone.
 * (docs.arc.io, "USDC system events"; EIP-7708; before Arc's hardfork Zero5 the
 * chain's log is another event from another address, of the same kind to us.)
 *
 * The token's log is the ledger: each Transfer consumes the latest unconsumed
 * log of the chain before it, in its transaction, that says the same. One that
 * is left over is a movement of its own. */

/* What the chain logs in 10^-18 of, for one of the token's units. */
#define NATIVE_PER_UNIT UINT64_C(1000000000000)

/* A log of the chain, as the Transfer that it is if nothing consumes it: amount
 * in the token's units, rounded down, and dust what that leaves. */
struct native {
	struct event transfer;
	const struct block_log *log; /* borrowed */
	bool consumed;
};

/* Those of one transaction; all zero: none yet. n = 0 begins the next one. */
struct natives {
	struct native *all;
	size_t n, room;
};

bool native_is(enum event_kind kind);

/* event: of such a kind. What is made lives in the arena. ERR_NOMEM. */
enum err natives_add(struct natives *natives, struct arena *arena,
		     const struct event *event,
		     const struct block_log *log) MUST_CHECK;

/* Lets the token's Transfer consume its own. There may be none: of nothing, or
 * to oneself, only the token speaks. */
void natives_consume(struct natives *natives, const struct event *transfer);

#endif
