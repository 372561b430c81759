#include "db/store/store_impl.h"
#include "embedded/queries.h"

static void put_blocks(struct store *store, const struct facts *facts,
		       const uint64_t *finalized)
{
	struct sql_batch *sql = &store->sql;

	store_add(store, queries_put_blocks);
	sql_columns(sql, 5);
	for (size_t i = 0; i < facts->n_blocks; i++) {
		const struct block_row *b = &facts->blocks[i];

		sql_put_u64(sql, b->number);
		sql_put_hash(sql, &b->hash);
		sql_put_hash(sql, &b->parent_hash);
		sql_put_i64(sql, b->timestamp);
		sql_put_bool(sql, b->has_facts);
	}
	sql_columns(sql, 0);
	if (finalized)
		sql_put_u64(sql, *finalized);
	else
		sql_put_null(sql);
}

void store_put_event(struct sql_batch *sql, const struct event_row *e)
{
	sql_put_place(sql, &e->at);
	sql_put_address(sql, &e->contract);
	sql_put_i64(sql, e->kind);
	sql_put_i64(sql, e->part);
	sql_put_u256(sql, &e->subject);
	sql_put_topics(sql, e->topics, e->n_topics);
	sql_put_bytes(sql, e->data.data, e->data.len);
	sql_put_text(sql, e->detail);
}

static void put_events(struct store *store, const struct facts *facts)
{
	struct sql_batch *sql = &store->sql;

	store_add(store, queries_put_events);
	sql_columns(sql, 13);
	for (size_t i = 0; i < facts->n_events; i++)
		store_put_event(sql, &facts->events[i]);
}

void store_put_transfer(struct sql_batch *sql, const struct transfer_row *t,
			enum transfer_role role)
{
	sql_put_place(sql, &t->at);
	sql_put_address(sql, &t->from);
	sql_put_address(sql, &t->to);
	sql_put_u256(sql, &t->amount);
	sql_put_u64(sql, t->dust);
	sql_put_text(sql, transfer_role_name(role));
	if (t->has_sender) {
		sql_put_address(sql, &t->sender);
		sql_put_u64(sql, t->nonce);
	} else {
		sql_put_null(sql);
		sql_put_null(sql);
	}
}

static void put_transfers(struct store *store, const struct facts *facts)
{
	struct sql_batch *sql = &store->sql;

	store_add(store, queries_put_transfers);
	sql_columns(sql, 13);
	for (size_t i = 0; i < facts->n_transfers; i++)
		store_put_transfer(sql, &facts->transfers[i],
				   facts->transfers[i].role);
}

static void put_quarantine(struct store *store,
			   const struct quarantine_row *rows, size_t n,
			   bool malformed)
{
	struct sql_batch *sql = &store->sql;

	store_add(store, queries_put_quarantine);
	sql_put_bool(sql, malformed);
	sql_columns(sql, 11);
	for (size_t i = 0; i < n; i++) {
		sql_put_place(sql, &rows[i].at);
		sql_put_address(sql, &rows[i].contract);
		sql_put_i64(sql, rows[i].part);
		sql_put_topics(sql, rows[i].topics, rows[i].n_topics);
		sql_put_bytes(sql, rows[i].data.data, rows[i].data.len);
		sql_put_text(sql, rows[i].reason);
	}
}

void store_write_facts(struct store *store, const struct facts *facts,
		       const uint64_t *finalized)
{
	if (facts->n_blocks)
		put_blocks(store, facts, finalized);
	if (facts->n_events && !store->is_fresh)
		put_events(store, facts);
	if (facts->n_transfers && !store->is_fresh)
		put_transfers(store, facts);
	if (facts->n_malformed)
		put_quarantine(store, facts->malformed, facts->n_malformed,
			       true);
}

static void put_stream(struct sql_batch *sql, const struct stream_row *s)
{
	sql_put_uuid(sql, &s->id);
	sql_put_address_text(sql, &s->contract);
	sql_put_u256(sql, &s->contract_stream_id);
	sql_put_address_text(sql, &s->worker_wallet);
	sql_put_address_text(sql, &s->platform_wallet);
	sql_put_uuid(sql, &s->worker_id);
	sql_put_uuid(sql, &s->platform_id);
	sql_put_usdc(sql, &s->total);
	sql_put_usdc(sql, &s->released);
	sql_put_usdc(sql, &s->claimed);
	sql_put_usdc(sql, &s->refunded);
	sql_put_i64(sql, s->start_time);
	sql_put_i64(sql, s->end_time);
	sql_put_u256(sql, &s->release_interval);
	sql_put_i64(sql, s->next_release_at);
	sql_put_text(sql, stream_status_name(s->status));
	sql_put_i64(sql, s->paused_at);
	sql_put_i64(sql, s->completed_at);
	sql_put_i64(sql, s->cancelled_at);
}

