#include "db/store/store_impl.h"
#include "embedded/queries.h"

/* To build one on the largest table. */
#define BUILD_TIMEOUT_MS (6u * 3600 * 1000)

static void tell_count(struct store *store, const struct fault *fault)
{
	store->cb.count(store->arg, fault->code, fault, store->count);
}

static void on_count(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, results[0]); sql_next(&rows);)
		store->count = sql_u64(&rows);
	err = sql_end(&rows, "deferred indexes", &fault);
	store_end(store, err, &fault);
}

static enum err ask(struct store *store, const char *statement,
		    unsigned timeout_ms, store_count_cb cb, void *arg)
{
	enum err err = store_start(store, tell_count, NULL, arg);

	if (err)
		return err;
	store->cb.count = cb;
	store->count = 0;
	store->timeout_ms = timeout_ms;
	sql_add(&store->sql, statement);
	return store_send_first(store, on_count);
}

enum err store_defer_indexes(struct store *store, store_count_cb cb, void *arg)
{
	return ask(store, queries_defer_indexes, STORE_TIMEOUT_MS, cb, arg);
}

enum err store_restore_index(struct store *store, store_count_cb cb, void *arg)
{
	return ask(store, queries_restore_index, BUILD_TIMEOUT_MS, cb, arg);
}
