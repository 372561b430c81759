#include "tests/unit/lib_books_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The value under key, of which there is at most one; -1: none. */
static int64_t only(const struct index *index, uint64_t key)
{
	size_t at = 0;
	uint32_t value;

	return index_next(index, key, &at, &value) ? (int64_t)value : -1;
}

static void insert_event(struct books *b, const struct event_row *row)
{
	uint64_t key = fact_key(&row->at);
	int64_t i = only(&b->event_facts, key);
	struct stored_event *stored;

	if (i >= 0) {
		b->events.at[i].orphaned = false;
		return;
	}
	stored = LIST_ADD(&b->events);
	*stored = (struct stored_event){.row = *row};
	stored->row.data = arena_copy(b->kept, row->data.data, row->data.len);
	i = (int64_t)b->events.n - 1;
	index_add(&b->event_facts, key, (uint32_t)i);
	index_add(&b->events_by_tx, tx_key(&row->at.tx_hash), (uint32_t)i);
	index_add(&b->events_by_stream,
		  stream_key(&row->contract, &row->subject), (uint32_t)i);
}

static void insert_transfer(struct books *b, const struct transfer_row *row)
{
	uint64_t key = fact_key(&row->at);
	int64_t i = only(&b->transfer_facts, key);

	if (i >= 0) {
		/* What stands again was told to reconcile() as plain. */
		if (b->transfers.at[i].orphaned)
			b->transfers.at[i].row.role = ROLE_PLAIN;
		b->transfers.at[i].orphaned = false;
		return;
	}
	*LIST_ADD(&b->transfers) = (struct stored_transfer){.row = *row};
	i = (int64_t)b->transfers.n - 1;
	index_add(&b->transfer_facts, key, (uint32_t)i);
	index_add(&b->transfers_by_tx, tx_key(&row->at.tx_hash), (uint32_t)i);
}

static void insert_quarantine(struct books *b, const struct quarantine_row *row,
			      bool malformed)
{
	uint64_t key = fact_key(&row->at);
	int64_t i = only(&b->quarantine_facts, key);
	struct stored_quarantine *stored;

	assert_non_null(row->reason);
	if (i < 0) {
		index_add(&b->quarantine_facts, key, (uint32_t)b->quarantine.n);
		stored = LIST_ADD(&b->quarantine);
	} else {
		stored = &b->quarantine.at[i];
	}
	*stored = (struct stored_quarantine){
	    .row = *row,
	    .malformed = malformed,
	};
	stored->row.data = arena_copy(b->kept, row->data.data, row->data.len);
	stored->row.reason = arena_strdup(b->kept, row->reason);
}

void books_insert(struct books *books, const struct facts *facts)
{
	for (size_t i = 0; i < facts->n_events; i++)
		insert_event(books, &facts->events[i]);
	for (size_t i = 0; i < facts->n_transfers; i++)
		insert_transfer(books, &facts->transfers[i]);
	for (size_t i = 0; i < facts->n_malformed; i++)
		insert_quarantine(books, &facts->malformed[i], true);
}

/* claimed <= released <= total, and nothing is paid that was not escrowed. */
static void assert_conserved(const struct stream_row *row)
{
	struct u256 paid;

	assert_true(u256_cmp(&row->claimed, &row->released) <= 0);
	assert_true(u256_cmp(&row->released, &row->total) <= 0);
	assert_true(u256_add(&paid, &row->claimed, &row->refunded));
	assert_true(u256_cmp(&paid, &row->total) <= 0);
	if (row->status == STREAM_CANCELLED)
		assert_int_equal(u256_cmp(&paid, &row->total), 0);
	else
		assert_true(u256_is_zero(&row->refunded));
	assert_true(row->next_release_at == 0 || row->status == STREAM_ACTIVE);
	assert_int_equal(row->completed_at != 0,
			 row->status == STREAM_COMPLETED);
	assert_int_equal(row->cancelled_at != 0,
			 row->status == STREAM_CANCELLED);
}

