#include "tests/unit/lib_books_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOOKS_CAP ((size_t)4 << 30)
#define NOW_MS UINT64_C(1700000000000)

void *list_room(void *at, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return at;
	*room = *room ? *room * 2 : 16;
	at = realloc(at, *room * size);
	assert_non_null(at);
	return at;
}

uint64_t fact_key(const struct place *at, uint8_t part)
{
	const uint32_t which[] = {at->log_index, part};

	return index_key(&at->block_hash, sizeof(at->block_hash), which,
			 sizeof(which));
}

uint64_t object_key(const struct address *contract, const struct u256 *id)
{
	return index_key(contract, sizeof(*contract), id, sizeof(*id));
}

uint64_t tx_key(const struct hash *tx)
{
	return index_key(tx, sizeof(*tx), NULL, 0);
}

uint64_t uuid_key(const struct uuid *id)
{
	return index_key(id, sizeof(*id), NULL, 0);
}

void seeds_free(struct seeds *seeds)
{
	free(seeds->txs.at);
	free(seeds->objects.at);
}

struct books *books_new(void)
{
	struct books *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	b->kept = arena_new(BOOKS_CAP);
	assert_non_null(b->kept);
	cast_init(&b->cast);
	return b;
}

void books_free(struct books *b)
{
	struct index *indexes[] = {
	    &b->event_facts,	    &b->events_by_tx,	 &b->events_by_object,
	    &b->transfer_facts,	    &b->transfers_by_tx, &b->quarantine_facts,
	    &b->streams_by_key,	    &b->streams_by_id,	 &b->transactions_by_tx,
	    &b->transactions_by_id, &b->wallets,	 &b->loans_by_key,
	    &b->loans_by_id,
	};

	for (size_t i = 0; i < sizeof(indexes) / sizeof(*indexes); i++)
		index_free(indexes[i]);
	free(b->events.at);
	free(b->transfers.at);
	free(b->quarantine.at);
	free(b->streams.at);
	free(b->loans.at);
	free(b->transactions.at);
	free(b->parties.at);
	free(b->history.at);
	free(b->unconfirmed.at);
	free(b->intents.at);
	cast_free(&b->cast);
	arena_free(b->kept);
	free(b);
}

static struct uuid id_from(uint8_t kind, struct address wallet)
{
	struct uuid id = {{kind}};

	memcpy(id.b + 1, wallet.b + 5, 15);
	return id;
}

static struct party_row *party(struct books *b, struct address wallet)
{
	uint64_t key = index_key(&wallet, sizeof(wallet), NULL, 0);
	size_t at = 0;
	uint32_t i;

	if (index_next(&b->wallets, key, &at, &i))
		return &b->parties.at[i];
	index_add(&b->wallets, key, (uint32_t)b->parties.n);
	*LIST_ADD(&b->parties) = (struct party_row){.wallet = wallet};
	return &b->parties.at[b->parties.n - 1];
}

struct uuid books_worker(struct books *b, struct address wallet)
{
	return party(b, wallet)->worker_id = id_from(1, wallet);
}

struct uuid books_platform(struct books *b, struct address wallet)
{
	return party(b, wallet)->platform_id = id_from(2, wallet);
}

struct books *books_like(const struct books *books)
{
	struct books *other = books_new();

	for (size_t i = 0; i < books->parties.n; i++) {
		const struct party_row *row = &books->parties.at[i];

		*party(other, row->wallet) = *row;
	}
	other->keep_all = books->keep_all;
	books_copy_intents(other, books);
	return other;
}

void books_keep_all(struct books *b)
{
	b->keep_all = true;
}

void books_node(struct books *b, uint64_t head, uint64_t finalized)
{
	b->head = head;
	b->finalized = finalized;
	b->has_finalized = true;
}

static bool watched(void *arg, const struct address *wallet)
{
	struct books *b = arg;
	size_t at = 0;
	uint32_t i;

	return index_next(&b->wallets,
			  index_key(wallet, sizeof(*wallet), NULL, 0), &at, &i);
}

static void run(struct books *b, struct arena *arena, struct changes *changes,
		const struct facts *facts, const struct seeds *seeds,
		const char *reason)
{
	struct reconcile_input in = {
	    .rules = &b->cast.rules,
	    .head = b->head,
	    .finalized = b->finalized,
	    .has_finalized = b->has_finalized,
	    .reason = reason,
	};
	struct loaded loaded;
	struct fault fault = {0};

	books_load(b, arena, seeds, &loaded);
	assert_int_equal(facts_join(&in, arena, facts, &loaded), OK);
	if (reconcile(changes, arena, &in, NOW_MS, &fault) != OK)
		fail_msg("reconcile: %s", fault.text);
}

