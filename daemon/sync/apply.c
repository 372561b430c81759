#include <inttypes.h>
#include <string.h>

#include "daemon/reconcile/facts.h"
#include "daemon/serve/metrics.h"
#include "daemon/sync/engine.h"

bool apply_watches(void *arg, const struct address *wallet)
{
	const struct sync *sync = arg;

	return watchlist_has(&sync->watched, wallet);
}

/* Blocks without facts are remembered only where a reorg may reach them, and
 * as the end of a span, where the next one's parent link is checked. */
static void keep_blocks(const struct sync *sync, struct batch *batch)
{
	struct facts *facts = &batch->facts;
	size_t n = 0;

	for (size_t i = 0; i < facts->n_blocks; i++) {
		const struct block_row *row = &facts->blocks[i];
		bool recent =
		    !sync->follow.has_finalized ||
		    row->number + FOLLOW_KEEP > sync->follow.finalized;

		if (row->has_facts || recent || i + 1 == facts->n_blocks)
			facts->blocks[n++] = *row;
	}
	facts->n_blocks = n;
}

static void fill_commit(struct sync *sync, struct batch *batch)
{
	struct store_commit *commit = &batch->commit;
	const struct block_ref *tip = follow_tip(&sync->follow);

	sync->final_due = false;
	commit->head = sync->head.latest.number;
	commit->head_time = sync->head.latest.timestamp;
	commit->has_finalized = sync->follow.has_finalized;
	commit->finalized = sync->follow.finalized;
	commit->finalized_agreed = sync->final_endpoints;
	commit->agreed = batch->agreed;
	if (sync->head.has_finalized &&
	    sync->head.finalized.number == commit->finalized)
		commit->finalized_hash = sync->head.finalized.hash;
	commit->has_tip = tip != NULL;
	commit->tip = tip ? tip->number : 0;
	if (batch->span && (!tip || tip->number < batch->to)) {
		commit->has_tip = true;
		commit->tip = batch->to;
	}
	if (batch->rollback) {
		commit->has_tip = true;
		commit->tip = sync->ancestor;
	}
	commit->start_block = sync->config->chain.start_block;
	/* Where many wait, blocks do not wait for them. */
	commit->adopt_later = batch->lane && sync->adopting;
	commit->term = sync->lease.term;
	commit->holder = sync->holder;
	commit->sources = sync->contracts;
	commit->n_sources = sync->n_contracts;
}

/* What memory holds follows what the database holds. */
static enum err remember_span(struct sync *sync, const struct batch *batch)
{
	enum err err = OK;

	for (size_t i = 0; i < batch->facts.n_blocks && !err; i++) {
		const struct block_row *row = &batch->facts.blocks[i];
		const struct block_ref ref = {
		    .number = row->number,
		    .hash = row->hash,
		    .parent_hash = row->parent_hash,
		    .timestamp = row->timestamp,
		};

		err = follow_add(&sync->follow, &ref);
	}
	follow_forget(&sync->follow);
	if (!err && batch->commit.verified_by)
		err = ranges_add(&sync->covered, batch->from, batch->to);
	return err;
}

static void remember_rollback(struct sync *sync, bool accepted)
{
	log_warn(sync->logger,
		 "reorg: %" PRIu64 " blocks above %" PRIu64 " are undone%s%s",
		 sync->rollback_depth, sync->ancestor,
		 accepted ? ", by the word of " : "",
		 accepted ? sync->taken.actor : "");
	follow_truncate(&sync->follow, sync->ancestor);
	ranges_cut(&sync->covered, sync->ancestor);
	sync->rollback_due = false;
	lane_drop(&sync->follow_lane);
	jobs_drop(sync);
	jobs_cut(sync, sync->ancestor);
	if (sync->metrics) {
		metrics_add(sync->metrics, METRIC_REORGS, NULL, 1);
		metrics_observe(sync->metrics, METRIC_REORG_DEPTH,
				(double)sync->rollback_depth);
	}
}

/* It may leave less than what is in memory: that is read anew. */
static void word_is_done(struct sync *sync)
{
	halt_over(sync);
	sync->has_word = false;
	sync->accepted = true;
	poll_stop(sync);
	engine_enter(sync, sync->options.mode == SYNC_ACCEPT ? SYNC_IDLE
							     : SYNC_RESUME);
}

static void finish(struct sync *sync, const struct store_done *done)
{
	struct batch *batch = sync->in_hand;

	sync->database_ok = true;
	sync->failures = 0;
	sync->last_commit = uv_hrtime();
	tell_committed(sync, batch, done);
	sync->in_hand = NULL;
	if (batch->commit.n_awaited > 0)
		watch_forget(sync);
	if (batch->accepted)
		word_is_done(sync);
	else
		engine_enter(sync, SYNC_IDLE);
	if (batch->rollback && sync->state == SYNC_IDLE)
		poll_now(sync);
	if (batch->lane == &sync->job_lane || batch->commit.has_job)
		jobs_committed(sync, batch);
	batch_free(batch);
}