static struct stored_stream *
apply_stream(struct books *b, const struct stream_row *row, bool is_new)
{
	int64_t i = only(&b->streams_by_id, uuid_key(&row->id));

	assert_conserved(row);
	assert_false(uuid_is_nil(&row->id));
	*LIST_ADD(&b->touched) = *row;
	assert_int_equal(is_new, i < 0);
	if (is_new) {
		i = (int64_t)b->streams.n;
		*LIST_ADD(&b->streams) = (struct stored_stream){.told = -1};
		index_add(&b->streams_by_id, uuid_key(&row->id), (uint32_t)i);
		index_add(&b->streams_by_key,
			  stream_key(&row->contract, &row->contract_stream_id),
			  (uint32_t)i);
	}
	b->streams.at[i].row = *row;
	return &b->streams.at[i];
}

/* What the database's trigger lets the daemon do. */
static bool allowed(int from, int to)
{
	if (from == to)
		return true;
	switch (from) {
	case -1:
	case STATUS_PENDING:
		return to == STATUS_SUBMITTED || to == STATUS_CONFIRMED;
	case STATUS_SUBMITTED:
		return to == STATUS_CONFIRMED || to == STATUS_FAILED;
	case STATUS_CONFIRMED:
		return to == STATUS_SUBMITTED;
	case STATUS_FAILED:
		return to == STATUS_SUBMITTED || to == STATUS_CONFIRMED;
	default:
		return false;
	}
}

/* idx_transactions_tx_hash and transactions_identity_key. */
static void assert_unique(const struct books *b, uint32_t self)
{
	const struct transaction_row *row = &b->transactions.at[self].row;
	uint64_t key = tx_key(&row->tx_hash);
	uint32_t i;

	for (size_t k = 0; index_next(&b->transactions_by_tx, key, &k, &i);) {
		const struct transaction_row *other =
		    &b->transactions.at[i].row;

		if (i == self || other->is_open ||
		    b->transactions.at[i].told == GONE)
			continue;
		assert_false(row->has_block && other->has_block &&
			     row->log_index == other->log_index);
		assert_false(address_eq(&row->from, &other->from) &&
			     address_eq(&row->to, &other->to) &&
			     u256_cmp(&row->amount, &other->amount) == 0 &&
			     row->ordinal == other->ordinal);
	}
}

static void apply_transaction(struct books *b,
			      const struct transaction_row *row, bool is_new)
{
	int64_t i = only(&b->transactions_by_id, uuid_key(&row->id));

	assert_false(uuid_is_nil(&row->id));
	assert_int_equal(is_new, i < 0);
	if (is_new) {
		i = (int64_t)b->transactions.n;
		*LIST_ADD(&b->transactions) =
		    (struct stored_transaction){.told = -1};
		index_add(&b->transactions_by_id, uuid_key(&row->id),
			  (uint32_t)i);
		index_add(&b->transactions_by_tx, tx_key(&row->tx_hash),
			  (uint32_t)i);
	}
	if (!b->transactions.at[i].row.has_hash && !is_new)
		index_add(&b->transactions_by_tx, tx_key(&row->tx_hash),
			  (uint32_t)i);
	assert_true(row->has_hash && !row->is_open);
	if (row->has_stream)
		assert_non_null(books_find_stream(b, &row->stream_contract,
						  &row->stream_contract_id));
	if (!row->has_block)
		assert_int_equal(row->status, STATUS_SUBMITTED);
	assert_int_equal(row->confirmed_at != 0,
			 row->status == STATUS_CONFIRMED);
	b->transactions.at[i].row = *row;
	*LIST_ADD(&b->unconfirmed) = (uint32_t)i;
	assert_unique(b, (uint32_t)i);
}

/* What the chain had goes into what was intended, each only once. */
static void apply_taken(struct books *b, const struct taken_over *taken)
{
	int64_t born = only(&b->transactions_by_id, uuid_key(&taken->born));
	int64_t intent = only(&b->transactions_by_id, uuid_key(&taken->intent));

	assert_true(born >= 0 && intent >= 0);
	assert_false(b->transactions.at[born].row.is_intent);
	assert_int_not_equal(b->transactions.at[born].told, GONE);
	assert_true(b->transactions.at[intent].row.is_intent);
	b->transactions.at[born].told = GONE;
	b->transactions.at[born].row.has_block = false;
}

