#include <string.h>

#include "db/store/store_impl.h"
#include "embedded/queries.h"

#define INTENTS_MOST 1000

static void tell_loaded(struct store *store, const struct fault *fault)
{
	store->cb.loaded(store->arg, fault->code, fault,
			 fault->code == OK ? store->loaded : NULL);
}

static void add_load_events(struct store *store)
{
	const struct concern *c = &store->concern;

	store->first = store_add(store, queries_load_events);
	concern_put_objects(c, &store->sql);
	concern_put_txs(c, &store->sql);
}

/* What the new transfers move: it may have been intended. */
static void put_moved(struct store *store)
{
	size_t n = store->facts ? store->facts->n_transfers : 0;

	sql_columns(&store->sql, 3);
	for (size_t i = 0; i < n; i++) {
		const struct transfer_row *t = &store->facts->transfers[i];

		if (store->is_fresh &&
		    !concern_has_tx(&store->concern, &t->at.tx_hash))
			continue;
		sql_put_address(&store->sql, &t->from);
		sql_put_address(&store->sql, &t->to);
		sql_put_u256(&store->sql, &t->amount);
	}
}

/* STORE_LOAD_STATEMENTS of them. Returns the index of the first. */
static size_t add_load_rows(struct store *store)
{
	const struct concern *c = &store->concern;
	struct sql_batch *sql = &store->sql;
	size_t first = store_add(store, queries_load_transfers);

	concern_put_txs(c, sql);
	store_add(store, queries_load_transactions);
	concern_put_txs(c, sql);
	put_moved(store);
	store_add(store, queries_load_streams);
	concern_put_objects(c, sql);
	store_add(store, queries_load_loans);
	concern_put_objects(c, sql);
	store_add(store, queries_load_quarantined);
	concern_put_objects(c, sql);
	concern_put_txs(c, sql);
	store_add(store, queries_load_parties);
	concern_put_wallets(c, sql);
	concern_put_txs(c, sql);
	concern_put_objects(c, sql);
	return first;
}

static void on_rows(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err = store_read_loaded(store->loaded, store->arena,
					 results + store->first, &fault);

	store_end(store, err, &fault);
}

static void load_rows(struct store *store)
{
	store->first = add_load_rows(store);
	store_send(store, on_rows);
}

/* Which object it is of, and whom it names. */
static void concern_event(struct concern *c, struct arena *arena,
			  const struct event_row *e)
{
	if (e->kind < FOLDED_KINDS)
		concern_add_object(c, arena, &e->contract, &e->subject);
	concern_add_topics(c, arena, e->topics, e->n_topics);
	concern_add_data(c, arena, e->data);
}

void concern_new_events(struct store *store, const struct facts *facts)
{
	struct concern *c = &store->concern;

	for (size_t i = 0; i < facts->n_events; i++) {
		concern_event(c, store->arena, &facts->events[i]);
		if (!store->is_fresh)
			concern_add_tx(c, store->arena,
				       &facts->events[i].at.tx_hash);
	}
}

/* Stored events bring their transactions and whom they name. */
static void concern_stored_events(struct store *store)
{
	struct concern *c = &store->concern;

	for (size_t i = 0; i < store->loaded->n_events; i++) {
		concern_event(c, store->arena, &store->loaded->events[i]);
		concern_add_tx(c, store->arena,
			       &store->loaded->events[i].at.tx_hash);
	}
	concern_settle(c);
}

static void on_events(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err = store_read_events(store->loaded, store->arena,
					 results[store->first], &fault);

	if (err) {
		store_end(store, err, &fault);
		return;
	}
	if (store->loaded->n_events == 0 && !store->has_new_events) {
		/* Plain transfers: their rows came in the same round trip. */
		store->first++;
		on_rows(store, results);
		return;
	}
	concern_stored_events(store);
	load_rows(store);
}

static void concern_facts(struct store *store, const struct facts *facts)
{
	struct concern *c = &store->concern;

	concern_new_events(store, facts);
	for (size_t i = 0; i < facts->n_transfers; i++) {
		const struct transfer_row *t = &facts->transfers[i];

		concern_add_tx(c, store->arena, &t->at.tx_hash);
		concern_add_wallet(c, store->arena, &t->from);
		concern_add_wallet(c, store->arena, &t->to);
	}
}

enum err store_start_load(struct store *store, struct arena *arena,
			  store_loaded_cb cb, void *arg)
{
	enum err err = store_start(store, tell_loaded, arena, arg);

	if (err)
		return err;
	store->cb.loaded = cb;
	store->facts = NULL;
	store->is_fresh = false;
	store->loaded = ARENA_NEW(arena, struct loaded);
	if (!store->loaded) {
		store->tell = NULL;
		return ERR_NOMEM;
	}
	store_add_begin(store);
	return OK;
}