/* Is there a row to insert, or (new is false) to update? */
static bool has_any(const bool *is_new, size_t n, bool new)
{
	for (size_t i = 0; i < n; i++)
		if (is_new[i] == new)
			return true;
	return false;
}

static void put_streams(struct store *store, const struct changes *c, bool new,
			const char *statement)
{
	if (!has_any(c->stream_is_new, c->n_streams, new))
		return;
	store_add(store, statement);
	sql_columns(&store->sql, 19);
	for (size_t i = 0; i < c->n_streams; i++)
		if (c->stream_is_new[i] == new)
			put_stream(&store->sql, &c->streams[i]);
}

static void put_loan(struct sql_batch *sql, const struct loan_row *l)
{
	sql_put_uuid(sql, &l->id);
	sql_put_address_text(sql, &l->contract);
	sql_put_u256(sql, &l->contract_loan_id);
	sql_put_address_text(sql, &l->worker_wallet);
	sql_put_uuid(sql, &l->worker_id);
	sql_put_usdc(sql, &l->requested);
	sql_put_usdc(sql, &l->approved);
	sql_put_usdc(sql, &l->fee);
	sql_put_u64(sql, l->fee_bps);
	sql_put_usdc(sql, &l->owed);
	sql_put_usdc(sql, &l->repaid);
	sql_put_usdc(sql, &l->remaining);
	sql_put_u64(sql, l->repayments);
	sql_put_text(sql, loan_status_name(l->status));
	sql_put_i64(sql, l->requested_at);
	sql_put_i64(sql, l->approved_at);
	sql_put_i64(sql, l->disbursed_at);
	sql_put_i64(sql, l->due_at);
	sql_put_i64(sql, l->repaid_at);
	sql_put_i64(sql, l->defaulted_at);
}

static void put_loans(struct store *store, const struct changes *c, bool new,
		      const char *statement)
{
	if (!has_any(c->loan_is_new, c->n_loans, new))
		return;
	store_add(store, statement);
	sql_columns(&store->sql, 20);
	for (size_t i = 0; i < c->n_loans; i++)
		if (c->loan_is_new[i] == new)
			put_loan(&store->sql, &c->loans[i]);
}

static void put_ref(struct sql_batch *sql, const struct object_ref *ref)
{
	if (object_is_none(ref)) {
		sql_put_null(sql);
		sql_put_null(sql);
		return;
	}
	sql_put_address_text(sql, &ref->contract);
	sql_put_u256(sql, &ref->id);
}

void store_put_transaction(struct sql_batch *sql,
			   const struct transaction_row *t, bool with_refs)
{
	sql_put_uuid(sql, &t->id);
	sql_put_text(sql, transaction_type_name(t->type));
	sql_put_text(sql, transaction_status_name(t->status));
	sql_put_hash_text(sql, &t->tx_hash);
	sql_put_address_text(sql, &t->from);
	sql_put_address_text(sql, &t->to);
	sql_put_usdc(sql, &t->amount);
	sql_put_u64(sql, t->ordinal);
	sql_put_uuid(sql, &t->worker_id);
	sql_put_uuid(sql, &t->platform_id);
	if (with_refs) {
		put_ref(sql, &t->stream);
		put_ref(sql, &t->loan);
	}
	if (t->has_block) {
		sql_put_u64(sql, t->block_number);
		sql_put_hash_text(sql, &t->block_hash);
		sql_put_u64(sql, t->log_index);
	} else {
		sql_put_null(sql);
		sql_put_null(sql);
		sql_put_null(sql);
	}
	sql_put_u64(sql, t->confirmations);
	sql_put_i64(sql, t->submitted_at);
	sql_put_i64(sql, t->confirmed_at);
}

bool store_is_copied(const struct store *store, const struct changes *c,
		     size_t i)
{
	return store->is_fresh && c->transaction_is_new[i] &&
	       object_is_none(&c->transactions[i].stream) &&
	       object_is_none(&c->transactions[i].loan);
}

static void put_transactions(struct store *store, const struct changes *c,
			     bool new, const char *statement)
{
	bool begun = false;

	for (size_t i = 0; i < c->n_transactions; i++) {
		if (c->transaction_is_new[i] != new ||
		    store_is_copied(store, c, i))
			continue;
		if (!begun) {
			store_add(store, statement);
			sql_columns(&store->sql, 20);
			begun = true;
		}
		store_put_transaction(&store->sql, &c->transactions[i], true);
	}
}

