#include "tests/unit/lib_books_inside.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

const struct stream_row *books_find_stream(struct books *b,
					   const struct address *contract,
					   const struct u256 *id)
{
	uint64_t key = object_key(contract, id);
	const struct stream_row *found = NULL;
	uint32_t i;

	for (size_t k = 0; index_next(&b->streams_by_key, key, &k, &i);)
		if (b->streams.at[i].told != GONE) {
			assert_null(found);
			found = &b->streams.at[i].row;
		}
	return found;
}

const struct loan_row *books_find_loan(struct books *b,
				       const struct object_ref *ref)
{
	uint64_t key = object_key(&ref->contract, &ref->id);
	const struct loan_row *found = NULL;
	uint32_t i;

	for (size_t k = 0; index_next(&b->loans_by_key, key, &k, &i);)
		if (b->loans.at[i].told != GONE) {
			assert_null(found);
			found = &b->loans.at[i].row;
		}
	return found;
}

const struct loan_row *books_loan(struct books *b, uint64_t id)
{
	return books_find_loan(b,
			       &(struct object_ref){LOANS, u256_from_u64(id)});
}

const struct stream_row *books_stream(struct books *b, struct address contract,
				      uint64_t id)
{
	struct u256 wide = u256_from_u64(id);

	return books_find_stream(b, &contract, &wide);
}

const struct transaction_row *books_transaction(struct books *b, unsigned tx,
						struct address from,
						struct address to,
						struct u256 amount, unsigned k)
{
	struct hash hash = tx_hash_of(tx);
	uint64_t key = tx_key(&hash);
	uint32_t i;

	for (size_t at = 0; index_next(&b->transactions_by_tx, key, &at, &i);) {
		const struct transaction_row *row = &b->transactions.at[i].row;

		if (address_eq(&row->from, &from) &&
		    address_eq(&row->to, &to) &&
		    u256_cmp(&row->amount, &amount) == 0 && row->ordinal == k &&
		    !row->is_open && hash_eq(&row->tx_hash, &hash) &&
		    b->transactions.at[i].told != GONE)
			return row;
	}
	return NULL;
}

void books_fail(struct books *b, unsigned tx, struct address from,
		struct address to, struct u256 amount)
{
	const struct transaction_row *row =
	    books_transaction(b, tx, from, to, amount, 0);

	assert_non_null(row);
	for (size_t i = 0; i < b->transactions.n; i++)
		if (&b->transactions.at[i].row == row)
			b->transactions.at[i].told =
			    b->transactions.at[i].row.status = STATUS_FAILED;
}

/* Nearer to what it comes after than what was found? */
static bool is_next(const struct transfer_row *after,
		    const struct transfer_row *row,
		    const struct transfer_row *found)
{
	return (!after || row->at.log_index > after->at.log_index) &&
	       (!found || row->at.log_index < found->at.log_index);
}

/* The first equal one after that one; NULL: none. */
static const struct transfer_row *equal_after(struct books *b,
					      const struct transfer_row *after,
					      const struct transfer_row *like)
{
	uint64_t key = tx_key(&like->at.tx_hash);
	const struct transfer_row *found = NULL;
	uint32_t i;

	for (size_t at = 0; index_next(&b->transfers_by_tx, key, &at, &i);) {
		const struct stored_transfer *t = &b->transfers.at[i];

		if (!t->orphaned && address_eq(&t->row.from, &like->from) &&
		    address_eq(&t->row.to, &like->to) &&
		    u256_cmp(&t->row.amount, &like->amount) == 0 &&
		    is_next(after, &t->row, found))
			found = &t->row;
	}
	return found;
}

const struct transfer_row *books_transfer(struct books *b, unsigned tx,
					  struct address from,
					  struct address to, struct u256 amount,
					  unsigned k)
{
	const struct transfer_row like = {.at = {.tx_hash = tx_hash_of(tx)},
					  .from = from,
					  .to = to,
					  .amount = amount};
	const struct transfer_row *found = NULL;

	do
		found = equal_after(b, found, &like);
	while (found && k-- > 0);
	assert_non_null(found);
	return found;
}

enum transfer_role books_role(struct books *b, unsigned tx, struct address from,
			      struct address to, struct u256 amount, unsigned k)
{
	return books_transfer(b, tx, from, to, amount, k)->role;
}

enum transfer_role books_role_at(struct books *b, const struct place *at)
{
	size_t k = 0;
	uint32_t i;