static void assert_idle(struct books *b, struct arena *arena,
			const struct seeds *seeds)
{
	struct changes c;

	run(b, arena, &c, NULL, seeds, NULL);
	assert_int_equal(c.n_streams, 0);
	assert_int_equal(c.n_gone_streams, 0);
	assert_int_equal(c.n_loans, 0);
	assert_int_equal(c.n_gone_loans, 0);
	assert_int_equal(c.n_transactions, 0);
	assert_int_equal(c.n_taken, 0);
	assert_int_equal(c.n_transitions, 0);
	assert_int_equal(c.n_roles, 0);
	assert_int_equal(c.n_quarantine, 0);
	assert_int_equal(c.n_release, 0);
}

static void seed_event(struct seeds *seeds, const struct event_row *row)
{
	*LIST_ADD(&seeds->txs) = tx_key(&row->at.tx_hash);
	if (row->kind < FOLDED_KINDS)
		*LIST_ADD(&seeds->objects) =
		    object_key(&row->contract, &row->subject);
}

void books_feed(struct books *b, const struct block *blocks, size_t n)
{
	struct arena *arena = arena_new(BOOKS_CAP);
	struct span span = {
	    .from = blocks[0].ref.number,
	    .to = blocks[n - 1].ref.number,
	    .blocks = (struct block *)(uintptr_t)blocks,
	    .n_blocks = n,
	    .verified_by = "receipts",
	};
	struct facts_scope scope = {&b->cast.rules, watched, b, b->keep_all};
	struct facts facts;
	struct changes changes;
	struct seeds seeds = {0};

	assert_non_null(arena);
	assert_int_equal(facts_read(&facts, arena, &span, &scope), OK);
	assert_int_equal(facts.n_blocks, n);
	for (size_t i = 0; i < facts.n_events; i++)
		seed_event(&seeds, &facts.events[i]);
	for (size_t i = 0; i < facts.n_transfers; i++)
		*LIST_ADD(&seeds.txs) = tx_key(&facts.transfers[i].at.tx_hash);
	run(b, arena, &changes, &facts, &seeds, NULL);
	books_insert(b, &facts);
	books_apply(b, &changes);
	books_confirm(b);
	assert_idle(b, arena, &seeds);
	seeds_free(&seeds);
	arena_free(arena);
}

static void orphan(struct books *b, uint64_t ancestor, struct seeds *seeds)
{
	for (size_t i = 0; i < b->events.n; i++) {
		struct stored_event *e = &b->events.at[i];

		if (e->orphaned || e->row.at.block_number <= ancestor)
			continue;
		e->orphaned = true;
		seed_event(seeds, &e->row);
	}
	for (size_t i = 0; i < b->transfers.n; i++) {
		struct stored_transfer *t = &b->transfers.at[i];

		if (t->orphaned || t->row.at.block_number <= ancestor)
			continue;
		t->orphaned = true;
		*LIST_ADD(&seeds->txs) = tx_key(&t->row.at.tx_hash);
	}
	for (size_t i = 0; i < b->quarantine.n; i++)
		if (b->quarantine.at[i].row.at.block_number > ancestor)
			b->quarantine.at[i].orphaned = true;
	for (size_t i = 0; i < b->transactions.n; i++) {
		struct transaction_row *row = &b->transactions.at[i].row;

		if (!row->has_block || row->block_number <= ancestor)
			continue;
		row->has_block = false;
		row->block_number = 0;
		row->block_hash = (struct hash){{0}};
		row->log_index = 0;
	}
}

void books_rollback(struct books *b, uint64_t ancestor)
{
	struct arena *arena = arena_new(BOOKS_CAP);
	struct changes changes;
	struct seeds seeds = {0};

	assert_non_null(arena);
	orphan(b, ancestor, &seeds);
	run(b, arena, &changes, NULL, &seeds, "reorg");
	books_apply(b, &changes);
	assert_idle(b, arena, &seeds);
	seeds_free(&seeds);
	arena_free(arena);
}

void books_orphan(struct books *b, uint64_t ancestor)
{
	struct seeds seeds = {0};

	orphan(b, ancestor, &seeds);
	seeds_free(&seeds);
}

static void seed_all(struct books *b, struct seeds *seeds)
{
	for (size_t i = 0; i < b->events.n; i++)
		seed_event(seeds, &b->events.at[i].row);
	for (size_t i = 0; i < b->transfers.n; i++)
		*LIST_ADD(&seeds->txs) =
		    tx_key(&b->transfers.at[i].row.at.tx_hash);
}

void books_take_up(struct books *b)
{
	struct arena *arena = arena_new(BOOKS_CAP);
	struct changes changes;
	struct seeds seeds = {0};

	assert_non_null(arena);
	seed_all(b, &seeds);
	run(b, arena, &changes, NULL, &seeds, NULL);
	books_apply(b, &changes);
	assert_idle(b, arena, &seeds);
	seeds_free(&seeds);
	arena_free(arena);
}

void books_check(struct books *b)
{
	struct arena *arena = arena_new(BOOKS_CAP);
	struct seeds seeds = {0};

	assert_non_null(arena);
	seed_all(b, &seeds);
	assert_idle(b, arena, &seeds);
	seeds_free(&seeds);
	arena_free(arena);
}