static enum err remember_adopted(struct sync *sync,
				 const struct store_done *done)
{
	enum err err = OK;

	if (sync->in_hand->commit.adopt_later)
		return OK;
	for (size_t i = 0; i < done->n_adopted && !err; i++)
		err = watchlist_add(&sync->watched, &done->adopted[i]);
	if (done->n_adopted > 0)
		log_info(sync->logger, "%zu more wallets watched",
			 done->n_adopted);
	sync->adopting = done->n_adopted == STORE_ADOPT_MOST;
	if (!sync->adopting)
		sync->adopted_once = true;
	return err;
}

static void on_committed(void *arg, enum err err, const struct fault *fault,
			 const struct store_done *done)
{
	struct sync *sync = arg;
	struct batch *batch = sync->in_hand;
	struct fault lost;

	if (!err)
		err = remember_adopted(sync, done);
	if (!err && batch->span)
		err = remember_span(sync, batch);
	if (!err && batch->rollback)
		remember_rollback(sync, batch->accepted);
	if (err && !fault) {
		fault_set(&lost, err, "committed, but no memory to go on");
		fault = &lost;
	}
	if (err)
		engine_database_failed(sync, err, fault);
	else
		finish(sync, done);
	engine_step(sync);
}

static void commit(struct sync *sync, struct batch *batch)
{
	enum err err;

	engine_enter(sync, SYNC_COMMIT);
	err = store_commit(sync->store, batch->arena, &batch->commit,
			   on_committed, sync);
	if (err)
		engine_database_refused(sync, err);
}

static void on_abandoned(void *arg, enum err err, const struct fault *fault,
			 const struct store_done *done)
{
	struct sync *sync = arg;

	(void)done;
	if (err)
		engine_database_failed(sync, err, fault);
	else
		finish(sync, &(struct store_done){0});
	engine_step(sync);
}

/* Facts that stand in the database although the chain has them not. */
static void on_counted(void *arg, enum err err, const struct fault *fault,
		       uint64_t n)
{
	struct sync *sync = arg;
	struct fault busy;

	if (!err) {
		sync->progress.differences += n - sync->in_hand->stored;
		fault = &busy;
		fault_set(&busy, ERR_NOMEM, "no memory for a dry run");
		err = store_abandon(sync->store, on_abandoned, sync);
	}
	if (err)
		engine_database_failed(sync, err, fault);
	engine_step(sync);
}

/* A dry run: how many facts and rows a real run would change. */
static void compare(struct sync *sync, struct batch *batch,
		    const struct reconcile_input *in,
		    const struct loaded *loaded)
{
	const struct fault fault = {ERR_NOMEM, "no memory for a dry run"};
	const struct changes *changes = &batch->changes;
	const struct facts *facts = &batch->facts;
	struct sync_progress *p = &sync->progress;
	/* Joined minus loaded: those that are missing. */
	uint64_t missing = in->n_events - loaded->n_events + in->n_transfers -
			   loaded->n_transfers;

	batch->stored = facts->n_events + facts->n_transfers - missing;
	p->differences += missing + changes->n_streams +
			  changes->n_gone_streams + changes->n_loans +
			  changes->n_gone_loans + changes->n_transactions;
	for (size_t i = 0; i < changes->n_streams; i++)
		if (changes->stream_is_new[i])
			p->streams_inserted++;
		else
			p->streams_updated++;
	for (size_t i = 0; i < changes->n_transactions; i++)
		if (changes->transaction_is_new[i])
			p->transactions_inserted++;
		else
			p->transactions_updated++;
	if (store_count_facts(sync->store, batch->from, batch->to, on_counted,
			      sync) != OK)
		engine_database_failed(sync, ERR_NOMEM, &fault);
}

static void on_loaded(void *arg, enum err err, const struct fault *fault,
		      struct loaded *loaded)
{
	struct sync *sync = arg;
	struct batch *batch = sync->in_hand;
	struct reconcile_input in = {
	    .rules = &sync->rules,
	    .head = sync->head.latest.number,
	    .finalized = sync->follow.finalized,
	    .has_finalized = sync->follow.has_finalized,
	    .reason = batch->accepted	? "reorg accepted"
		      : batch->rollback ? "reorg"
					: NULL,
	};
	struct fault broken;

	if (!err) {
		fault = &broken;
		fault_set(&broken, ERR_NOMEM, "no memory to reconcile");
		err = facts_join(&in, batch->arena,
				 batch->lane ? &batch->facts : NULL, loaded);
	}
	if (!err)
		err = reconcile(&batch->changes, batch->arena, &in,
				engine_now_ms(), &broken);
	if (err) {
		engine_database_failed(sync, err, fault);
	} else if (sync->options.mode == SYNC_DRY_RUN) {
		compare(sync, batch, &in, loaded);
	} else {
		batch->commit.changes = &batch->changes;
		commit(sync, batch);
	}
	engine_step(sync);
}

