#include "db/store/store_impl.h"
#include "embedded/queries.h"

static void tell_wallets(struct store *store, const struct fault *fault)
{
	store->cb.wallets(store->arg, fault->code, fault, store->wallets,
			  fault->code == OK ? store->n_wallets : 0);
}

static void on_wallets(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err =
	    store_read_addresses(&store->wallets, &store->n_wallets,
				 store->arena, results[0], "wallets", &fault);

	store_end(store, err, &fault);
}

static enum err start_wallets(struct store *store, struct arena *arena,
			      const char *statement, store_wallets_cb cb,
			      void *arg)
{
	enum err err = store_start(store, tell_wallets, arena, arg);

	if (err)
		return err;
	store->cb.wallets = cb;
	store->wallets = NULL;
	store->n_wallets = 0;
	store_add(store, statement);
	return OK;
}

enum err store_job_wallets(struct store *store, struct arena *arena,
			   uint64_t id, store_wallets_cb cb, void *arg)
{
	enum err err =
	    start_wallets(store, arena, queries_job_wallets, cb, arg);

	if (err)
		return err;
	sql_put_u64(&store->sql, id);
	return store_send_first(store, on_wallets);
}

enum err store_wallets(struct store *store, struct arena *arena,
		       const struct address *after, store_wallets_cb cb,
		       void *arg)
{
	enum err err = start_wallets(store, arena, queries_wallets, cb, arg);

	if (err)
		return err;
	sql_put_address(&store->sql, after);
	return store_send_first(store, on_wallets);
}
