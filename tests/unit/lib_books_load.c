#include "tests/unit/lib_books_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A closure over transactions and objects, which are streams and loans:
 * whatever names one brings all of that one, whatever stands in a transaction all of that transaction. */
struct closure {
	struct books *books;
	struct index seen_txs, seen_objects;
	struct seeds todo;
	LIST(struct event_row) events;
	LIST(struct transfer_row) transfers;
	LIST(struct quarantine_row) quarantined;
	LIST(struct stream_row) streams;
	LIST(struct loan_row) loans;
	LIST(struct transaction_row) transactions;
};

static void visit(struct index *seen, struct keys *todo, uint64_t key)
{
	size_t at = 0;
	uint32_t value;

	if (index_next(seen, key, &at, &value))
		return;
	index_add(seen, key, 0);
	*LIST_ADD(todo) = key;
}

static void visit_tx(struct closure *c, uint64_t key)
{
	visit(&c->seen_txs, &c->todo.txs, key);
}

static void visit_object(struct closure *c, uint64_t key)
{
	visit(&c->seen_objects, &c->todo.objects, key);
}

static void take_quarantine(struct closure *c, const struct event_row *row)
{
	struct books *books = c->books;
	uint64_t key = fact_key(&row->at, row->part);
	uint32_t i;

	for (size_t k = 0; index_next(&books->quarantine_facts, key, &k, &i);) {
		struct stored_quarantine *q = &books->quarantine.at[i];

		if (!q->malformed && !q->orphaned && !q->released)
			*LIST_ADD(&c->quarantined) = q->row;
	}
}

static void take_event(struct closure *c, struct stored_event *event)
{
	if (event->orphaned || event->seen == c->books->load)
		return;
	event->seen = c->books->load;
	*LIST_ADD(&c->events) = event->row;
	take_quarantine(c, &event->row);
	visit_tx(c, tx_key(&event->row.at.tx_hash));
	if (event->row.kind < FOLDED_KINDS)
		visit_object(
		    c, object_key(&event->row.contract, &event->row.subject));
}

static void take_tx(struct closure *c, uint64_t key)
{
	struct books *b = c->books;
	uint32_t i;

	for (size_t k = 0; index_next(&b->events_by_tx, key, &k, &i);)
		take_event(c, &b->events.at[i]);
	for (size_t k = 0; index_next(&b->transactions_by_tx, key, &k, &i);) {
		const struct stored_transaction *t = &b->transactions.at[i];

		if (t->told != GONE && t->row.has_hash &&
		    tx_key(&t->row.tx_hash) == key)
			*LIST_ADD(&c->transactions) = t->row;
	}
	for (size_t k = 0; index_next(&b->transfers_by_tx, key, &k, &i);) {
		struct stored_transfer *t = &b->transfers.at[i];

		if (!t->orphaned && t->seen != b->load)
			*LIST_ADD(&c->transfers) = t->row;
		t->seen = b->load;
	}
}

static void take_object(struct closure *c, uint64_t key)
{
	struct books *b = c->books;
	uint32_t i;

	for (size_t k = 0; index_next(&b->events_by_object, key, &k, &i);)
		take_event(c, &b->events.at[i]);
	for (size_t k = 0; index_next(&b->streams_by_key, key, &k, &i);)
		if (b->streams.at[i].told != GONE)
			*LIST_ADD(&c->streams) = b->streams.at[i].row;
	for (size_t k = 0; index_next(&b->loans_by_key, key, &k, &i);)
		if (b->loans.at[i].told != GONE)
			*LIST_ADD(&c->loans) = b->loans.at[i].row;
}

/* Those without a hash, whatever the transfers. */
static void take_intents(struct closure *c)
{
	struct books *b = c->books;

	for (size_t i = 0; i < b->intents.n; i++) {
		const struct transaction_row *row =
		    &b->transactions.at[b->intents.at[i]].row;

		if (row->is_open && !row->has_hash)
			*LIST_ADD(&c->transactions) = *row;
	}
}

/* Ids grow with age, as far as it matters: those of intents. */
static int age_cmp(const void *a, const void *b)
{
	const struct transaction_row *x = a, *y = b;

	return memcmp(&x->id, &y->id, sizeof(x->id));
}

/* A copy of a list in the arena, the list itself freed. */
static void *moved(struct arena *arena, void *at, size_t n, size_t size)
{
	struct bytes copy = arena_copy(arena, at, n * size);

	assert_non_null(copy.data);
	free(at);
	return (void *)(uintptr_t)copy.data;
}

#define MOVE(name)                                                             \
	(loaded->n_##name = c.name.n,                                          \
	 loaded->name = moved(arena, c.name.at, c.name.n, sizeof(*c.name.at)))

void books_load(struct books *books, struct arena *arena,
		const struct seeds *seeds, struct loaded *loaded)
{
	struct closure c = {.books = books};

	books->load++;
	for (size_t i = 0; i < seeds->txs.n; i++)
		visit_tx(&c, seeds->txs.at[i]);
	for (size_t i = 0; i < seeds->objects.n; i++)
		visit_object(&c, seeds->objects.at[i]);
	while (c.todo.txs.n || c.todo.objects.n) {
		if (c.todo.txs.n)
			take_tx(&c, c.todo.txs.at[--c.todo.txs.n]);
		else
			take_object(&c, c.todo.objects.at[--c.todo.objects.n]);
	}
	take_intents(&c);
	if (c.transactions.n)
		qsort(c.transactions.at, c.transactions.n,
		      sizeof(*c.transactions.at), age_cmp);
	MOVE(events);
	MOVE(transfers);
	MOVE(quarantined);
	MOVE(streams);
	MOVE(loans);
	MOVE(transactions);
	loaded->parties = books->parties.at;
	loaded->n_parties = books->parties.n;
	seeds_free(&c.todo);
	index_free(&c.seen_txs);
	index_free(&c.seen_objects);
}