static void add_load(struct store *store)
{
	concern_settle(&store->concern);
	add_load_events(store);
	if (!store->has_new_events)
		(void)add_load_rows(store);
}

static void on_fresh(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err = bulk_read_answer(store, results, &fault);

	if (err) {
		store_end(store, err, &fault);
		return;
	}
	if (!store->is_fresh)
		concern_facts(store, store->facts);
	add_load(store);
	store_send(store, on_events);
}

enum err store_begin(struct store *store, struct arena *arena,
		     const struct facts *facts, store_loaded_cb cb, void *arg)
{
	enum err err = store_start_load(store, arena, cb, arg);

	if (err)
		return err;
	store->facts = facts;
	store->has_new_events = facts->n_events > 0;
	if (facts->n_events == 0 && facts->n_transfers == 0)
		return store_send_first(store, store_finished);
	if (bulk_is_worth_it(facts)) {
		bulk_add_ask(store);
		return store_send_first(store, on_fresh);
	}
	concern_facts(store, facts);
	add_load(store);
	return store_send_first(store, on_events);
}

enum err store_concern_named(struct store *store, const PGresult *events,
			     const PGresult *transfers, struct fault *fault)
{
	struct concern *c = &store->concern;
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, events); sql_next(&rows);) {
		struct address contract = sql_address(&rows);
		struct u256 id = sql_u256(&rows);
		bool folded = sql_bool(&rows);
		struct hash tx = sql_hash(&rows), topics[4];
		size_t n = sql_topics(&rows, topics);

		if (folded)
			concern_add_object(c, store->arena, &contract, &id);
		concern_add_tx(c, store->arena, &tx);
		concern_add_topics(c, store->arena, topics, n);
	}
	err = sql_end(&rows, "events", fault);
	if (err)
		return err;
	for (sql_rows(&rows, transfers); sql_next(&rows);) {
		struct hash tx = sql_hash(&rows);
		struct address from = sql_address(&rows);
		struct address to = sql_address(&rows);

		concern_add_tx(c, store->arena, &tx);
		concern_add_wallet(c, store->arena, &from);
		concern_add_wallet(c, store->arena, &to);
	}
	return sql_end(&rows, "transfers", fault);
}

void store_load_concern(struct store *store)
{
	if (store->concern.n_objects == 0 && store->concern.n_txs == 0) {
		store_end(store, OK, NULL);
		return;
	}
	concern_settle(&store->concern);
	store->has_new_events = true;
	add_load_events(store);
	store_send(store, on_events);
}

static void on_orphaned(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err;

	if (store->counts_word && sql_count(results[store->first - 1]) == 0)
		err = fault_set(&fault, ERR_CONFLICT,
				"the word on this reorg is settled already");
	else
		err = store_concern_named(store, results[store->first],
					  results[store->first + 1], &fault);
	if (err)
		store_end(store, err, &fault);
	else
		store_load_concern(store);
}

enum err store_begin_rollback(struct store *store, struct arena *arena,
			      uint64_t ancestor, const struct reorg_word *word,
			      store_loaded_cb cb, void *arg)
{
	static const char *const statements[] = {queries_orphan_events,
						 queries_orphan_transfers,
						 queries_orphan_quarantine};
	enum err err = store_start_load(store, arena, cb, arg);
	size_t at[3];

	if (err)
		return err;
	store->counts_word = word != NULL;
	if (word) {
		store_add(store, queries_reorg_count);
		sql_put_u64(&store->sql, word->id);
	}
	for (size_t i = 0; i < 3; i++) {
		at[i] = store_add(store, statements[i]);
		sql_put_u64(&store->sql, ancestor);
	}
	store->first = at[0];
	return store_send_first(store, on_orphaned);
}

static void on_intents(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, results[store->first]); sql_next(&rows);) {
		struct hash tx = sql_hash(&rows);

		concern_add_tx(&store->concern, store->arena, &tx);
	}
	err = sql_end(&rows, "new intents", &fault);
	if (err)
		store_end(store, err, &fault);
	else
		store_load_concern(store);
}

enum err store_begin_intents(struct store *store, struct arena *arena,
			     store_loaded_cb cb, void *arg)
{
	enum err err = store_start_load(store, arena, cb, arg);

	if (err)
		return err;
	store->first = store_add(store, queries_new_intents);
	sql_put_u64(&store->sql, INTENTS_MOST);
	return store_send_first(store, on_intents);
}
