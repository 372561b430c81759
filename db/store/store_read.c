#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/store/store_impl.h"

static bool has_room(struct sql_rows *rows, const void *list)
{
	if (!list)
		rows->err = ERR_NOMEM;
	return list != NULL;
}

enum err store_read_events(struct loaded *out, struct arena *arena,
			   const PGresult *result, struct fault *fault)
{
	struct event_row *list =
	    ARENA_ARRAY(arena, struct event_row, sql_count(result) + 1);
	struct sql_rows rows;
	size_t n = 0;

	sql_rows(&rows, result);
	for (; has_room(&rows, list) && sql_next(&rows); n++) {
		struct event_row *e = &list[n];

		e->at = sql_place(&rows);
		e->contract = sql_address(&rows);
		e->kind = (int16_t)sql_u64(&rows);
		e->part = (uint8_t)sql_u64(&rows);
		e->subject = sql_u256(&rows);
		e->n_topics = (uint8_t)sql_topics(&rows, e->topics);
		e->data = sql_bytes(&rows, arena);
	}
	out->events = list;
	out->n_events = n;
	return sql_end(&rows, "chain.events", fault);
}

static enum err read_transfers(struct loaded *out, struct arena *arena,
			       const PGresult *result, struct fault *fault)
{
	struct transfer_row *list =
	    ARENA_ARRAY(arena, struct transfer_row, sql_count(result) + 1);
	struct sql_rows rows;
	size_t n = 0;

	sql_rows(&rows, result);
	for (; has_room(&rows, list) && sql_next(&rows); n++) {
		struct transfer_row *t = &list[n];

		t->at = sql_place(&rows);
		t->from = sql_address(&rows);
		t->to = sql_address(&rows);
		t->amount = sql_u256(&rows);
		t->dust = sql_u64(&rows);
		if (!transfer_role_parse(&t->role, sql_text(&rows)))
			sql_bad(&rows);
		t->has_sender = !sql_is_null(&rows);
		if (t->has_sender)
			t->sender = sql_address(&rows);
		if (!sql_is_null(&rows))
			t->nonce = sql_u64(&rows);
	}
	out->transfers = list;
	out->n_transfers = n;
	return sql_end(&rows, "chain.transfers", fault);
}

static void read_block(struct sql_rows *rows, struct transaction_row *t)
{
	t->has_block = !sql_is_null(rows);
	if (t->has_block) {
		t->block_number = sql_u64(rows);
		t->block_hash = sql_hash_text(rows);
		t->log_index = (uint32_t)sql_u64(rows);
		return;
	}
	/* the other two are NULL with the first: a CHECK of the table */
	if (!sql_is_null(rows) || !sql_is_null(rows))
		sql_bad(rows);
}

/* A contract and an id, both NULL for none. */
static void read_ref(struct sql_rows *rows, struct object_ref *ref)
{
	if (!sql_is_null(rows))
		ref->contract = sql_address_text(rows);
	if (!sql_is_null(rows))
		ref->id = sql_u256(rows);
}

static void read_transaction(struct sql_rows *rows, struct transaction_row *t)
{
	t->id = sql_uuid(rows);
	if (!transaction_type_parse(&t->type, sql_text(rows)) ||
	    !transaction_status_parse(&t->status, sql_text(rows)))
		sql_bad(rows);
	t->has_hash = !sql_is_null(rows);
	if (t->has_hash)
		t->tx_hash = sql_hash_text(rows);
	t->from = sql_address_text(rows);
	t->to = sql_address_text(rows);
	t->amount = sql_usdc(rows);
	t->is_open = sql_is_null(rows);
	if (!t->is_open)
		t->ordinal = (uint32_t)sql_u64(rows);
	t->worker_id = sql_uuid(rows);
	t->platform_id = sql_uuid(rows);
	read_ref(rows, &t->stream);
	read_ref(rows, &t->loan);
	read_block(rows, t);
	t->confirmations = sql_u64(rows);
	t->submitted_at = sql_time(rows);
	t->confirmed_at = sql_time(rows);
	t->is_intent = sql_bool(rows);
	t->hash_given = sql_bool(rows);
	t->after = sql_u64(rows);
	t->since = (int64_t)sql_u64(rows);
}

