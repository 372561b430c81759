#include "db/store/store_impl.h"
#include "embedded/queries.h"

static void tell_awaited(struct store *store, const struct fault *fault)
{
	store->cb.awaited(store->arg, fault->code, fault, store->awaited,
			  fault->code == OK ? store->n_awaited : 0);
}

static void on_awaited(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	struct awaited_row *row;
	struct sql_rows rows;
	enum err err;

	store->awaited = ARENA_ARRAY(store->arena, struct awaited_row,
				     sql_count(results[0]) + 1);
	if (!store->awaited) {
		err = fault_set(&fault, ERR_NOMEM, "out of memory");
		store_end(store, err, &fault);
		return;
	}
	for (sql_rows(&rows, results[0]); sql_next(&rows);) {
		row = &store->awaited[store->n_awaited++];
		row->id = sql_uuid(&rows);
		row->tx_hash = sql_hash_text(&rows);
		row->is_open = sql_bool(&rows);
		row->has_sender = !sql_is_null(&rows);
		if (row->has_sender)
			row->sender = sql_address(&rows);
		if (!sql_is_null(&rows))
			row->nonce = sql_u64(&rows);
		row->age = sql_u64(&rows);
	}
	err = sql_end(&rows, "awaited transactions", &fault);
	store_end(store, err, &fault);
}

enum err store_awaited(struct store *store, const struct uuid *after,
		       struct arena *arena, store_awaited_cb cb, void *arg)
{
	enum err err = store_start(store, tell_awaited, arena, arg);

	if (err)
		return err;
	store->cb.awaited = cb;
	store->awaited = NULL;
	store->n_awaited = 0;
	store_add(store, queries_awaited);
	sql_put_uuid(&store->sql, after);
	sql_put_u64(&store->sql, STORE_AWAITED_MOST);
	return store_send_first(store, on_awaited);
}

static void put_awaited(struct sql_batch *sql, const struct awaited_row *row)
{
	sql_put_uuid(sql, &row->id);
	sql_put_hash_text(sql, &row->tx_hash);
	sql_put_text(sql, row->verdict);
	if (row->has_sender) {
		sql_put_address(sql, &row->sender);
		sql_put_u64(sql, row->nonce);
	} else {
		sql_put_null(sql);
		sql_put_null(sql);
	}
	sql_put_u64(sql, row->block);
}

void store_settle_awaited(struct store *store,
			  const struct store_commit *commit)
{
	const struct awaited_row *rows = commit->awaited;
	struct sql_batch *sql = &store->sql;

	store_add(store, queries_settle_awaited);
	sql_columns(sql, 6);
	for (size_t i = 0; i < commit->n_awaited; i++)
		if (rows[i].verdict || rows[i].seen)
			put_awaited(sql, &rows[i]);
	sql_columns(sql, 0);
	sql_put_address(sql, &commit->sources[0]);
}