	if (!index_next(&b->transfer_facts, fact_key(at, 0), &k, &i) ||
	    b->transfers.at[i].orphaned)
		fail_msg("there is no such transfer");
	return b->transfers.at[i].row.role;
}

bool books_has_event(struct books *b, const struct place *at)
{
	size_t k = 0;
	uint32_t i;

	return index_next(&b->event_facts, fact_key(at, 0), &k, &i) &&
	       !b->events.at[i].orphaned;
}

struct books_counts books_count(struct books *b)
{
	struct books_counts c = {.transitions = b->history.n};

	for (size_t i = 0; i < b->transactions.n; i++)
		c.transactions += b->transactions.at[i].told != GONE;
	for (size_t i = 0; i < b->streams.n; i++)
		c.streams += b->streams.at[i].told != GONE;
	for (size_t i = 0; i < b->loans.n; i++)
		c.loans += b->loans.at[i].told != GONE;
	for (size_t i = 0; i < b->transactions.n; i++)
		c.placed += b->transactions.at[i].row.has_block;
	for (size_t i = 0; i < b->transfers.n; i++)
		c.transfers += !b->transfers.at[i].orphaned;
	for (size_t i = 0; i < b->events.n; i++)
		c.events += !b->events.at[i].orphaned;
	for (size_t i = 0; i < b->quarantine.n; i++) {
		const struct stored_quarantine *q = &b->quarantine.at[i];

		if (q->orphaned || q->released)
			continue;
		c.malformed += q->malformed;
		c.quarantined += !q->malformed;
	}
	return c;
}

const char *books_reason(struct books *b, uint64_t block_number,
			 uint32_t log_index)
{
	for (size_t i = 0; i < b->quarantine.n; i++) {
		const struct stored_quarantine *q = &b->quarantine.at[i];

		if (!q->orphaned && !q->released &&
		    q->row.at.block_number == block_number &&
		    q->row.at.log_index == log_index)
			return q->row.reason;
	}
	return NULL;
}

const char *books_history(struct books *b, size_t from_the_end)
{
	assert_true(from_the_end < b->history.n);
	return b->history.at[b->history.n - 1 - from_the_end];
}

static void assert_stream(const struct stream_row *x,
			  const struct stream_row *y)
{
	assert_true(address_eq(&x->worker_wallet, &y->worker_wallet));
	assert_true(address_eq(&x->platform_wallet, &y->platform_wallet));
	assert_true(uuid_eq(&x->worker_id, &y->worker_id));
	assert_true(uuid_eq(&x->platform_id, &y->platform_id));
	assert_int_equal(u256_cmp(&x->total, &y->total), 0);
	assert_int_equal(u256_cmp(&x->released, &y->released), 0);
	assert_int_equal(u256_cmp(&x->claimed, &y->claimed), 0);
	assert_int_equal(u256_cmp(&x->refunded, &y->refunded), 0);
	assert_int_equal(u256_cmp(&x->release_interval, &y->release_interval),
			 0);
	assert_int_equal(x->start_time, y->start_time);
	assert_int_equal(x->end_time, y->end_time);
	assert_int_equal(x->next_release_at, y->next_release_at);
	assert_int_equal(x->status, y->status);
	assert_int_equal(x->paused_at, y->paused_at);
	assert_int_equal(x->completed_at, y->completed_at);
	assert_int_equal(x->cancelled_at, y->cancelled_at);
}

static bool same_transaction(const struct transaction_row *x,
			     const struct transaction_row *y)
{
	return x->type == y->type && x->status == y->status &&
	       address_eq(&x->from, &y->from) && address_eq(&x->to, &y->to) &&
	       u256_cmp(&x->amount, &y->amount) == 0 &&
	       x->ordinal == y->ordinal &&
	       uuid_eq(&x->worker_id, &y->worker_id) &&
	       uuid_eq(&x->platform_id, &y->platform_id) &&
	       object_cmp(&x->stream, &y->stream) == 0 &&
	       object_cmp(&x->loan, &y->loan) == 0 &&
	       x->has_block == y->has_block &&
	       x->block_number == y->block_number &&
	       hash_eq(&x->block_hash, &y->block_hash) &&
	       x->log_index == y->log_index &&
	       (x->hash_given || x->submitted_at == y->submitted_at) &&
	       x->confirmed_at == y->confirmed_at;
}

static void assert_streams(struct books *a, struct books *b)
{
	for (size_t i = 0; i < a->streams.n; i++) {
		const struct stream_row *row = &a->streams.at[i].row;
		const struct stream_row *other;

		if (a->streams.at[i].told == GONE)
			continue;
		other = books_find_stream(b, &row->contract,
					  &row->contract_stream_id);
		assert_non_null(other);
		assert_stream(row, other);
	}
}

