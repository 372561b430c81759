#include "tests/model/lib_compare.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/model/lib_sums.h"

/* The first column that differs; NULL: none. */
#define CHECK(column, same)                                                    \
	do {                                                                   \
		if (!(same))                                                   \
			return column;                                         \
	} while (0)

static const char *stream_differs(const struct stream_row *a,
				  const struct stream_row *b)
{
	CHECK("worker_wallet",
	      address_eq(&a->worker_wallet, &b->worker_wallet));
	CHECK("platform_wallet",
	      address_eq(&a->platform_wallet, &b->platform_wallet));
	CHECK("worker_id", uuid_eq(&a->worker_id, &b->worker_id));
	CHECK("platform_id", uuid_eq(&a->platform_id, &b->platform_id));
	CHECK("total", equal(a->total, b->total));
	CHECK("released", equal(a->released, b->released));
	CHECK("claimed", equal(a->claimed, b->claimed));
	CHECK("refunded", equal(a->refunded, b->refunded));
	CHECK("start_time", a->start_time == b->start_time);
	CHECK("end_time", a->end_time == b->end_time);
	CHECK("release_interval",
	      equal(a->release_interval, b->release_interval));
	CHECK("next_release_at", a->next_release_at == b->next_release_at);
	CHECK("status", a->status == b->status);
	CHECK("paused_at", a->paused_at == b->paused_at);
	CHECK("completed_at", a->completed_at == b->completed_at);
	CHECK("cancelled_at", a->cancelled_at == b->cancelled_at);
	return NULL;
}

static const char *loan_differs(const struct loan_row *a,
				const struct loan_row *b)
{
	CHECK("worker_wallet",
	      address_eq(&a->worker_wallet, &b->worker_wallet));
	CHECK("worker_id", uuid_eq(&a->worker_id, &b->worker_id));
	CHECK("requested", equal(a->requested, b->requested));
	CHECK("approved", equal(a->approved, b->approved));
	CHECK("fee", equal(a->fee, b->fee));
	CHECK("fee_bps", a->fee_bps == b->fee_bps);
	CHECK("owed", equal(a->owed, b->owed));
	CHECK("repaid", equal(a->repaid, b->repaid));
	CHECK("remaining", equal(a->remaining, b->remaining));
	CHECK("repayments", a->repayments == b->repayments);
	CHECK("status", a->status == b->status);
	CHECK("requested_at", a->requested_at == b->requested_at);
	CHECK("approved_at", a->approved_at == b->approved_at);
	CHECK("disbursed_at", a->disbursed_at == b->disbursed_at);
	CHECK("due_at", a->due_at == b->due_at);
	CHECK("repaid_at", a->repaid_at == b->repaid_at);
	CHECK("defaulted_at", a->defaulted_at == b->defaulted_at);
	return NULL;
}

static const char *transaction_differs(const struct transaction_row *a,
				       const struct transaction_row *b)
{
	CHECK("type", a->type == b->type);
	CHECK("status", a->status == b->status);
	CHECK("worker_id", uuid_eq(&a->worker_id, &b->worker_id));
	CHECK("platform_id", uuid_eq(&a->platform_id, &b->platform_id));
	CHECK("stream", object_cmp(&a->stream, &b->stream) == 0);
	CHECK("loan", object_cmp(&a->loan, &b->loan) == 0);
	CHECK("has_block", a->has_block == b->has_block);
	CHECK("block_number", a->block_number == b->block_number);
	CHECK("block_hash", hash_eq(&a->block_hash, &b->block_hash));
	CHECK("log_index", a->log_index == b->log_index);
	CHECK("submitted_at", a->submitted_at == b->submitted_at);
	CHECK("confirmed_at", a->confirmed_at == b->confirmed_at);
	return NULL;
}

static void compare_stream(const struct registry *registry, struct books *books,
			   const struct stream *stream)
{
	struct stream_row wanted = expected_stream(registry, stream);
	const struct stream_row *row =
	    books_stream(books, wanted.contract, stream->id);
	const char *column =
	    row ? stream_differs(&wanted, row) : "there is no row";

	if (column)
		fail_msg("stream %llu of contract %u: %s",
			 (unsigned long long)stream->id, stream->contract,
			 column);
}

static void compare_loan(const struct registry *registry, struct books *books,
			 const struct loan *loan, uint64_t finalized)
{
	struct loan_row wanted = expected_loan(registry, loan, finalized);
	const struct loan_row *row = books_loan(books, loan->id);
	const char *column =
	    row ? loan_differs(&wanted, row) : "there is no row";

	if (column)
		fail_msg("loan %llu: %s", (unsigned long long)loan->id, column);
}

