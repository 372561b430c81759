#ifndef GS_DAEMON_RECONCILE_OUTPUT_H
#define GS_DAEMON_RECONCILE_OUTPUT_H

#include "common/arena.h"
#include "db/store/changes.h"

/* A change set that grows, in an arena. Every function: ERR_NOMEM. */
struct output {
	struct arena *arena;
	struct changes changes;
	struct {
		size_t streams, stream_is_new, gone_streams, loans, loan_is_new,
		    gone_loans, transactions, transaction_is_new, taken,
		    transitions, roles, quarantine, release;
	} room;
};

/* The row's index, for its transitions, is the count before the call. */
enum err output_stream(struct output *out, const struct stream_row *row,
		       bool is_new) MUST_CHECK;
enum err output_gone_stream(struct output *out,
			    const struct stream_row *row) MUST_CHECK;
enum err output_loan(struct output *out, const struct loan_row *row,
		     bool is_new) MUST_CHECK;
enum err output_gone_loan(struct output *out,
			  const struct loan_row *row) MUST_CHECK;
enum err output_transaction(struct output *out,
			    const struct transaction_row *row,
			    bool is_new) MUST_CHECK;
enum err output_taken(struct output *out, const struct uuid *born,
		      const struct uuid *intent) MUST_CHECK;
enum err output_transition(struct output *out,
			   const struct transition_row *row) MUST_CHECK;
enum err output_role(struct output *out,
		     const struct transfer_row *row) MUST_CHECK;
enum err output_quarantine(struct output *out,
			   const struct quarantine_row *row) MUST_CHECK;
enum err output_release(struct output *out,
			const struct quarantine_row *row) MUST_CHECK;

#endif
