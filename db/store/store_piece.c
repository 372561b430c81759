#include "db/store/store_impl.h"
#include "embedded/queries.h"

/* A rebuild's pieces: the facts block by block, then the strays, which are rows
 * that no fact explains. */

#define STRAYS_MOST 1000

static void on_strays(struct store *store, PGresult *const *results)
{
	struct concern *c = &store->concern;
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, results[1]); sql_next(&rows);) {
		struct address contract = sql_address(&rows);
		struct u256 id = sql_u256(&rows);

		concern_add_object(c, store->arena, &contract, &id);
	}
	err = sql_end(&rows, "streams and loans", &fault);
	for (sql_rows(&rows, results[2]); !err && sql_next(&rows);) {
		struct hash tx = sql_hash(&rows);
		struct address from = sql_address(&rows);
		struct address to = sql_address(&rows);

		concern_add_tx(c, store->arena, &tx);
		concern_add_wallet(c, store->arena, &from);
		concern_add_wallet(c, store->arena, &to);
	}
	if (!err)
		err = sql_end(&rows, "transactions", &fault);
	store->loaded->piece.last = c->n_objects == 0 && c->n_txs == 0;
	if (err)
		store_end(store, err, &fault);
	else
		store_load_concern(store);
}

static void ask_strays(struct store *store)
{
	struct sql_batch *sql = &store->sql;

	store->loaded->piece.strays = true;
	store_add(store, queries_stray_quarantine);
	sql_put_u64(sql, store->piece_of.id);
	sql_put_u64(sql, TALLY_RELEASED + 1);
	store_add(store, queries_stray_objects);
	sql_columns(sql, 1);
	for (size_t i = 0; i < store->n_piece_contracts; i++)
		sql_put_address(sql, &store->piece_contracts[i]);
	sql_columns(sql, 0);
	sql_put_u64(sql, STRAYS_MOST);
	store_add(store, queries_stray_transactions);
	sql_put_u64(sql, STRAYS_MOST);
	store_send(store, on_strays);
}

static void on_facts(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err =
	    store_concern_named(store, results[1], results[2], &fault);

	if (err)
		store_end(store, err, &fault);
	else
		store_load_concern(store);
}

static void ask_facts(struct store *store)
{
	static const char *const statements[] = {queries_mend_identities,
						 queries_piece_events,
						 queries_piece_transfers};
	const struct piece *piece = &store->loaded->piece;
	struct sql_batch *sql = &store->sql;

	for (size_t i = 0; i < 3; i++) {
		store_add(store, statements[i]);
		sql_put_u64(sql, piece->from);
		sql_put_u64(sql, piece->to);
		if (i > 0)
			continue;
		sql_put_u64(sql, store->piece_of.id);
		sql_put_u64(sql, TALLY_TRANSACTIONS_UPDATED + 1);
	}
	store_send(store, on_facts);
}

static void read_piece(struct piece *piece, struct sql_rows *rows)
{
	piece->strays = sql_is_null(rows);
	if (!piece->strays)
		piece->to = sql_u64(rows);
	if (!sql_is_null(rows))
		piece->head = sql_u64(rows);
	piece->has_finalized = !sql_is_null(rows);
	if (piece->has_finalized)
		piece->finalized = sql_u64(rows);
}

/* Behind BEGIN and its settings. */
static void on_piece(struct store *store, PGresult *const *results)
{
	struct piece *piece = &store->loaded->piece;
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, results[2]); sql_next(&rows);)
		read_piece(piece, &rows);
	err = sql_end(&rows, "chain.chains", &fault);
	if (err)
		store_end(store, err, &fault);
	else if (piece->strays)
		ask_strays(store);
	else
		ask_facts(store);
}

enum err store_begin_piece(struct store *store, struct arena *arena,
			   const struct job_row *job,
			   const struct address *contracts, size_t n_contracts,
			   store_loaded_cb cb, void *arg)
{
	enum err err = store_start_load(store, arena, cb, arg);
	struct piece *piece;

	if (err)
		return err;
	piece = &store->loaded->piece;
	piece->from = job->has_done ? job->done_to + 1 : job->from;
	piece->to = job->to;
	store->piece_of = *job;
	store->piece_contracts = contracts;
	store->n_piece_contracts = n_contracts;
	store_add(store, queries_piece);
	sql_put_i64(&store->sql, (int64_t)piece->from - 1);
	sql_put_u64(&store->sql, job->to);
	sql_put_u64(&store->sql, STORE_PIECE_FACTS);
	return store_send_first(store, on_piece);
}
