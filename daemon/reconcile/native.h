#ifndef GS_DAEMON_RECONCILE_NATIVE_H
#define GS_DAEMON_RECONCILE_NATIVE_H

#include "contracts-abi/catalog.h"

/* Where USDC is a chain's own money (Circle's Arc) there is one balance with
 * two faces: the chain's, with 18 decimals, and the token's, with six. What
 * moves by the token is logged twice: first by the chain itself, then by the
 * token. What moves by the value of a transaction is logged by the chain alone.
 * (docs.arc.io, "USDC system events"; EIP-7708; before Arc's hardfork Zero5 the
 * chain's log is another event from another address, which decodes to the same
 * kind.) */

/* One log of a transaction, decoded. */
struct reading {
	enum catalog_match match;
	struct event event;
	uint64_t
	    dust; /* what a Transfer moved beyond its amount: 10^-18 USDC */
	const char *why; /* it does not fit */
};

/* In base units of 10^-18, below which a token's unit is not split. */
#define NATIVE_PER_UNIT UINT64_C(1000000000000)

bool native_is(const struct reading *reading);

/* The readings are all of one transaction, in log order. The token's log is the
 * ledger: each Transfer consumes the latest unconsumed log of the chain before
 * it that says the same, which is none of ours then. One that is left over is a
 * movement of its own, and becomes a Transfer: amount in the token's units,
 * rounded down, and dust what that leaves. */
void native_settle(struct reading *readings, size_t n);

#endif
