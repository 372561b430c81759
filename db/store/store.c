#include <stdlib.h>
#include <string.h>

#include "db/store/store_impl.h"
#include "embedded/queries.h"

enum err store_new(struct store **out, struct pg *pg, uint64_t chain_id)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return ERR_NOMEM;
	store->pg = pg;
	store->chain_id = chain_id;
	sql_init(&store->sql);
	*out = store;
	return OK;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	sql_free(&store->sql);
	free(store);
}

enum err store_start(struct store *store, store_tell tell, struct arena *arena,
		     void *arg)
{
	if (pg_is_busy(store->pg))
		return ERR_BUSY;
	store->tell = tell;
	store->arena = arena;
	store->arg = arg;
	store->timeout_ms = STORE_TIMEOUT_MS;
	memset(&store->fault, 0, sizeof(store->fault));
	memset(&store->concern, 0, sizeof(store->concern));
	sql_reset(&store->sql);
	return OK;
}

static void tell(struct store *store)
{
	store_tell owner = store->tell;
	struct fault fault = store->fault;

	store->tell = NULL;
	owner(store, &fault);
}

static void on_rolled_back(void *arg, enum err err, const struct fault *fault,
			   PGresult *const *results, size_t n)
{
	/* Where even this failed the connection is gone, and with it the
	 * transaction. */
	(void)err;
	(void)fault;
	(void)results;
	(void)n;
	tell(arg);
}

void store_end(struct store *store, enum err err, const struct fault *fault)
{
	if (fault)
		store->fault = *fault;
	store->fault.code = err;
	if (err == OK) {
		store->fault.text[0] = '\0';
		tell(store);
		return;
	}
	store->is_fresh = false;
	if (!store->fault.text[0])
		fault_set(&store->fault, err, "%s", err_text(err));
	sql_reset(&store->sql);
	if (pg_in_transaction(store->pg)) {
		sql_add(&store->sql, "rollback");
		if (sql_send(&store->sql, store->pg, STORE_TIMEOUT_MS,
			     on_rolled_back, store) == OK)
			return;
	}
	tell(store);
}

static void on_results(void *arg, enum err err, const struct fault *fault,
		       PGresult *const *results, size_t n)
{
	struct store *store = arg;

	(void)n;
	if (err)
		store_end(store, err, fault);
	else
		store->step(store, results);
}

enum err store_send_first(struct store *store, store_step step)
{
	enum err err;

	store->step = step;
	err = store->concern.failed
		  ? ERR_NOMEM
		  : sql_send(&store->sql, store->pg, store->timeout_ms,
			     on_results, store);
	if (err)
		store->tell = NULL;
	return err;
}

void store_send(struct store *store, store_step step)
{
	store_tell owner = store->tell;
	enum err err = store_send_first(store, step);

	store->tell = owner;
	if (err)
		store_end(store, err, NULL);
}

size_t store_add(struct store *store, const char *text)
{
	size_t at = sql_add(&store->sql, text);

	sql_put_u64(&store->sql, store->chain_id);
	return at;
}

void store_add_begin(struct store *store)
{
	sql_add(&store->sql, "begin isolation level read committed");
	sql_add(&store->sql, queries_settings);
}

void store_tell_done(struct store *store, const struct fault *fault)
{
	store->cb.done(store->arg, fault->code, fault, &store->done);
}

void store_finished(struct store *store, PGresult *const *results)
{
	(void)results;
	store_end(store, OK, NULL);
}

enum err store_abandon(struct store *store, store_done_cb cb, void *arg)
{
	enum err err = store_start(store, store_tell_done, NULL, arg);

	if (err)
		return err;
	store->cb.done = cb;
	store->is_fresh = false;
	memset(&store->done, 0, sizeof(store->done));
	sql_add(&store->sql, "rollback");
	return store_send_first(store, store_finished);
}