static enum err read_transactions(struct loaded *out, struct arena *arena,
				  const PGresult *result, struct fault *fault)
{
	struct transaction_row *list =
	    ARENA_ARRAY(arena, struct transaction_row, sql_count(result) + 1);
	struct sql_rows rows;
	size_t n = 0;

	sql_rows(&rows, result);
	while (has_room(&rows, list) && sql_next(&rows))
		read_transaction(&rows, &list[n++]);
	out->transactions = list;
	out->n_transactions = n;
	return sql_end(&rows, "transactions", fault);
}

static void read_stream(struct sql_rows *rows, struct stream_row *s)
{
	s->id = sql_uuid(rows);
	s->contract = sql_address_text(rows);
	s->contract_stream_id = sql_u256(rows);
	s->worker_wallet = sql_address_text(rows);
	s->platform_wallet = sql_address_text(rows);
	s->worker_id = sql_uuid(rows);
	s->platform_id = sql_uuid(rows);
	s->total = sql_usdc(rows);
	s->released = sql_usdc(rows);
	s->claimed = sql_usdc(rows);
	s->refunded = sql_usdc(rows);
	s->start_time = sql_time(rows);
	s->end_time = sql_time(rows);
	s->release_interval = sql_u256(rows);
	s->next_release_at = sql_time(rows);
	if (!stream_status_parse(&s->status, sql_text(rows)))
		sql_bad(rows);
	s->paused_at = sql_time(rows);
	s->completed_at = sql_time(rows);
	s->cancelled_at = sql_time(rows);
}

static enum err read_streams(struct loaded *out, struct arena *arena,
			     const PGresult *result, struct fault *fault)
{
	struct stream_row *list =
	    ARENA_ARRAY(arena, struct stream_row, sql_count(result) + 1);
	struct sql_rows rows;
	size_t n = 0;

	sql_rows(&rows, result);
	while (has_room(&rows, list) && sql_next(&rows))
		read_stream(&rows, &list[n++]);
	out->streams = list;
	out->n_streams = n;
	return sql_end(&rows, "streams", fault);
}

static void read_loan(struct sql_rows *rows, struct loan_row *l)
{
	l->id = sql_uuid(rows);
	l->contract = sql_address_text(rows);
	l->contract_loan_id = sql_u256(rows);
	l->worker_wallet = sql_address_text(rows);
	l->worker_id = sql_uuid(rows);
	l->requested = sql_usdc(rows);
	l->approved = sql_usdc(rows);
	l->fee = sql_usdc(rows);
	l->fee_bps = (uint32_t)sql_u64(rows);
	l->owed = sql_usdc(rows);
	l->repaid = sql_usdc(rows);
	l->remaining = sql_usdc(rows);
	l->repayments = (uint32_t)sql_u64(rows);
	if (!loan_status_parse(&l->status, sql_text(rows)))
		sql_bad(rows);
	l->requested_at = sql_time(rows);
	l->approved_at = sql_time(rows);
	l->disbursed_at = sql_time(rows);
	l->due_at = sql_time(rows);
	l->repaid_at = sql_time(rows);
	l->defaulted_at = sql_time(rows);
}

static enum err read_loans(struct loaded *out, struct arena *arena,
			   const PGresult *result, struct fault *fault)
{
	struct loan_row *list =
	    ARENA_ARRAY(arena, struct loan_row, sql_count(result) + 1);
	struct sql_rows rows;
	size_t n = 0;

	sql_rows(&rows, result);
	while (has_room(&rows, list) && sql_next(&rows))
		read_loan(&rows, &list[n++]);
	out->loans = list;
	out->n_loans = n;
	return sql_end(&rows, "loans", fault);
}

struct quarantine_row store_read_quarantine(struct sql_rows *rows,
					    struct arena *arena)
{
	struct quarantine_row q = {.at = sql_place(rows)};

	q.contract = sql_address(rows);
	q.part = (uint8_t)sql_u64(rows);
	q.n_topics = (uint8_t)sql_topics(rows, q.topics);
	q.data = sql_bytes(rows, arena);
	q.reason = arena_strdup(arena, sql_text(rows));
	if (!q.reason)
		rows->err = ERR_NOMEM;
	return q;
}

