#include <string.h>

#include "db/store/store_impl.h"
#include "embedded/queries.h"

enum { CHAIN, BLOCKS, COVERED };

static void tell_resume(struct store *store, const struct fault *fault)
{
	store->cb.resume(store->arg, fault->code, fault,
			 fault->code == OK ? &store->resume : NULL);
}

static enum err read_chain(struct resume *out, const PGresult *result,
			   struct fault *fault)
{
	struct sql_rows rows;

	for (sql_rows(&rows, result); sql_next(&rows);) {
		out->known = true;
		out->genesis_hash = sql_hash(&rows);
		out->start_block = sql_u64(&rows);
		out->start_hash = sql_hash(&rows);
		out->has_finalized = !sql_is_null(&rows);
		if (out->has_finalized)
			out->finalized = sql_u64(&rows);
	}
	return sql_end(&rows, "chain.chains", fault);
}

static enum err read_blocks(struct resume *out, struct arena *arena,
			    const PGresult *result, struct fault *fault)
{
	struct sql_rows rows;
	struct block_row *b;

	out->blocks =
	    ARENA_ARRAY(arena, struct block_row, sql_count(result) + 1);
	if (!out->blocks)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	for (sql_rows(&rows, result); sql_next(&rows);) {
		b = &out->blocks[out->n_blocks++];
		b->number = sql_u64(&rows);
		b->hash = sql_hash(&rows);
		b->parent_hash = sql_hash(&rows);
		b->timestamp = sql_i64(&rows);
		b->has_facts = sql_bool(&rows);
	}
	return sql_end(&rows, "chain.blocks", fault);
}

static enum err read_covered(struct resume *out, struct arena *arena,
			     const PGresult *result, struct fault *fault)
{
	struct sql_rows rows;

	out->covered = ARENA_ARRAY(arena, struct range, sql_count(result) + 1);
	if (!out->covered)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	for (sql_rows(&rows, result); sql_next(&rows);) {
		out->covered[out->n_covered].from = sql_u64(&rows);
		out->covered[out->n_covered++].to = sql_u64(&rows);
	}
	return sql_end(&rows, "chain.coverage", fault);
}

static void on_resume(struct store *store, PGresult *const *results)
{
	struct resume *out = &store->resume;
	struct fault fault = {.code = OK};
	enum err err = read_chain(out, results[CHAIN], &fault);

	if (!err)
		err = read_blocks(out, store->arena, results[BLOCKS], &fault);
	if (!err)
		err = read_covered(out, store->arena, results[COVERED], &fault);
	store_end(store, err, &fault);
}

static void put_sources(struct store *store, const struct address *sources,
			size_t n)
{
	sql_columns(&store->sql, 1);
	for (size_t i = 0; i < n; i++)
		sql_put_address(&store->sql, &sources[i]);
}

enum err store_resume(struct store *store, struct arena *arena,
		      const struct address *sources, size_t n_sources,
		      store_resume_cb cb, void *arg)
{
	enum err err = store_start(store, tell_resume, arena, arg);

	if (err)
		return err;
	store->cb.resume = cb;
	memset(&store->resume, 0, sizeof(store->resume));
	store_add(store, queries_resume_chain);
	store_add(store, queries_resume_blocks);
	store_add(store, queries_resume_covered);
	put_sources(store, sources, n_sources);
	return store_send_first(store, on_resume);
}

static void tell_text(struct store *store, const struct fault *fault)
{
	store->cb.text(store->arg, fault->code, fault,
		       fault->code == OK ? store->text : NULL);
}

static void on_status(struct store *store, PGresult *const *results)
{
	/* The results live until this returns, and the owner is told before. */
	store->text = PQgetvalue(results[0], 0, 0);
	store_end(store, OK, NULL);
	store->text = NULL;
}

enum err store_status(struct store *store, const struct address *sources,
		      size_t n_sources, store_text_cb cb, void *arg)
{
	enum err err = store_start(store, tell_text, NULL, arg);

	if (err)
		return err;
	store->cb.text = cb;
	store_add(store, queries_status);
	put_sources(store, sources, n_sources);
	return store_send_first(store, on_status);
}