/* Each transition begins where the last one of its row ended. */
static void apply_transition(struct books *b, const struct changes *c,
			     const struct transition_row *t)
{
	char text[96];
	int *told;

	assert_non_null(t->reason);
	if (t->is_stream && t->to == -1) {
		assert_true(t->row < c->n_gone);
		told = &b->streams
			    .at[only(&b->streams_by_id,
				     uuid_key(&c->gone[t->row].id))]
			    .told;
	} else if (t->is_stream) {
		assert_true(t->row < c->n_streams);
		told = &b->streams
			    .at[only(&b->streams_by_id,
				     uuid_key(&c->streams[t->row].id))]
			    .told;
	} else {
		assert_true(t->row < c->n_transactions);
		told = &b->transactions
			    .at[only(&b->transactions_by_id,
				     uuid_key(&c->transactions[t->row].id))]
			    .told;
		assert_true(allowed(t->from, t->to));
	}
	assert_int_equal(*told, t->from);
	*told = t->to == -1 ? GONE : t->to;
	snprintf(text, sizeof(text), "%d>%d %s @%llu", t->from, t->to,
		 t->reason, (unsigned long long)t->block_number);
	*LIST_ADD(&b->history) = arena_strdup(b->kept, text);
}

/* The foreign key's ON DELETE SET NULL. */
static void forget_stream(struct books *b, const struct stream_row *gone)
{
	for (size_t i = 0; i < b->transactions.n; i++) {
		struct transaction_row *row = &b->transactions.at[i].row;

		if (row->has_stream &&
		    address_eq(&row->stream_contract, &gone->contract) &&
		    u256_cmp(&row->stream_contract_id,
			     &gone->contract_stream_id) == 0)
			fail_msg("a row still stands on a stream that is gone");
	}
}

static void apply_quarantine(struct books *b, const struct changes *c)
{
	for (size_t i = 0; i < c->n_quarantine; i++)
		insert_quarantine(b, &c->quarantine[i], false);
	for (size_t i = 0; i < c->n_release; i++) {
		int64_t at =
		    only(&b->quarantine_facts, fact_key(&c->release[i].at));

		assert_true(at >= 0);
		assert_false(b->quarantine.at[at].released);
		b->quarantine.at[at].released = true;
	}
}

void books_apply(struct books *b, const struct changes *c)
{
	b->touched.n = 0;
	for (size_t i = 0; i < c->n_streams; i++)
		apply_stream(b, &c->streams[i], c->stream_is_new[i]);
	for (size_t i = 0; i < c->n_taken; i++)
		apply_taken(b, &c->taken[i]);
	for (size_t i = 0; i < c->n_transactions; i++)
		apply_transaction(b, &c->transactions[i],
				  c->transaction_is_new[i]);
	for (size_t i = 0; i < c->n_transitions; i++)
		apply_transition(b, c, &c->transitions[i]);
	for (size_t i = 0; i < c->n_gone && i < 4; i++)
		forget_stream(b, &c->gone[i]);
	for (size_t i = 0; i < c->n_roles; i++) {
		int64_t at =
		    only(&b->transfer_facts, fact_key(&c->roles[i].at));

		assert_true(at >= 0);
		assert_int_not_equal(b->transfers.at[at].row.role,
				     c->roles[i].role);
		b->transfers.at[at].row.role = c->roles[i].role;
	}
	apply_quarantine(b, c);
	for (size_t i = 0; i < c->n_streams; i++)
		assert_int_equal(b->streams
				     .at[only(&b->streams_by_id,
					      uuid_key(&c->streams[i].id))]
				     .told,
				 c->streams[i].status);
	for (size_t i = 0; i < c->n_transactions; i++)
		assert_int_equal(b->transactions
				     .at[only(&b->transactions_by_id,
					      uuid_key(&c->transactions[i].id))]
				     .told,
				 c->transactions[i].status);
}

/* The store's part: what the final block has passed becomes confirmed. */
void books_confirm(struct books *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->unconfirmed.n; i++) {
		uint32_t at = b->unconfirmed.at[i];
		struct stored_transaction *t = &b->transactions.at[at];

		if (t->row.status != STATUS_SUBMITTED || t->told == GONE)
			continue;
		if (!b->has_finalized || !t->row.has_block ||
		    t->row.block_number > b->finalized) {
			b->unconfirmed.at[kept++] = at;
			continue;
		}
		t->row.status = t->told = STATUS_CONFIRMED;
		t->row.confirmed_at = t->row.submitted_at;
	}
	b->unconfirmed.n = kept;
}
