#include "db/store/store_impl.h"
#include "embedded/queries.h"

static void tell_orphans(struct store *store, const struct fault *fault)
{
	store->cb.orphans(store->arg, fault->code, fault, store->orphans,
			  fault->code == OK ? store->n_orphans : 0);
}

static void on_orphans(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	struct orphan_row *row;
	struct sql_rows rows;
	enum err err;

	store->orphans = ARENA_ARRAY(store->arena, struct orphan_row,
				     sql_count(results[0]) + 1);
	if (!store->orphans) {
		err = fault_set(&fault, ERR_NOMEM, "out of memory");
		store_end(store, err, &fault);
		return;
	}
	for (sql_rows(&rows, results[0]); sql_next(&rows);) {
		row = &store->orphans[store->n_orphans++];
		row->id = sql_uuid(&rows);
		row->has_sender = !sql_is_null(&rows);
		if (row->has_sender)
			row->sender = sql_address(&rows);
		if (!sql_is_null(&rows))
			row->nonce = sql_u64(&rows);
		row->age = sql_u64(&rows);
	}
	err = sql_end(&rows, "orphaned transactions", &fault);
	store_end(store, err, &fault);
}

enum err store_orphans(struct store *store, struct arena *arena,
		       store_orphans_cb cb, void *arg)
{
	enum err err = store_start(store, tell_orphans, arena, arg);

	if (err)
		return err;
	store->cb.orphans = cb;
	store->orphans = NULL;
	store->n_orphans = 0;
	store_add(store, queries_orphans);
	sql_put_u64(&store->sql, STORE_ORPHANS_MOST);
	return store_send_first(store, on_orphans);
}