static void delete_gone(struct store *store, const struct changes *c)
{
	struct sql_batch *sql = &store->sql;

	if (c->n_gone_streams) {
		sql_add(sql, queries_delete_streams);
		sql_columns(sql, 1);
	}
	for (size_t i = 0; i < c->n_gone_streams; i++)
		sql_put_uuid(sql, &c->gone_streams[i].id);
	if (c->n_gone_loans) {
		sql_add(sql, queries_delete_loans);
		sql_columns(sql, 1);
	}
	for (size_t i = 0; i < c->n_gone_loans; i++)
		sql_put_uuid(sql, &c->gone_loans[i].id);
}

static void take_over(struct store *store, const struct changes *c)
{
	if (!c->n_taken)
		return;
	store_add(store, queries_take_over);
	sql_columns(&store->sql, 2);
	for (size_t i = 0; i < c->n_taken; i++) {
		sql_put_uuid(&store->sql, &c->taken[i].born);
		sql_put_uuid(&store->sql, &c->taken[i].intent);
	}
}

/* Those that are not copied with their transfers. */
static void set_roles(struct store *store, const struct changes *c)
{
	struct sql_batch *sql = &store->sql;
	bool begun = false;

	for (size_t i = 0; i < c->n_roles; i++) {
		const struct place *at = &c->roles[i].at;

		if (store->is_fresh && at->block_number >= store->commit->from)
			continue;
		if (!begun) {
			store_add(store, queries_set_roles);
			sql_columns(sql, 4);
			begun = true;
		}
		sql_put_u64(sql, at->block_number);
		sql_put_hash(sql, &at->block_hash);
		sql_put_u64(sql, at->log_index);
		sql_put_text(sql, transfer_role_name(c->roles[i].role));
	}
}

static const char *status_name(enum subject subject, int status)
{
	if (status < 0)
		return NULL;
	switch (subject) {
	case SUBJECT_STREAM:
		return stream_status_name((enum stream_status)status);
	case SUBJECT_LOAN:
		return loan_status_name((enum loan_status)status);
	case SUBJECT_TRANSACTION:
		break;
	}
	return transaction_status_name((enum transaction_status)status);
}

/* Where a transition's row is gone it points among those: db/rows.h. */
static const struct uuid *row_of(const struct changes *c,
				 const struct transition_row *t)
{
	bool gone = t->to < 0;

	switch (t->subject) {
	case SUBJECT_STREAM:
		return gone ? &c->gone_streams[t->row].id
			    : &c->streams[t->row].id;
	case SUBJECT_LOAN:
		return gone ? &c->gone_loans[t->row].id : &c->loans[t->row].id;
	case SUBJECT_TRANSACTION:
		break;
	}
	return &c->transactions[t->row].id;
}

void store_put_transition(struct sql_batch *sql, const struct changes *c,
			  const struct transition_row *t)
{
	static const char *const subjects[] = {
	    [SUBJECT_TRANSACTION] = "transaction",
	    [SUBJECT_STREAM] = "stream",
	    [SUBJECT_LOAN] = "loan",
	};

	sql_put_text(sql, subjects[t->subject]);
	sql_put_uuid(sql, row_of(c, t));
	sql_put_text(sql, status_name(t->subject, t->from));
	sql_put_text(sql, status_name(t->subject, t->to));
	sql_put_text(sql, t->reason);
	if (t->block_time || t->block_number)
		sql_put_u64(sql, t->block_number);
	else
		sql_put_null(sql);
	sql_put_i64(sql, t->block_time);
}

static void put_transitions(struct store *store, const struct changes *c)
{
	if (!c->n_transitions || store->is_fresh)
		return;
	store_add(store, queries_put_transitions);
	sql_columns(&store->sql, 7);
	for (size_t i = 0; i < c->n_transitions; i++)
		store_put_transition(&store->sql, c, &c->transitions[i]);
}

static void release(struct store *store, const struct changes *c)
{
	if (!c->n_release)
		return;
	store_add(store, queries_release_quarantine);
	sql_columns(&store->sql, 3);
	for (size_t i = 0; i < c->n_release; i++) {
		sql_put_hash(&store->sql, &c->release[i].at.block_hash);
		sql_put_u64(&store->sql, c->release[i].at.log_index);
		sql_put_i64(&store->sql, c->release[i].part);
	}
}

void store_write_changes(struct store *store, const struct changes *c)
{
	delete_gone(store, c);
	put_streams(store, c, false, queries_update_streams);
	put_streams(store, c, true, queries_insert_streams);
	put_loans(store, c, false, queries_update_loans);
	put_loans(store, c, true, queries_insert_loans);
	/* What goes or moves away first makes room for what arrives. */
	take_over(store, c);
	put_transactions(store, c, false, queries_update_transactions);
	put_transactions(store, c, true, queries_insert_transactions);
	set_roles(store, c);
	put_transitions(store, c);
	release(store, c);
	if (c->n_quarantine)
		put_quarantine(store, c->quarantine, c->n_quarantine, false);
}
