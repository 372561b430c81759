#include "db/store/store_impl.h"
#include "embedded/queries.h"

/* To build one on the largest table. */
#define BUILD_TIMEOUT_MS (6u * 3600 * 1000)

static enum err ask(struct store *store, const char *statement,
		    unsigned timeout_ms, store_count_cb cb, void *arg)
{
	enum err err = store_start_count(store, cb, arg);

	if (err)
		return err;
	store->timeout_ms = timeout_ms;
	sql_add(&store->sql, statement);
	return store_send_first(store, store_counted);
}

enum err store_defer_indexes(struct store *store, store_count_cb cb, void *arg)
{
	return ask(store, queries_defer_indexes, STORE_TIMEOUT_MS, cb, arg);
}

enum err store_restore_index(struct store *store, store_count_cb cb, void *arg)
{
	return ask(store, queries_restore_index, BUILD_TIMEOUT_MS, cb, arg);
}