const struct transaction_row *books_intent(struct books *b, size_t i)
{
	assert_true(i < b->intents.n);
	return &b->transactions.at[b->intents.at[i]].row;
}

static void assert_loan(const struct loan_row *x, const struct loan_row *y)
{
	assert_true(address_eq(&x->worker_wallet, &y->worker_wallet));
	assert_true(uuid_eq(&x->worker_id, &y->worker_id));
	assert_int_equal(u256_cmp(&x->requested, &y->requested), 0);
	assert_int_equal(u256_cmp(&x->approved, &y->approved), 0);
	assert_int_equal(u256_cmp(&x->fee, &y->fee), 0);
	assert_int_equal(x->fee_bps, y->fee_bps);
	assert_int_equal(u256_cmp(&x->owed, &y->owed), 0);
	assert_int_equal(u256_cmp(&x->repaid, &y->repaid), 0);
	assert_int_equal(u256_cmp(&x->remaining, &y->remaining), 0);
	assert_int_equal(x->repayments, y->repayments);
	assert_int_equal(x->status, y->status);
	assert_int_equal(x->requested_at, y->requested_at);
	assert_int_equal(x->approved_at, y->approved_at);
	assert_int_equal(x->disbursed_at, y->disbursed_at);
	assert_int_equal(x->due_at, y->due_at);
	assert_int_equal(x->repaid_at, y->repaid_at);
	assert_int_equal(x->defaulted_at, y->defaulted_at);
}

static void assert_loans(struct books *a, struct books *b)
{
	for (size_t i = 0; i < a->loans.n; i++) {
		const struct loan_row *row = &a->loans.at[i].row;
		const struct loan_row *other;

		if (a->loans.at[i].told == GONE)
			continue;
		other = books_find_loan(
		    b,
		    &(struct object_ref){row->contract, row->contract_loan_id});
		assert_non_null(other);
		assert_loan(row, other);
	}
}

static void assert_transactions(struct books *a, struct books *b)
{
	for (size_t i = 0; i < a->transactions.n; i++) {
		const struct transaction_row *row = &a->transactions.at[i].row;
		uint64_t key = tx_key(&row->tx_hash);
		bool found = false;
		uint32_t j;

		if (!row->has_block)
			continue;
		for (size_t k = 0;
		     index_next(&b->transactions_by_tx, key, &k, &j);)
			found |=
			    same_transaction(row, &b->transactions.at[j].row);
		assert_true(found);
	}
}

static void assert_roles(struct books *a, struct books *b)
{
	for (size_t i = 0; i < a->transfers.n; i++) {
		const struct stored_transfer *t = &a->transfers.at[i];
		size_t at = 0;
		uint32_t j;

		if (t->orphaned)
			continue;
		assert_true(index_next(&b->transfer_facts,
				       fact_key(&t->row.at, 0), &at, &j));
		assert_false(b->transfers.at[j].orphaned);
		assert_int_equal(t->row.role, b->transfers.at[j].row.role);
	}
}

static void assert_quarantine(struct books *a, struct books *b)
{
	for (size_t i = 0; i < a->quarantine.n; i++) {
		const struct stored_quarantine *q = &a->quarantine.at[i];
		const struct stored_quarantine *other;
		size_t at = 0;
		uint32_t j;

		if (q->orphaned || q->released)
			continue;
		assert_true(index_next(&b->quarantine_facts,
				       fact_key(&q->row.at, q->row.part), &at,
				       &j));
		other = &b->quarantine.at[j];
		assert_false(other->orphaned || other->released);
		assert_int_equal(q->malformed, other->malformed);
		assert_string_equal(q->row.reason, other->row.reason);
	}
}

void books_assert_same(struct books *a, struct books *b)
{
	struct books_counts x = books_count(a), y = books_count(b);

	assert_int_equal(x.streams, y.streams);
	assert_int_equal(x.loans, y.loans);
	assert_int_equal(x.placed, y.placed);
	assert_int_equal(x.transfers, y.transfers);
	assert_int_equal(x.events, y.events);
	assert_int_equal(x.quarantined, y.quarantined);
	assert_int_equal(x.malformed, y.malformed);
	assert_streams(a, b);
	assert_loans(a, b);
	assert_transactions(a, b);
	assert_roles(a, b);
	assert_quarantine(a, b);
}
