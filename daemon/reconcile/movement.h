#ifndef GS_DAEMON_RECONCILE_MOVEMENT_H
#define GS_DAEMON_RECONCILE_MOVEMENT_H

#include "db/rows.h"

/* A Transfer and what explains it, as this run finds out. */
struct movement {
	const struct transfer_row *fact;
	enum transfer_role role;
	/* The stream or the loan it was paid to or from, where the event that
	 * consumed it stands in that one's fold; NULL: none. */
	const struct stream_row *stream;
	const struct loan_row *loan;
	/* How many equal ones (from, to, amount) precede it in its
	 * transaction, whatever explains them. */
	uint32_t ordinal;
	/* The stored row of this identity; NULL: none. */
	const struct transaction_row *row;
};

#endif
