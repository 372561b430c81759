#include "daemon/reconcile/output.h"

/* The array with room for one more; NULL: out of memory. */
#define GROWN(out, name)                                                       \
	arena_grow((out)->arena, (out)->changes.name, (out)->changes.n_##name, \
		   &(out)->room.name, sizeof(*(out)->changes.name))

enum err output_stream(struct output *out, const struct stream_row *row,
		       bool is_new)
{
	size_t n = out->changes.n_streams;
	struct stream_row *rows = GROWN(out, streams);
	bool *flags = arena_grow(out->arena, out->changes.stream_is_new, n,
				 &out->room.stream_is_new, sizeof(*flags));

	if (!rows || !flags)
		return ERR_NOMEM;
	out->changes.streams = rows;
	out->changes.stream_is_new = flags;
	rows[n] = *row;
	flags[n] = is_new;
	out->changes.n_streams = n + 1;
	return OK;
}

enum err output_gone(struct output *out, const struct stream_row *row)
{
	struct stream_row *rows = GROWN(out, gone);

	if (!rows)
		return ERR_NOMEM;
	out->changes.gone = rows;
	rows[out->changes.n_gone++] = *row;
	return OK;
}

enum err output_transaction(struct output *out,
			    const struct transaction_row *row, bool is_new)
{
	size_t n = out->changes.n_transactions;
	struct transaction_row *rows = GROWN(out, transactions);
	bool *flags = arena_grow(out->arena, out->changes.transaction_is_new, n,
				 &out->room.transaction_is_new, sizeof(*flags));

	if (!rows || !flags)
		return ERR_NOMEM;
	out->changes.transactions = rows;
	out->changes.transaction_is_new = flags;
	rows[n] = *row;
	flags[n] = is_new;
	out->changes.n_transactions = n + 1;
	return OK;
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
	struct transition_row *rows = GROWN(out, transitions);

	if (!rows)
		return ERR_NOMEM;
	out->changes.transitions = rows;
	rows[out->changes.n_transitions++] = *row;
	return OK;
}

enum err output_role(struct output *out, const struct transfer_row *row)
{
	struct transfer_row *rows = GROWN(out, roles);

	if (!rows)
		return ERR_NOMEM;
	out->changes.roles = rows;
	rows[out->changes.n_roles++] = *row;
	return OK;
}

enum err output_quarantine(struct output *out, const struct quarantine_row *row)
{
	struct quarantine_row *rows = GROWN(out, quarantine);

	if (!rows)
		return ERR_NOMEM;
	out->changes.quarantine = rows;
	rows[out->changes.n_quarantine++] = *row;
	return OK;
}

enum err output_release(struct output *out, const struct quarantine_row *row)
{
	struct quarantine_row *rows = GROWN(out, release);

	if (!rows)
		return ERR_NOMEM;
	out->changes.release = rows;
	rows[out->changes.n_release++] = *row;
	return OK;
}
