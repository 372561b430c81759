#include <string.h>

#include "db/store/store_impl.h"
#include "embedded/queries.h"

static void tell_job(struct store *store, const struct fault *fault)
{
	store->cb.job(store->arg, fault->code, fault,
		      fault->code == OK ? &store->job : NULL,
		      store->job_finished);
}

static void on_job(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	struct sql_rows rows;
	enum err err;

	for (sql_rows(&rows, results[0]); sql_next(&rows);)
		store_read_job(&store->job, &store->job_finished, &rows);
	err = sql_end(&rows, "chain.jobs", &fault);
	if (!err && sql_count(results[0]) == 0)
		err = fault_set(&fault, ERR_MISSING, "there is no such job");
	store_end(store, err, &fault);
}

static enum err start(struct store *store, const char *statement,
		      store_job_cb cb, void *arg)
{
	enum err err = store_start(store, tell_job, NULL, arg);

	if (err)
		return err;
	store->cb.job = cb;
	memset(&store->job, 0, sizeof(store->job));
	store->job_finished = false;
	store_add(store, statement);
	return OK;
}

enum err store_job_add(struct store *store, uint64_t from, uint64_t to,
		       bool rescan, store_job_cb cb, void *arg)
{
	enum err err = start(store, queries_job_add, cb, arg);

	if (err)
		return err;
	sql_put_u64(&store->sql, from);
	sql_put_u64(&store->sql, to);
	sql_put_bool(&store->sql, rescan);
	return store_send_first(store, on_job);
}

enum err store_job_get(struct store *store, uint64_t id, store_job_cb cb,
		       void *arg)
{
	enum err err = start(store, queries_job_get, cb, arg);

	if (err)
		return err;
	sql_put_u64(&store->sql, id);
	return store_send_first(store, on_job);
}

enum err store_rebuild_add(struct store *store, store_job_cb cb, void *arg)
{
	enum err err = start(store, queries_job_add_rebuild, cb, arg);

	return err ? err : store_send_first(store, on_job);
}

enum err store_retry_add(struct store *store, const uint64_t *ids, size_t n,
			 store_job_cb cb, void *arg)
{
	enum err err = start(store, queries_job_add_retry, cb, arg);

	if (err)
		return err;
	if (n == 0)
		sql_put_null(&store->sql);
	else
		sql_columns(&store->sql, 1);
	for (size_t i = 0; i < n; i++)
		sql_put_u64(&store->sql, ids[i]);
	return store_send_first(store, on_job);
}

enum err store_job_fail(struct store *store, uint64_t id, const char *error,
			store_done_cb cb, void *arg)
{
	enum err err = store_start(store, store_tell_done, NULL, arg);

	if (err)
		return err;
	store->cb.done = cb;
	memset(&store->done, 0, sizeof(store->done));
	store_add(store, queries_job_fail);
	sql_put_u64(&store->sql, id);
	sql_put_text(&store->sql, error);
	return store_send_first(store, store_finished);
}

static void tell_jobs(struct store *store, const struct fault *fault)
{
	store->cb.jobs(store->arg, fault->code, fault, store->jobs,
		       fault->code == OK ? store->n_jobs : 0);
}

static void on_jobs(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err = store_read_jobs(&store->jobs, &store->n_jobs,
				       store->arena, results[0], &fault);

	store_end(store, err, &fault);
}

enum err store_jobs(struct store *store, struct arena *arena, store_jobs_cb cb,
		    void *arg)
{
	enum err err = store_start(store, tell_jobs, arena, arg);

	if (err)
		return err;
	store->cb.jobs = cb;
	store->jobs = NULL;
	store->n_jobs = 0;
	store_add(store, queries_jobs_open);
	return store_send_first(store, on_jobs);
}