static void load(struct sync *sync, struct batch *batch)
{
	enum err err;

	sync->in_hand = batch;
	fill_commit(sync, batch);
	engine_enter(sync, SYNC_LOAD);
	if (batch->rollback)
		err = store_begin_rollback(sync->store, batch->arena,
					   sync->ancestor, batch->commit.word,
					   on_loaded, sync);
	else if (batch->lane)
		err = store_begin(sync->store, batch->arena, &batch->facts,
				  on_loaded, sync);
	else
		err = store_begin_intents(sync->store, batch->arena, on_loaded,
					  sync);
	if (err)
		engine_database_refused(sync, err);
}

static bool fits(const struct sync *sync, const struct span *span,
		 struct arena *arena)
{
	struct block_ref *refs =
	    ARENA_ARRAY(arena, struct block_ref, span->n_blocks);

	if (!refs)
		return false;
	for (size_t i = 0; i < span->n_blocks; i++)
		refs[i] = span->blocks[i].ref;
	return follow_fits(&sync->follow, refs, span->n_blocks);
}

/* The batch fits. Where it is linked to our tip, or our tip was final before,
 * all of ours up to its end stand on the node's chain. */
static void settle(struct sync *sync, const struct batch *batch)
{
	const struct follow *follow = &sync->follow;
	const struct block_ref *tip = follow_tip(follow);
	bool linked =
	    !tip || batch->from <= tip->number + 1 ||
	    (follow->has_finalized && follow->finalized >= tip->number);

	if (batch->has_final && linked &&
	    (batch->agreed > 0 || !quorum_is_asked(sync)))
		(void)head_settle(sync, batch->final, batch->to,
				  batch->agreed > 0 ? batch->agreed : 1);
}

void apply_batch(struct sync *sync, struct batch *batch)
{
	const struct fault fault = {ERR_NOMEM, "no memory for facts"};
	const struct facts_scope scope = {
	    .rules = &sync->rules,
	    .watched = apply_watches,
	    .arg = sync,
	    .transfers_all = sync->config->transfers_all,
	};

	batch->taken = uv_hrtime();
	if (sync->options.mode != SYNC_DRY_RUN &&
	    !fits(sync, batch->span, batch->arena)) {
		batch_free(batch);
		head_search(sync);
		return;
	}
	settle(sync, batch);
	sync->in_hand = batch;
	if (facts_read(&batch->facts, batch->arena, batch->span, &scope) !=
	    OK) {
		engine_database_failed(sync, ERR_NOMEM, &fault);
		return;
	}
	keep_blocks(sync, batch);
	batch->commit.facts = &batch->facts;
	batch->commit.from = batch->from;
	batch->commit.to = batch->to;
	batch->commit.verified_by = batch->span->verified_by;
	if (batch->lane == &sync->job_lane)
		jobs_commit(sync, batch, &batch->commit);
	load(sync, batch);
}

struct batch *apply_empty(struct sync *sync)
{
	const struct fault fault = {ERR_NOMEM, "no memory for a batch"};
	struct batch *batch = batch_new(sync, NULL);

	if (!batch)
		engine_database_failed(sync, ERR_NOMEM, &fault);
	return batch;
}

void apply_rollback(struct sync *sync)
{
	struct batch *batch = apply_empty(sync);

	if (!batch)
		return;
	batch->rollback = true;
	batch->commit.has_ancestor = true;
	batch->commit.ancestor = sync->ancestor;
	load(sync, batch);
}

void apply_word(struct sync *sync)
{
	const struct block_ref *tip = follow_tip(&sync->follow);
	struct batch *batch = apply_empty(sync);

	if (!batch)
		return;
	sync->ancestor = sync->taken.to;
	sync->rollback_depth = tip && tip->number > sync->ancestor
				   ? tip->number - sync->ancestor
				   : 0;
	follow_unset_final(&sync->follow, sync->ancestor);
	batch->rollback = batch->accepted = true;
	batch->commit.has_ancestor = true;
	batch->commit.ancestor = sync->ancestor;
	batch->commit.word = &sync->taken;
	load(sync, batch);
}

void apply_tick(struct sync *sync)
{
	struct batch *batch;

	if (!sync->has_head) {
		sync->tick_due = sync->final_due = false;
		return; /* without a head there is nothing to say */
	}
	batch = apply_empty(sync);
	if (!batch)
		return;
	sync->tick_due = false;
	jobs_commit(sync, batch, &batch->commit);
	watch_commit(sync, &batch->commit);
	if (sync->intents_due) {
		sync->intents_due = false;
		load(sync, batch);
		return;
	}
	sync->in_hand = batch;
	fill_commit(sync, batch);
	commit(sync, batch);
}
