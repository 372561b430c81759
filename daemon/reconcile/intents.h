#ifndef GS_DAEMON_RECONCILE_INTENTS_H
#define GS_DAEMON_RECONCILE_INTENTS_H

#include "daemon/reconcile/reconcile.h"

/* Payments that an application intends, and that no movement has been found to
 * be yet: the open rows of public.transactions.
 *
 * An intent and a movement are the same where from, to and amount are exactly
 * the same, and the hash, where the intent has one; where it has none, the
 * movement must be in a later block than was there when it was intended (a
 * year-old transfer that a backfill finds is not today's payment). An intent
 * with the hash comes before one without, an older before a younger one, and
 * each is found once. */
struct intents {
	struct intent *list; /* by (from, to, amount), oldest first */
	size_t n;
};

/* Borrows the rows. ERR_NOMEM. */
enum err intents_init(struct intents *intents, struct arena *arena,
		      const struct transaction_row *rows, size_t n) MUST_CHECK;
/* The one that this movement is; NULL: none. It is not found again. */
const struct transaction_row *intents_take(struct intents *intents,
					   const struct transfer_row *fact);

#endif
