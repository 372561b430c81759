#include <string.h>

#include "db/store/store_impl.h"
#include "embedded/queries.h"

/* The commit of a piece, in one round trip, or two where rows are new. */

static void count_change(struct tally *tally, const struct changes *c)
{
	for (size_t i = 0; i < c->n_streams; i++)
		tally->n[c->stream_is_new[i] ? TALLY_STREAMS_INSERTED
					     : TALLY_STREAMS_UPDATED]++;
	for (size_t i = 0; i < c->n_loans; i++)
		tally->n[c->loan_is_new[i] ? TALLY_LOANS_INSERTED
					   : TALLY_LOANS_UPDATED]++;
	for (size_t i = 0; i < c->n_transactions; i++)
		tally->n[c->transaction_is_new[i]
			     ? TALLY_TRANSACTIONS_INSERTED
			     : TALLY_TRANSACTIONS_UPDATED]++;
	tally->n[TALLY_STREAMS_REMOVED] += c->n_gone_streams;
	tally->n[TALLY_LOANS_REMOVED] += c->n_gone_loans;
	tally->n[TALLY_ROLES] += c->n_roles;
	tally->n[TALLY_QUARANTINED] += c->n_quarantine;
	tally->n[TALLY_RELEASED] += c->n_release;
}

static void add_tally(struct store *store)
{
	const struct store_derived *derived = store->derived;
	struct tally tally = {{0}};

	count_change(&tally, derived->changes);
	tally.n[TALLY_RETRIED] = derived->n_held;
	for (size_t i = 0; i < derived->n_held; i++)
		tally.n[TALLY_DECODED] += derived->held[i].decoded;
	store_add(store, queries_job_count);
	sql_put_u64(&store->sql, derived->job_id);
	sql_columns(&store->sql, 1);
	for (int i = 0; i < TALLY_COUNTS; i++)
		sql_put_u64(&store->sql, tally.n[i]);
}

static void add_details(struct store *store)
{
	const struct store_derived *derived = store->derived;
	struct sql_batch *sql = &store->sql;

	store_add(store, queries_set_details);
	sql_put_u64(sql, derived->job_id);
	sql_put_u64(sql, TALLY_DETAILS + 1);
	sql_columns(sql, 4);
	for (size_t i = 0; i < derived->n_events; i++) {
		const struct event_row *e = &derived->events[i];

		if (!e->detail)
			continue;
		sql_put_hash(sql, &e->at.block_hash);
		sql_put_u64(sql, e->at.log_index);
		sql_put_i64(sql, e->part);
		sql_put_text(sql, e->detail);
	}
}

/* What is decoded goes before what it may contradict comes. */
static void add_retried(struct store *store)
{
	const struct store_derived *derived = store->derived;
	struct sql_batch *sql = &store->sql;

	store_add(store, queries_retried);
	sql_columns(sql, 1);
	for (size_t i = 0; i < derived->n_held; i++)
		if (derived->held[i].decoded)
			sql_put_u64(sql, derived->held[i].id);
	sql_columns(sql, 1);
	for (size_t i = 0; i < derived->n_held; i++)
		sql_put_u64(sql, derived->held[i].id);
}

static void add_reputation(struct store *store)
{
	const struct piece *piece = store->derived->piece;
	struct sql_batch *sql = &store->sql;

	store->reputation_at = store_add(store, queries_publish_reputation);
	sql_put_u64(sql, piece->from);
	sql_put_u64(sql, piece->to);
	sql_put_u64(sql, piece->finalized);
}

static void on_committed(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err = OK;

	if (store->reputation_at)
		err = store_read_differences(
		    store, results[store->reputation_at], &fault);
	store_end(store, err, &fault);
}

static void add_commit(struct store *store)
{
	const struct store_derived *derived = store->derived;

	if (derived->n_held)
		add_retried(store);
	if (derived->facts)
		store_write_facts(store, derived->facts, NULL);
	store_write_changes(store, derived->changes);
	add_details(store);
	store_add_blocked(store, derived->job_finished, derived->changes);
	if (derived->piece->has_finalized && !derived->piece->strays)
		add_reputation(store);
	add_tally(store);
	store_add_job(store, derived->job_id, derived->job_done_to,
		      derived->job_finished);
	store_add_end(store, &derived->holder, derived->term);
}

/* The id of a new row of the change set, and what it is. */
static struct uuid *new_id(struct changes *c, const struct transition_row *t,
			   const char **subject)
{
	bool begins = t->from < 0 && t->to >= 0 && t->block_number > 0;

	if (!begins)
		return NULL;
	switch (t->subject) {
	case SUBJECT_STREAM:
		*subject = "stream";
		return &c->streams[t->row].id;
	case SUBJECT_LOAN:
		*subject = "loan";
		return &c->loans[t->row].id;
	case SUBJECT_TRANSACTION:
		*subject = "transaction";
		break;
	}
	return &c->transactions[t->row].id;
}

static void on_known(struct store *store, PGresult *const *results)
{
	struct changes *c = store->derived->changes;
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	const char *subject;
	struct uuid *id;
	enum err err;

	for (sql_rows(&rows, results[0]); sql_next(&rows);) {
		uint64_t i = sql_u64(&rows);
		struct uuid known = sql_uuid(&rows);

		id = i < c->n_transitions
			 ? new_id(c, &c->transitions[i], &subject)
			 : NULL;
		if (id)
			*id = known;
		else
			sql_bad(&rows);
	}
	err = sql_end(&rows, "chain.transitions", &fault);
	if (err) {
		store_end(store, err, &fault);
		return;
	}
	add_commit(store);
	store_send(store, on_committed);
}

/* Asks for the ids that new rows had before; false: no row is new. */
static bool ask_known(struct store *store)
{
	struct changes *c = store->derived->changes;
	const char *subject;
	bool any = false;

	for (size_t i = 0; i < c->n_transitions; i++) {
		const struct transition_row *t = &c->transitions[i];

		if (!new_id(c, t, &subject))
			continue;
		if (!any) {
			store_add(store, queries_known_ids);
			sql_columns(&store->sql, 3);
			any = true;
		}
		sql_put_u64(&store->sql, i);
		sql_put_text(&store->sql, subject);
		sql_put_u64(&store->sql, t->block_number);
	}
	return any;
}

enum err store_commit_derived(struct store *store, struct arena *arena,
			      const struct store_derived *derived,
			      store_done_cb cb, void *arg)
{
	enum err err = store_start(store, store_tell_done, arena, arg);

	if (err)
		return err;
	store->cb.done = cb;
	store->reputation_at = 0;
	store->derived = derived;
	memset(&store->done, 0, sizeof(store->done));
	if (!pg_in_transaction(store->pg))
		store_add_begin(store);
	else if (ask_known(store))
		return store_send_first(store, on_known);
	add_commit(store);
	return store_send_first(store, on_committed);
}
