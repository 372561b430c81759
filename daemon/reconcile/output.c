#include "daemon/reconcile/output.h"

/* The array with room for one more; NULL: out of memory. */
#define GROWN(out, name)                                                       \
	arena_grow((out)->arena, (out)->changes.name, (out)->changes.n_##name, \
		   &(out)->room.name, sizeof(*(out)->changes.name))

/* Appends a row, and whether it is new. */
#define PUT(out, name, flag, row, is_new)                                      \
	do {                                                                   \
		size_t n_ = (out)->changes.n_##name;                           \
		void *rows_ = GROWN(out, name);                                \
		void *flags_ =                                                 \
		    arena_grow((out)->arena, (out)->changes.flag, n_,          \
			       &(out)->room.flag, sizeof(bool));               \
                                                                               \
		if (!rows_ || !flags_)                                         \
			return ERR_NOMEM;                                      \
		(out)->changes.name = rows_;                                   \
		(out)->changes.flag = flags_;                                  \
		(out)->changes.name[n_] = *(row);                              \
		(out)->changes.flag[n_] = (is_new);                            \
		(out)->changes.n_##name = n_ + 1;                              \
		return OK;                                                     \
	} while (0)

/* Appends a row. */
#define ADD(out, name, row)                                                    \
	do {                                                                   \
		void *rows_ = GROWN(out, name);                                \
                                                                               \
		if (!rows_)                                                    \
			return ERR_NOMEM;                                      \
		(out)->changes.name = rows_;                                   \
		(out)->changes.name[(out)->changes.n_##name++] = *(row);       \
		return OK;                                                     \
	} while (0)

enum err output_stream(struct output *out, const struct stream_row *row,
		       bool is_new)
{
	PUT(out, streams, stream_is_new, row, is_new);
}

enum err output_gone_stream(struct output *out, const struct stream_row *row)
{
	ADD(out, gone_streams, row);
}

enum err output_loan(struct output *out, const struct loan_row *row,
		     bool is_new)
{
	PUT(out, loans, loan_is_new, row, is_new);
}

enum err output_gone_loan(struct output *out, const struct loan_row *row)
{
	ADD(out, gone_loans, row);
}

enum err output_transaction(struct output *out,
			    const struct transaction_row *row, bool is_new)
{
	PUT(out, transactions, transaction_is_new, row, is_new);
}

enum err output_taken(struct output *out, const struct uuid *born,
		      const struct uuid *intent)
{
	struct taken_over *rows = GROWN(out, taken);

	if (!rows)
		return ERR_NOMEM;
	out->changes.taken = rows;
	rows[out->changes.n_taken++] = (struct taken_over){*born, *intent};
	return OK;
}

enum err output_transition(struct output *out, const struct transition_row *row)
{
	ADD(out, transitions, row);
}

enum err output_role(struct output *out, const struct transfer_row *row)
{
	ADD(out, roles, row);
}

enum err output_quarantine(struct output *out, const struct quarantine_row *row)
{
	ADD(out, quarantine, row);
}

enum err output_release(struct output *out, const struct quarantine_row *row)
{
	ADD(out, release, row);
}
