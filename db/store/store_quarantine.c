#include <string.h>

#include "db/store/store_impl.h"
#include "embedded/queries.h"

/* What is in quarantine, for whoever tries it again, and for people. */

static void tell_held(struct store *store, const struct fault *fault)
{
	store->cb.held(store->arg, fault->code, fault, store->held,
		       fault->code == OK ? store->n_held : 0, &store->stand);
}

static enum err read_held(struct store *store, const PGresult *result,
			  struct fault *fault)
{
	struct held_row *list =
	    ARENA_ARRAY(store->arena, struct held_row, sql_count(result) + 1);
	struct sql_rows rows;

	if (!list)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	store->held = list;
	for (sql_rows(&rows, result); sql_next(&rows); store->n_held++) {
		struct held_row *h = &list[store->n_held];

		h->id = sql_u64(&rows);
		h->malformed = sql_bool(&rows);
		h->row = store_read_quarantine(&rows, store->arena);
	}
	return sql_end(&rows, "chain.quarantine", fault);
}

static void on_held(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err = read_held(store, results[0], &fault);

	for (sql_rows(&rows, results[1]); !err && sql_next(&rows);) {
		if (!sql_is_null(&rows))
			store->stand.head = sql_u64(&rows);
		store->stand.has_finalized = !sql_is_null(&rows);
		if (store->stand.has_finalized)
			store->stand.finalized = sql_u64(&rows);
	}
	if (!err)
		err = sql_end(&rows, "chain.chains", &fault);
	store_end(store, err, &fault);
}

static enum err start_held(struct store *store, struct arena *arena,
			   store_held_cb cb, void *arg)
{
	enum err err = store_start(store, tell_held, arena, arg);

	if (err)
		return err;
	store->cb.held = cb;
	store->held = NULL;
	store->n_held = 0;
	memset(&store->stand, 0, sizeof(store->stand));
	return OK;
}

enum err store_held(struct store *store, struct arena *arena, uint64_t job,
		    store_held_cb cb, void *arg)
{
	enum err err = start_held(store, arena, cb, arg);

	if (err)
		return err;
	store_add(store, queries_retry_rows);
	sql_put_u64(&store->sql, job);
	sql_put_u64(&store->sql, STORE_RETRY_MOST);
	store_add(store, queries_stand);
	return store_send_first(store, on_held);
}

static void on_got(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err = read_held(store, results[0], &fault);

	if (!err && store->n_held == 0)
		err = fault_set(&fault, ERR_MISSING,
				"nothing in quarantine has this id");
	store_end(store, err, &fault);
}

enum err store_quarantine_get(struct store *store, struct arena *arena,
			      uint64_t id, store_held_cb cb, void *arg)
{
	enum err err = start_held(store, arena, cb, arg);

	if (err)
		return err;
	store_add(store, queries_quarantine_get);
	sql_put_u64(&store->sql, id);
	return store_send_first(store, on_got);
}

static void tell_list(struct store *store, const struct fault *fault)
{
	store->cb.text(store->arg, fault->code, fault,
		       fault->code == OK ? store->text : NULL);
}

static void on_list(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, results[0]); sql_next(&rows);)
		store->text = sql_text(&rows);
	err = sql_end(&rows, "chain.quarantine", &fault);
	store_end(store, err, &fault);
}

enum err store_quarantine_list(struct store *store, uint64_t after,
			       bool with_dropped, store_text_cb cb, void *arg)
{
	enum err err = store_start(store, tell_list, NULL, arg);

	if (err)
		return err;
	store->cb.text = cb;
	store->text = "[]";
	store_add(store, queries_quarantine_list);
	sql_put_u64(&store->sql, after);
	sql_put_u64(&store->sql, STORE_LIST_MOST);
	sql_put_bool(&store->sql, with_dropped);
	return store_send_first(store, on_list);
}

/* Behind the actor. */
static void on_dropped(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err = OK;

	if (sql_count(results[1]) == 0)
		err = fault_set(&fault, ERR_MISSING,
				"nothing in quarantine has this id, or it was "
				"dropped before; see: gigstreamd quarantine "
				"list --dropped");
	store_end(store, err, &fault);
}

enum err store_quarantine_drop(struct store *store, uint64_t id,
			       const char *reason, const struct actor *actor,
			       store_done_cb cb, void *arg)
{
	enum err err = store_start(store, store_tell_done, NULL, arg);

	if (err)
		return err;
	store->cb.done = cb;
	memset(&store->done, 0, sizeof(store->done));
	sql_add_actor(&store->sql, actor);
	store_add(store, queries_quarantine_drop);
	sql_put_u64(&store->sql, id);
	sql_put_text(&store->sql, actor->id);
	sql_put_text(&store->sql, reason);
	return store_send_first(store, on_dropped);
}
