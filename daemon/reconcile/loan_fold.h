#ifndef GS_DAEMON_RECONCILE_LOAN_FOLD_H
#define GS_DAEMON_RECONCILE_LOAN_FOLD_H

#include "contracts-abi/event.h"
#include "db/rows.h"

/* A loan is the fold of all its events, in (block, log index) order.
 *
 *   pending --> approved --> disbursed --> repaying --> repaid
 *   pending --> cancelled    disbursed | repaying --> defaulted
 *
 * A loan is `active` once its disbursement is final, which the fold does not
 * know: to it that is disbursed. What holds after every event: owed = approved
 * + fee; remaining is owed - repaid, or 0 where more was repaid. */

/* A loan is due so long after its disbursement: DEFAULT_PERIOD of MicroLoan. No
 * event says it. */
#define LOAN_PERIOD_S (INT64_C(30) * 24 * 60 * 60)

/* Zero-initialise. */
struct loan_fold {
	bool exists;	       /* a LoanRequested was seen */
	struct loan_row row;   /* id and link are left nil */
	uint64_t disbursed_in; /* the block, from then on */
};

/* Applies an event of this loan. NULL: done. Else why it contradicts what
 * stands (a sentence that lives forever), and the fold is untouched. */
const char *loan_fold_apply(struct loan_fold *fold, const struct event *event,
			    const struct address *contract,
			    const struct place *at) MUST_CHECK;

#endif
