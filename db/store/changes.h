#ifndef GS_DB_STORE_CHANGES_H
#define GS_DB_STORE_CHANGES_H

#include "db/rows.h"

/* An intended transaction of which the chain had a row of its own already: that
 * one goes, with its history, into the intended one. */
struct taken_over {
	struct uuid born, intent;
};

/* What must change in the database so that it says what the facts say. Rows
 * that are right already are not in it. All of it lives in the arena. */
struct changes {
	struct stream_row *streams; /* insert (id was nil; a new one is set) or
				       update */
	bool *stream_is_new;
	size_t n_streams;
	struct stream_row *gone_streams; /* without facts: delete */
	size_t n_gone_streams;
	struct loan_row *loans; /* as the streams */
	bool *loan_is_new;
	size_t n_loans;
	struct loan_row *gone_loans;
	size_t n_gone_loans;
	struct transaction_row *transactions;
	bool *transaction_is_new;
	size_t n_transactions;
	struct taken_over *taken;
	size_t n_taken;
	struct transition_row *transitions;
	size_t n_transitions;
	/* Transfers whose role differs from what the input said. */
	struct transfer_row *roles;
	size_t n_roles;
	struct quarantine_row *quarantine; /* to add; reason set */
	size_t n_quarantine;
	struct quarantine_row *release; /* to remove */
	size_t n_release;
};

#endif
