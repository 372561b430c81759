#include <string.h>

#include "db/store/store_impl.h"
#include "embedded/queries.h"

static void add_rollback(struct store *store, uint64_t ancestor)
{
	static const char *const statements[] = {
	    queries_cut_blocks,	 queries_cut_coverage, queries_cut_watched,
	    queries_cut_jobs,	 queries_cut_agreed,   queries_cut_final,
	    queries_cut_openings};

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]);
	     i++) {
		store_add(store, statements[i]);
		sql_put_u64(&store->sql, ancestor);
	}
}

/* From here on each row that changes is audited; the halt is over. */
static void add_word(struct store *store, const struct store_commit *commit)
{
	const struct actor actor = {
	    .type = ACTOR_OPERATOR,
	    .id = commit->word->actor,
	    .action = "reorg.accept",
	    .request_id = commit->word->request_id,
	};

	sql_add_actor(&store->sql, &actor);
	store_add(store, queries_reorg_settle);
	sql_put_u64(&store->sql, commit->word->id);
	store_add_halt(store, &commit->holder, commit->term, NULL);
	store_add(store, queries_withdraw_reputation);
	sql_put_u64(&store->sql, commit->ancestor);
}

static void add_coverage(struct store *store, const struct store_commit *commit)
{
	struct sql_batch *sql = &store->sql;

	store_add(store, queries_put_coverage);
	sql_columns(sql, 1);
	for (size_t i = 0; i < commit->n_sources; i++)
		sql_put_address(sql, &commit->sources[i]);
	sql_columns(sql, 0);
	sql_put_u64(sql, commit->from);
	sql_put_u64(sql, commit->to);
	sql_put_text(sql, commit->verified_by);
	store_add(store, queries_complete_wallets);
	sql_put_u64(sql, commit->from);
}

/* One endpoint's word is what every block has. */
static void add_agreed(struct store *store, const uint64_t *from, uint64_t to,
		       unsigned endpoints)
{
	if (endpoints < 2)
		return;
	store_add(store, queries_put_agreed);
	if (from)
		sql_put_u64(&store->sql, *from);
	else
		sql_put_null(&store->sql);
	sql_put_u64(&store->sql, to);
	sql_put_u64(&store->sql, endpoints);
}

void store_add_job(struct store *store, uint64_t id, uint64_t done_to,
		   bool finished)
{
	store_add(store, queries_put_job);
	sql_put_u64(&store->sql, id);
	sql_put_u64(&store->sql, done_to);
	sql_put_bool(&store->sql, finished);
	if (!finished)
		return;
	store_add(store, queries_complete_history);
	sql_put_u64(&store->sql, id);
}

static bool is_zero(const struct hash *h)
{
	static const struct hash zero;

	return hash_eq(h, &zero);
}

static void add_chain(struct store *store, const struct store_commit *commit)
{
	struct sql_batch *sql = &store->sql;

	store_add(store, queries_put_chain);
	sql_put_u64(sql, commit->head);
	sql_put_i64(sql, commit->head_time);
	if (commit->has_finalized)
		sql_put_u64(sql, commit->finalized);
	else
		sql_put_null(sql);
	if (commit->has_finalized && !is_zero(&commit->finalized_hash))
		sql_put_hash(sql, &commit->finalized_hash);
	else
		sql_put_null(sql);
}

/* Before the final block is recorded: it tells what has become final. */
static void add_reputation(struct store *store,
			   const struct store_commit *commit)
{
	struct sql_batch *sql = &store->sql;

	store->reputation_at = store_add(store, queries_publish_reputation);
	if (commit->facts) {
		sql_put_u64(sql, commit->from);
		sql_put_u64(sql, commit->to);
	} else {
		sql_put_null(sql);
		sql_put_null(sql);
	}
	sql_put_u64(sql, commit->finalized);
}

static bool has_switch(const struct facts *facts)
{
	for (size_t i = 0; facts && i < facts->n_events; i++)
		if (IS_SWITCH_KIND(facts->events[i].kind))
			return true;
	return false;
}

void store_add_blocked(struct store *store, bool everything,
		       const struct changes *changes)
{
	struct sql_batch *sql = &store->sql;

	if (!everything && !(changes && changes->n_streams))
		return;
	store_add(store, queries_mark_blocked);
	sql_put_bool(sql, everything);
	sql_columns(sql, 1);
	for (size_t i = 0; changes && i < changes->n_streams; i++)
		sql_put_uuid(sql, &changes->streams[i].id);
	sql_columns(sql, 0);
}

static void add_final(struct store *store, const struct store_commit *commit)
{
	store->confirm_at = store_add(store, queries_confirm);
	sql_put_u64(&store->sql, commit->finalized);
	sql_put_u64(&store->sql, commit->head);
	store_add(store, queries_activate_loans);
	sql_put_u64(&store->sql, commit->finalized);
	store_add(store, queries_prune);
	sql_put_u64(&store->sql, commit->finalized);
}