/* Whether it is a transaction. */
static bool compare_move(const struct world *world,
			 const struct registry *registry, struct books *books,
			 const struct move *move, uint64_t finalized)
{
	struct address from = wallet_of(move->from);
	struct address to = wallet_of(move->to);
	const struct transaction_row *row =
	    books_transaction(books, move->tx, from, to, move->amount,
			      expected_ordinal(world, move));
	struct transaction_row wanted;
	const char *column = NULL;
	bool is =
	    expected_transaction(&wanted, world, registry, move, finalized);

	if (is)
		column =
		    row ? transaction_differs(&wanted, row) : "there is no row";
	else if (row && row->has_block)
		column = "it is none, but stands in a block";
	if (column)
		fail_msg("transaction at block %llu, log %u: %s",
			 (unsigned long long)move->at.block_number,
			 move->at.log_index, column);
	return is;
}

/* A Transfer is kept where either side is a contract or somebody known. */
static bool touches(const struct registry *registry, unsigned who)
{
	return (who >= WHO_TOKEN && who <= WHO_REPUTATION) ||
	       !uuid_is_nil(&registry->worker[who]) ||
	       !uuid_is_nil(&registry->platform[who]);
}

/* Whether an event of a stream or a loan is in its transaction, beside which
 * every Transfer is kept; *mark goes on with the blocks. */
static bool has_event(const struct world *world, const struct place *at,
		      size_t *mark)
{
	const struct mark *marks = world->marks;

	while (*mark < world->n_marks &&
	       marks[*mark].at.block_number < at->block_number)
		++*mark;
	for (size_t i = *mark; i < world->n_marks; i++) {
		if (marks[i].at.block_number != at->block_number)
			return false;
		if (marks[i].kind == MARK_OBJECT &&
		    marks[i].at.tx_index == at->tx_index)
			return true;
	}
	return false;
}

/* Every event is a fact, and what does not decode is none. */
static void compare_marks(const struct world *world, struct books *books,
			  const struct books_counts *counts)
{
	size_t events = 0, malformed = 0;

	for (size_t i = 0; i < world->n_marks; i++) {
		const struct mark *mark = &world->marks[i];
		bool stored = books_has_event(books, &mark->at);

		if (mark->kind != MARK_OTHER)
			assert_int_equal(stored, mark->kind != MARK_MALFORMED);
		events += stored;
		malformed += mark->kind == MARK_MALFORMED;
	}
	assert_int_equal(counts->malformed, malformed);
	if (world->hostile)
		return;
	assert_int_equal(counts->events, events);
	assert_int_equal(counts->quarantined, 0);
}

static bool is_hostile(const struct world *world, const struct move *move)
{
	return world->hostile &&
	       (move->from == WHO_STREAMS2 || move->to == WHO_STREAMS2);
}

static void compare_moves(const struct world *world,
			  const struct registry *registry, struct books *books,
			  const struct books_counts *counts, uint64_t finalized,
			  bool keep_all)
{
	size_t transactions = 0, facts = 0, mark = 0;

	for (size_t i = 0; i < world->n_moves; i++) {
		const struct move *move = &world->moves[i];

		if (is_hostile(world, move))
			continue;
		transactions +=
		    compare_move(world, registry, books, move, finalized);
		if (!keep_all && !touches(registry, move->from) &&
		    !touches(registry, move->to) &&
		    !has_event(world, &move->at, &mark))
			continue;
		assert_int_equal(books_role_at(books, &move->at),
				 expected_role(move));
		facts++;
	}
	if (world->hostile)
		return;
	assert_int_equal(counts->placed, transactions);
	assert_int_equal(counts->transfers, facts);
}

void compare(const struct world *world, const struct registry *registry,
	     struct books *books, uint64_t finalized, bool keep_all)
{
	struct books_counts counts = books_count(books);

	for (size_t i = 0; i < world->now.n_streams; i++)
		compare_stream(registry, books, &world->now.streams[i]);
	for (size_t i = 0; i < world->now.n_loans; i++)
		compare_loan(registry, books, &world->now.loans[i], finalized);
	compare_moves(world, registry, books, &counts, finalized, keep_all);
	compare_marks(world, books, &counts);
	assert_int_equal(counts.loans, world->now.n_loans);
	if (!world->hostile)
		assert_int_equal(counts.streams, world->now.n_streams);
}
