#include "db/store/store_impl.h"
#include "embedded/queries.h"

static void tell_count(struct store *store, const struct fault *fault)
{
	store->cb.count(store->arg, fault->code, fault, store->count);
}

enum err store_start_count(struct store *store, store_count_cb cb, void *arg)
{
	enum err err = store_start(store, tell_count, NULL, arg);

	if (err)
		return err;
	store->cb.count = cb;
	store->count = 0;
	return OK;
}

void store_counted(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, results[0]); sql_next(&rows);)
		store->count = sql_u64(&rows);
	err = sql_end(&rows, "a count", &fault);
	store_end(store, err, &fault);
}

enum err store_count_facts(struct store *store, uint64_t from, uint64_t to,
			   store_count_cb cb, void *arg)
{
	enum err err = store_start_count(store, cb, arg);

	if (err)
		return err;
	store_add(store, queries_count_facts);
	sql_put_u64(&store->sql, from);
	sql_put_u64(&store->sql, to);
	return store_send_first(store, store_counted);
}
