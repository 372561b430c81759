#ifndef GS_TESTS_LIB_CAST_H
#define GS_TESTS_LIB_CAST_H

#include "daemon/reconcile/reconcile.h"
#include "tests/unit/lib_script.h"

/* The contracts and the fee wallet that the tests' rules know. */
#define TOKEN wallet(1)
#define STREAMS wallet(2)
#define STREAMS2 wallet(3)
#define FEES wallet(4)
#define LOANS wallet(5)
#define REPUTATION wallet(6)
#define LOCKUP wallet(90) /* Sablier Lockup */
#define OPEN wallet(91)	  /* LlamaPay */
/* What the chain logs its own money from, where that is USDC. */
#define EMITTER wallet(8)
#define AUTHORITY wallet(9) /* before the hardfork */

#define CAST_CONTRACTS 6 /* beside the token */

/* Stays where it is: rules point into it. */
struct cast {
	struct catalog *catalog;
	struct address contracts[CAST_CONTRACTS], fee_wallets[1];
	struct reconcile_rules rules;
};

void cast_init(struct cast *cast);
void cast_free(struct cast *cast);

#endif