static enum err read_quarantined(struct loaded *out, struct arena *arena,
				 const PGresult *result, struct fault *fault)
{
	struct quarantine_row *list =
	    ARENA_ARRAY(arena, struct quarantine_row, sql_count(result) + 1);
	struct sql_rows rows;
	size_t n = 0;

	sql_rows(&rows, result);
	while (has_room(&rows, list) && sql_next(&rows))
		list[n++] = store_read_quarantine(&rows, arena);
	out->quarantined = list;
	out->n_quarantined = n;
	return sql_end(&rows, "chain.quarantine", fault);
}

static enum err read_parties(struct loaded *out, struct arena *arena,
			     const PGresult *result, struct fault *fault)
{
	struct party_row *list =
	    ARENA_ARRAY(arena, struct party_row, sql_count(result) + 1);
	struct sql_rows rows;
	size_t n = 0;

	sql_rows(&rows, result);
	for (; has_room(&rows, list) && sql_next(&rows); n++) {
		list[n].wallet = sql_address_text(&rows);
		list[n].worker_id = sql_uuid(&rows);
		list[n].platform_id = sql_uuid(&rows);
	}
	out->parties = list;
	out->n_parties = n;
	return sql_end(&rows, "registered wallets", fault);
}

enum err store_read_loaded(struct loaded *out, struct arena *arena,
			   PGresult *const *results, struct fault *fault)
{
	enum err err = read_transfers(out, arena, results[0], fault);

	if (!err)
		err = read_transactions(out, arena, results[1], fault);
	if (!err)
		err = read_streams(out, arena, results[2], fault);
	if (!err)
		err = read_loans(out, arena, results[3], fault);
	if (!err)
		err = read_quarantined(out, arena, results[4], fault);
	if (!err)
		err = read_parties(out, arena, results[5], fault);
	return err;
}

static enum job_kind read_kind(struct sql_rows *rows)
{
	static const char *const names[JOB_KINDS] = {
	    [JOB_RANGE] = "range",
	    [JOB_HISTORY] = "history",
	    [JOB_REBUILD] = "rebuild",
	    [JOB_RETRY] = "retry",
	};
	const char *name = sql_text(rows);

	for (int i = 0; i < JOB_KINDS; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum job_kind)i;
	sql_bad(rows);
	return JOB_RANGE;
}

/* "0 3 12 ...": the first TALLY_COUNTS of them count. */
static struct tally read_tally(struct sql_rows *rows)
{
	const char *text = sql_text(rows);
	struct tally tally = {{0}};
	char *end;

	for (int i = 0; i < TALLY_COUNTS; i++, text = end) {
		tally.n[i] = strtoull(text, &end, 10);
		if (end == text) {
			sql_bad(rows);
			return tally;
		}
	}
	return tally;
}

void store_read_job(struct job_row *job, bool *finished, struct sql_rows *rows)
{
	*job = (struct job_row){.id = sql_u64(rows)};
	job->kind = read_kind(rows);
	job->from = sql_u64(rows);
	job->to = sql_u64(rows);
	job->has_done = !sql_is_null(rows);
	if (job->has_done)
		job->done_to = sql_u64(rows);
	job->rescan = sql_bool(rows);
	job->n_wallets = (size_t)sql_u64(rows);
	*finished = sql_bool(rows);
	job->tally = read_tally(rows);
	(void)snprintf(job->error, sizeof(job->error), "%s", sql_text(rows));
}

enum err store_read_jobs(struct job_row **out, size_t *n, struct arena *arena,
			 const PGresult *result, struct fault *fault)
{
	struct job_row *list =
	    ARENA_ARRAY(arena, struct job_row, sql_count(result) + 1);
	struct sql_rows rows;
	size_t count = 0;
	bool finished;

	sql_rows(&rows, result);
	while (has_room(&rows, list) && sql_next(&rows))
		store_read_job(&list[count++], &finished, &rows);
	*out = list;
	*n = count;
	return sql_end(&rows, "chain.jobs", fault);
}

enum err store_read_addresses(struct address **out, size_t *n,
			      struct arena *arena, const PGresult *result,
			      const char *what, struct fault *fault)
{
	struct address *list =
	    ARENA_ARRAY(arena, struct address, sql_count(result) + 1);
	struct sql_rows rows;
	size_t count = 0;

	sql_rows(&rows, result);
	while (has_room(&rows, list) && sql_next(&rows))
		list[count++] = sql_address(&rows);
	*out = list;
	*n = count;
	return sql_end(&rows, what, fault);
}
