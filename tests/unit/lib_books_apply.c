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
	uint64_t key = fact_key(&row->at, row->part);
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
	index_add(&b->events_by_object,
		  object_key(&row->contract, &row->subject), (uint32_t)i);
}

static void insert_transfer(struct books *b, const struct transfer_row *row)
{
	uint64_t key = fact_key(&row->at, 0);
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
	uint64_t key = fact_key(&row->at, row->part);
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

/* claimed <= released <= total, and nothing is paid that was not escrowed. Of
 * what is cancelled all is released or refunded, and (but at LOCKUP) paid. */
static void assert_conserved(const struct stream_row *row)
{
	const struct address lockup = LOCKUP;
	struct u256 paid, settled;

	assert_true(u256_cmp(&row->claimed, &row->released) <= 0);
	assert_true(u256_cmp(&row->released, &row->total) <= 0);
	assert_true(u256_add(&paid, &row->claimed, &row->refunded));
	assert_true(u256_cmp(&paid, &row->total) <= 0);
	assert_true(u256_add(&settled, &row->released, &row->refunded));
	if (row->status == STREAM_CANCELLED)
		assert_int_equal(u256_cmp(&settled, &row->total), 0);
	else
		assert_true(u256_is_zero(&row->refunded));
	if (row->status == STREAM_CANCELLED &&
	    !address_eq(&row->contract, &lockup))
		assert_int_equal(u256_cmp(&paid, &row->total), 0);
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
	assert_int_equal(is_new, i < 0);
	if (is_new) {
		i = (int64_t)b->streams.n;
		*LIST_ADD(&b->streams) = (struct stored_stream){.told = -1};
		index_add(&b->streams_by_id, uuid_key(&row->id), (uint32_t)i);
		index_add(&b->streams_by_key,
			  object_key(&row->contract, &row->contract_stream_id),
			  (uint32_t)i);
	}
	b->streams.at[i].row = *row;
	return &b->streams.at[i];
}

static void assert_owed(const struct loan_row *row)
{
	struct u256 sum;

	assert_true(u256_add(&sum, &row->approved, &row->fee));
	assert_int_equal(u256_cmp(&sum, &row->owed), 0);
	if (row->disbursed_at && u256_cmp(&row->repaid, &row->owed) < 0) {
		assert_true(u256_add(&sum, &row->remaining, &row->repaid));
		assert_int_equal(u256_cmp(&sum, &row->owed), 0);
	} else {
		assert_true(u256_is_zero(&row->remaining));
	}
	assert_int_equal(row->repaid_at != 0, row->status == LOAN_REPAID);
	assert_int_equal(row->defaulted_at != 0, row->status == LOAN_DEFAULTED);
}

static void apply_loan(struct books *b, const struct loan_row *row, bool is_new)
{
	int64_t i = only(&b->loans_by_id, uuid_key(&row->id));

	assert_owed(row);
	assert_false(uuid_is_nil(&row->id));
	assert_int_equal(is_new, i < 0);
	if (is_new) {
		i = (int64_t)b->loans.n;
		*LIST_ADD(&b->loans) = (struct stored_loan){.told = -1};
		index_add(&b->loans_by_id, uuid_key(&row->id), (uint32_t)i);
		index_add(&b->loans_by_key,
			  object_key(&row->contract, &row->contract_loan_id),
			  (uint32_t)i);
	}
	b->loans.at[i].row = *row;
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
	if (!object_is_none(&row->stream))
		assert_non_null(books_find_stream(b, &row->stream.contract,
						  &row->stream.id));
	if (!object_is_none(&row->loan))
		assert_non_null(books_find_loan(b, &row->loan));
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

/* The status last told of the row that a transition is about. */
static int *told_of(struct books *b, const struct changes *c,
		    const struct transition_row *t)
{
	bool gone = t->to == -1;

	switch (t->subject) {
	case SUBJECT_STREAM:
		assert_true(t->row < (gone ? c->n_gone_streams : c->n_streams));
		return &b->streams
			    .at[only(&b->streams_by_id,
				     uuid_key(gone ? &c->gone_streams[t->row].id
						   : &c->streams[t->row].id))]
			    .told;
	case SUBJECT_LOAN:
		assert_true(t->row < (gone ? c->n_gone_loans : c->n_loans));
		return &b->loans
			    .at[only(&b->loans_by_id,
				     uuid_key(gone ? &c->gone_loans[t->row].id
						   : &c->loans[t->row].id))]
			    .told;
	case SUBJECT_TRANSACTION:
		break;
	}
	assert_true(t->row < c->n_transactions);
	assert_true(allowed(t->from, t->to));
	return &b->transactions
		    .at[only(&b->transactions_by_id,
			     uuid_key(&c->transactions[t->row].id))]
		    .told;
}

/* Each transition begins where the last one of its row ended. */
static void apply_transition(struct books *b, const struct changes *c,
			     const struct transition_row *t)
{
	char text[96];
	int *told = told_of(b, c, t);

	assert_non_null(t->reason);
	assert_int_equal(*told, t->from);
	*told = t->to == -1 ? GONE : t->to;
	snprintf(text, sizeof(text), "%d>%d %s @%llu", t->from, t->to,
		 t->reason, (unsigned long long)t->block_number);
	*LIST_ADD(&b->history) = arena_strdup(b->kept, text);
}

/* No foreign key has to do anything: rows were told to let go. */
static void assert_let_go(struct books *b, const struct object_ref *gone)
{
	for (size_t i = 0; i < b->transactions.n; i++) {
		const struct transaction_row *row = &b->transactions.at[i].row;

		if (object_cmp(&row->stream, gone) == 0 ||
		    object_cmp(&row->loan, gone) == 0)
			fail_msg("a row still stands on what is gone");
	}
}

static void apply_quarantine(struct books *b, const struct changes *c)
{
	for (size_t i = 0; i < c->n_quarantine; i++)
		insert_quarantine(b, &c->quarantine[i], false);
	for (size_t i = 0; i < c->n_release; i++) {
		int64_t at =
		    only(&b->quarantine_facts,
			 fact_key(&c->release[i].at, c->release[i].part));

		assert_true(at >= 0);
		assert_false(b->quarantine.at[at].released);
		b->quarantine.at[at].released = true;
	}
}

/* The last transition of each row says what the row says. */
static void assert_told(struct books *b, const struct changes *c)
{
	for (size_t i = 0; i < c->n_streams; i++)
		assert_int_equal(b->streams
				     .at[only(&b->streams_by_id,
					      uuid_key(&c->streams[i].id))]
				     .told,
				 c->streams[i].status);
	for (size_t i = 0; i < c->n_loans; i++)
		assert_int_equal(
		    b->loans
			.at[only(&b->loans_by_id, uuid_key(&c->loans[i].id))]
			.told,
		    c->loans[i].status);
	for (size_t i = 0; i < c->n_transactions; i++)
		assert_int_equal(b->transactions
				     .at[only(&b->transactions_by_id,
					      uuid_key(&c->transactions[i].id))]
				     .told,
				 c->transactions[i].status);
}

void books_apply(struct books *b, const struct changes *c)
{
	for (size_t i = 0; i < c->n_streams; i++)
		apply_stream(b, &c->streams[i], c->stream_is_new[i]);
	for (size_t i = 0; i < c->n_loans; i++)
		apply_loan(b, &c->loans[i], c->loan_is_new[i]);
	for (size_t i = 0; i < c->n_taken; i++)
		apply_taken(b, &c->taken[i]);
	for (size_t i = 0; i < c->n_transactions; i++)
		apply_transaction(b, &c->transactions[i],
				  c->transaction_is_new[i]);
	for (size_t i = 0; i < c->n_transitions; i++)
		apply_transition(b, c, &c->transitions[i]);
	for (size_t i = 0; i < c->n_gone_streams && i < 4; i++)
		assert_let_go(b, &(struct object_ref){
				     c->gone_streams[i].contract,
				     c->gone_streams[i].contract_stream_id});
	for (size_t i = 0; i < c->n_gone_loans && i < 4; i++)
		assert_let_go(
		    b, &(struct object_ref){c->gone_loans[i].contract,
					    c->gone_loans[i].contract_loan_id});
	for (size_t i = 0; i < c->n_roles; i++) {
		int64_t at =
		    only(&b->transfer_facts, fact_key(&c->roles[i].at, 0));

		assert_true(at >= 0);
		assert_int_not_equal(b->transfers.at[at].row.role,
				     c->roles[i].role);
		b->transfers.at[at].row.role = c->roles[i].role;
	}
	apply_quarantine(b, c);
	assert_told(b, c);
}

/* A disbursement that the final block has passed. */
static void activate(struct books *b, struct stored_loan *loan)
{
	struct object_ref ref = {loan->row.contract,
				 loan->row.contract_loan_id};

	for (size_t i = 0; i < b->events.n; i++) {
		const struct stored_event *e = &b->events.at[i];
		struct object_ref of = {e->row.contract, e->row.subject};

		if (!e->orphaned && e->row.kind == EVENT_LOAN_DISBURSED &&
		    object_cmp(&of, &ref) == 0 &&
		    e->row.at.block_time == loan->row.disbursed_at &&
		    e->row.at.block_number <= b->finalized)
			loan->row.status = loan->told = LOAN_ACTIVE;
	}
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
	for (size_t i = 0; b->has_finalized && i < b->loans.n; i++)
		if (b->loans.at[i].told == LOAN_DISBURSED)
			activate(b, &b->loans.at[i]);
}
