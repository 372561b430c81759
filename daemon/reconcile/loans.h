#ifndef GS_DAEMON_RECONCILE_LOANS_H
#define GS_DAEMON_RECONCILE_LOANS_H

#include "daemon/reconcile/known.h"
#include "daemon/reconcile/stories.h"

/* Do the two say the same, id and link aside? That one is active and the other
 * disbursed is no fact's word. */
bool loan_same_facts(const struct loan_row *a, const struct loan_row *b);

/* Links the loan to who is registered, for what it has paid, too, and puts it out
 * where it differs from the database, with its transitions;
 * one without facts goes. A loan whose disbursement is final is active.
 * ERR_NOMEM, or uuid_v7()'s. */
enum err loan_settle(struct story *story, struct output *out,
		     const struct reconcile_input *in,
		     const struct known_parties *parties,
		     uint64_t now_ms) MUST_CHECK;

#endif
