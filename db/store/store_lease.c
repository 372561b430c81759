#include <stdio.h>
#include <string.h>

#include "db/store/store_impl.h"
#include "embedded/queries.h"

static void tell_lease(struct store *store, const struct fault *fault)
{
	store->cb.lease(store->arg, fault->code, fault,
			fault->code == OK ? &store->lease : NULL);
}

static void on_lease(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err = ERR_BUG;

	for (sql_rows(&rows, results[0]); sql_next(&rows); err = OK) {
		store->lease.held = sql_bool(&rows);
		store->lease.term = sql_u64(&rows);
		snprintf(store->lease.owner, sizeof(store->lease.owner), "%s",
			 sql_text(&rows));
		store->lease.deferred_indexes = sql_u64(&rows);
	}
	if (rows.err)
		err = sql_end(&rows, "chain.lease", &fault);
	store_end(store, err, &fault);
}

enum err store_lease(struct store *store, const struct uuid *holder,
		     const char *owner, unsigned ttl_ms, store_lease_cb cb,
		     void *arg)
{
	enum err err = store_start(store, tell_lease, NULL, arg);

	if (err)
		return err;
	store->cb.lease = cb;
	memset(&store->lease, 0, sizeof(store->lease));
	store_add(store, queries_lease_take);
	sql_put_uuid(&store->sql, holder);
	sql_put_text(&store->sql, owner);
	sql_put_u64(&store->sql, ttl_ms);
	sql_put_i64(&store->sql, pg_backend(store->pg));
	return store_send_first(store, on_lease);
}

enum err store_lease_release(struct store *store, const struct uuid *holder,
			     store_done_cb cb, void *arg)
{
	enum err err = store_start(store, store_tell_done, NULL, arg);

	if (err)
		return err;
	store->cb.done = cb;
	memset(&store->done, 0, sizeof(store->done));
	store_add(store, queries_lease_release);
	sql_put_uuid(&store->sql, holder);
	return store_send_first(store, store_finished);
}

static void on_halted(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err = OK;

	if (sql_count(results[0]) == 0)
		err =
		    fault_set(&fault, ERR_LEASE_LOST, "another process leads");
	store_end(store, err, &fault);
}

enum err store_lease_halt(struct store *store, const struct uuid *holder,
			  uint64_t term, const char *why, store_done_cb cb,
			  void *arg)
{
	enum err err = store_start(store, store_tell_done, NULL, arg);

	if (err)
		return err;
	store->cb.done = cb;
	memset(&store->done, 0, sizeof(store->done));
	store_add_halt(store, holder, term, why);
	return store_send_first(store, on_halted);
}

void store_add_halt(struct store *store, const struct uuid *holder,
		    uint64_t term, const char *why)
{
	store_add(store, queries_lease_halt);
	sql_put_uuid(&store->sql, holder);
	sql_put_u64(&store->sql, term);
	sql_put_text(&store->sql, why);
}

enum err store_identify(struct store *store, const struct hash *genesis_hash,
			uint64_t start_block, const struct hash *start_hash,
			store_done_cb cb, void *arg)
{
	enum err err = store_start(store, store_tell_done, NULL, arg);

	if (err)
		return err;
	store->cb.done = cb;
	memset(&store->done, 0, sizeof(store->done));
	store_add(store, queries_identify);
	sql_put_hash(&store->sql, genesis_hash);
	sql_put_u64(&store->sql, start_block);
	sql_put_hash(&store->sql, start_hash);
	return store_send_first(store, store_finished);
}