static void add_adoption(struct store *store, const struct store_commit *commit)
{
	struct sql_batch *sql = &store->sql;

	store->adopt_at = store_add(store, queries_adopt);
	sql_put_i64(sql, commit->has_tip ? (int64_t)commit->tip
					 : (int64_t)commit->start_block - 1);
	sql_put_u64(sql, commit->start_block);
	sql_columns(sql, 1);
	for (size_t i = 0; i < commit->n_sources; i++)
		sql_put_address(sql, &commit->sources[i]);
	sql_columns(sql, 0);
	sql_put_u64(sql, STORE_ADOPT_MOST);
}

/* Last of all, so that the lease is locked for as short as can be. */
void store_add_end(struct store *store, const struct uuid *holder,
		   uint64_t term)
{
	store_add(store, queries_lease_assert);
	sql_put_uuid(&store->sql, holder);
	sql_put_u64(&store->sql, term);
	sql_add(&store->sql, "commit");
}

static enum err read_confirmed(struct store *store, const PGresult *result,
			       struct fault *fault)
{
	enum transaction_type type;
	struct sql_rows rows;

	for (sql_rows(&rows, result); sql_next(&rows);) {
		if (!transaction_type_parse(&type, sql_text(&rows)))
			sql_bad(&rows);
		else
			store->done.confirmed[type] = sql_u64(&rows);
	}
	return sql_end(&rows, "confirmed transactions", fault);
}

enum err store_read_differences(struct store *store, const PGresult *result,
				struct fault *fault)
{
	struct sql_rows rows;

	for (sql_rows(&rows, result); sql_next(&rows);)
		store->done.reputation_differences = sql_u64(&rows);
	return sql_end(&rows, "reputation events", fault);
}

static void on_committed(struct store *store, PGresult *const *results)
{
	struct fault fault = {.code = OK};
	enum err err = OK;

	store->is_fresh = false;
	if (store->confirm_at)
		err = read_confirmed(store, results[store->confirm_at], &fault);
	if (!err && store->reputation_at)
		err = store_read_differences(
		    store, results[store->reputation_at], &fault);
	if (!err && store->adopt_at)
		err = store_read_addresses(
		    &store->done.adopted, &store->done.n_adopted, store->arena,
		    results[store->adopt_at], "adopted wallets", &fault);
	store_end(store, err, &fault);
}

static void count_rows(struct store_done *done, const struct changes *changes)
{
	for (size_t i = 0; i < changes->n_streams; i++)
		if (changes->stream_is_new[i])
			done->streams_inserted++;
		else
			done->streams_updated++;
	for (size_t i = 0; i < changes->n_transactions; i++)
		if (changes->transaction_is_new[i])
			done->transactions_inserted++;
		else
			done->transactions_updated++;
}

static void add_all(struct store *store, const struct store_commit *commit)
{
	if (!pg_in_transaction(store->pg))
		store_add_begin(store);
	if (commit->has_ancestor)
		add_rollback(store, commit->ancestor);
	if (commit->word)
		add_word(store, commit);
	if (commit->facts)
		store_write_facts(store, commit->facts,
				  commit->has_finalized ? &commit->finalized
							: NULL);
	if (commit->changes && !store->is_fresh)
		store_write_changes(store, commit->changes);
	if (commit->changes)
		count_rows(&store->done, commit->changes);
	store_add_blocked(store,
			  has_switch(commit->facts) || commit->has_ancestor,
			  commit->changes);
	/* What a crash of the server takes away of a job is done again; its end
	 * makes all of it durable. */
	if (commit->has_job && !commit->job_finished)
		sql_add(&store->sql, "set local synchronous_commit to off");
	if (commit->has_job)
		store_add_job(store, commit->job_id, commit->job_done_to,
			      commit->job_finished);
	if (commit->verified_by)
		add_coverage(store, commit);
	add_agreed(store, &commit->from, commit->to, commit->agreed);
	if (commit->n_awaited)
		store_settle_awaited(store, commit);
	if (commit->has_finalized)
		add_agreed(store, NULL, commit->finalized,
			   commit->finalized_agreed);
	if (commit->has_finalized)
		add_reputation(store, commit);
	add_chain(store, commit);
	if (commit->has_finalized)
		add_final(store, commit);
	if (!commit->adopt_later)
		add_adoption(store, commit);
	store_add_end(store, &commit->holder, commit->term);
}

void store_commit_rest(struct store *store)
{
	add_all(store, store->commit);
	store_send(store, on_committed);
}

enum err store_commit(struct store *store, struct arena *arena,
		      const struct store_commit *commit, store_done_cb cb,
		      void *arg)
{
	enum err err = store_start(store, store_tell_done, arena, arg);

	if (err)
		return err;
	store->cb.done = cb;
	store->confirm_at = store->adopt_at = store->reputation_at = 0;
	memset(&store->done, 0, sizeof(store->done));
	store->commit = commit;
	if (store->is_fresh)
		return bulk_write(store);
	add_all(store, commit);
	return store_send_first(store, on_committed);
}
