#include <inttypes.h>

#include "daemon/reconcile/detail.h"
#include "daemon/reconcile/facts.h"
#include "daemon/sync/engine.h"

#define WATCH_MS 200

/* The piece is done, one way or the other. */
static void leave(struct sync *sync)
{
	struct batch *batch = sync->in_hand;

	sync->in_hand = NULL;
	sync->database_ok = true;
	sync->failures = 0;
	engine_enter(sync, SYNC_IDLE);
	jobs_committed(sync, batch);
	batch_free(batch);
}

static void on_told(void *arg, enum err err, const struct fault *fault,
		    const struct store_done *done)
{
	struct sync *sync = arg;

	(void)done;
	if (err)
		engine_database_failed(sync, err, fault);
	else
		leave(sync);
	engine_step(sync);
}

/* No transaction is open any more. */
static void tell_failure(struct sync *sync)
{
	struct batch *batch = sync->in_hand;
	enum err err;

	log_error(sync->logger, "job %" PRIu64 " cannot be finished: %s",
		  sync->job.id, batch->fault.text);
	batch->commit.job_finished = true;
	err = store_job_fail(sync->store, sync->job.id, batch->fault.text,
			     on_told, sync);
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
		tell_failure(sync);
	engine_step(sync);
}

/* What the rows or the configuration are to blame for will not pass: the job
 * ends, so that whoever leads goes on. */
static bool lasts(enum err err)
{
	return err == ERR_USAGE || err == ERR_BUG || err == ERR_NOMEM ||
	       err == ERR_LIMIT || err == ERR_CONFLICT || err == ERR_DATABASE;
}

static void failed(struct sync *sync, enum err err, const struct fault *fault)
{
	if (!lasts(err)) {
		engine_database_failed(sync, err, fault);
		return;
	}
	sync->in_hand->fault = *fault;
	if (!pg_in_transaction(sync->pg))
		tell_failure(sync);
	else if ((err = store_abandon(sync->store, on_abandoned, sync)) != OK)
		engine_database_refused(sync, err);
}

static void on_committed(void *arg, enum err err, const struct fault *fault,
			 const struct store_done *done)
{
	struct sync *sync = arg;

	if (err) {
		failed(sync, err, fault);
	} else {
		sync->last_commit = uv_hrtime();
		tell_differences(sync, done->reputation_differences);
		leave(sync);
	}
	engine_step(sync);
}

static void commit(struct sync *sync, uint64_t done_to, bool finished)
{
	struct batch *batch = sync->in_hand;
	struct store_derived *derived = &batch->derived;
	enum err err;

	derived->changes = &batch->changes;
	derived->piece = &batch->piece;
	derived->held = batch->held;
	derived->n_held = batch->n_held;
	derived->job_id = sync->job.id;
	derived->job_done_to = done_to;
	derived->job_finished = finished;
	derived->term = sync->lease.term;
	derived->holder = sync->holder;
	batch->commit.has_job = true;
	batch->commit.job_done_to = done_to;
	batch->commit.job_finished = finished;
	engine_enter(sync, SYNC_COMMIT);
	err = store_commit_derived(sync->store, batch->arena, derived,
				   on_committed, sync);
	if (err)
		engine_database_refused(sync, err);
}

/* The changes that make the rows say what the facts say. */
static enum err derive(struct sync *sync, const struct facts *facts,
		       const struct loaded *loaded, const char *reason,
		       struct fault *fault)
{
	struct batch *batch = sync->in_hand;
	struct reconcile_input in = {
	    .rules = &sync->rules,
	    .head = batch->piece.head,
	    .finalized = batch->piece.finalized,
	    .has_finalized = batch->piece.has_finalized,
	    .reason = reason,
	};
	enum err err = facts_join(&in, batch->arena, facts, loaded);

	if (!err)
		err = reconcile(&batch->changes, batch->arena, &in,
				engine_now_ms(), fault);
	return err;
}

/* Strays that could not be put right would be there for ever. */
static bool is_last(const struct batch *batch)
{
	const struct changes *changes = &batch->changes;

	return batch->piece.last ||
	       (batch->piece.strays && changes->n_gone_streams == 0 &&
		changes->n_gone_loans == 0 && changes->n_transactions == 0);
}

static void on_piece(void *arg, enum err err, const struct fault *fault,
		     struct loaded *loaded)
{
	struct sync *sync = arg;
	struct batch *batch = sync->in_hand;
	struct fault broken;

	if (!err) {
		batch->piece = loaded->piece;
		fault = &broken;
		fault_set(&broken, ERR_NOMEM, "no memory to rebuild");
		err = derive(sync, NULL, loaded, "rebuild", &broken);
	}
	if (!err)
		err = details_set(loaded->events, loaded->n_events,
				  batch->arena, sync->catalog, &broken);
	if (err) {
		failed(sync, err, fault);
	} else {
		batch->derived.events = loaded->events;
		batch->derived.n_events = loaded->n_events;
		commit(sync, batch->piece.to, is_last(batch));
	}
	engine_step(sync);
}

static void on_concerned(void *arg, enum err err, const struct fault *fault,
			 struct loaded *loaded)
{
	struct sync *sync = arg;
	struct batch *batch = sync->in_hand;
	struct fault broken;

	if (!err) {
		fault = &broken;
		fault_set(&broken, ERR_NOMEM, "no memory to retry");
		err = derive(sync, &batch->facts, loaded, NULL, &broken);
	}
	if (err) {
		failed(sync, err, fault);
	} else {
		batch->derived.facts = &batch->facts;
		commit(sync, sync->job.to, false);
	}
	engine_step(sync);
}

static void on_held(void *arg, enum err err, const struct fault *fault,
		    struct held_row *held, size_t n, const struct piece *stand)
{
	struct sync *sync = arg;
	struct batch *batch = sync->in_hand;
	const struct facts_scope scope = {
	    .rules = &sync->rules,
	    .watched = apply_watches,
	    .arg = sync,
	    .transfers_all = sync->config->transfers_all,
	};

	if (err) {
		failed(sync, err, fault);
		engine_step(sync);
		return;
	}
	batch->held = held;
	batch->n_held = n;
	batch->piece = *stand;
	batch->piece.from = sync->job.from;
	batch->piece.to = sync->job.to;
	if (n == 0) {
		commit(sync, sync->job.to, true);
	} else {
		err = facts_retry(&batch->facts, batch->arena, held, n, &scope);
		if (!err)
			err = store_begin(sync->store, batch->arena,
					  &batch->facts, on_concerned, sync);
		if (err)
			engine_database_refused(sync, err);
	}
	engine_step(sync);
}

bool derive_piece(struct sync *sync)
{
	struct batch *batch;
	enum err err;

	if (!sync->has_job || !job_derives(sync->job.kind))
		return false;
	batch = apply_empty(sync);
	if (!batch)
		return true;
	sync->in_hand = batch;
	engine_enter(sync, SYNC_LOAD);
	if (sync->job.kind == JOB_REBUILD)
		err =
		    store_begin_piece(sync->store, batch->arena, &sync->job,
				      sync->rules.contracts,
				      sync->rules.n_contracts, on_piece, sync);
	else
		err = store_held(sync->store, batch->arena, sync->job.id,
				 on_held, sync);
	if (err)
		engine_database_refused(sync, err);
	return true;
}

static void end(struct sync *sync, const struct job_row *job)
{
	struct fault fault;

	if (!job->error[0]) {
		engine_end(sync, OK, NULL);
		return;
	}
	fault_set(&fault, ERR_REFUSED, "%s", job->error);
	engine_end(sync, ERR_REFUSED, &fault);
}

static void nothing_to_do(struct sync *sync)
{
	struct fault fault;

	if (sync->options.derive.retry)
		fault_set(&fault, ERR_MISSING,
			  "there is nothing to try again: no such ids, or all "
			  "of it was dropped; see: gigstreamd quarantine list "
			  "--dropped");
	else
		fault_set(&fault, ERR_MISSING,
			  "chain %" PRIu64 " is not in the database yet: first "
			  "gigstreamd run, or backfill",
			  sync->config->chain.id);
	engine_end(sync, ERR_MISSING, &fault);
}

static void on_job(void *arg, enum err err, const struct fault *fault,
		   const struct job_row *job, bool finished)
{
	struct sync *sync = arg;

	if (err == ERR_MISSING && !sync->planned) {
		nothing_to_do(sync);
	} else if (err) {
		engine_database_failed(sync, err, fault);
	} else {
		if (!sync->planned && sync->state == SYNC_LEAD)
			log_info(sync->logger, "the leader does it");
		sync->derive_job = job->id;
		plan_only_job(sync, job);
		if (sync->observer.job)
			sync->observer.job(sync->observer.arg, job, finished);
		if (finished)
			end(sync, job);
		else if (sync->state == SYNC_LEAD)
			engine_wait(sync, WATCH_MS); /* is it still led? */
		else
			engine_enter(sync, SYNC_IDLE);
	}
	engine_step(sync);
}

void derive_ask(struct sync *sync)
{
	const struct sync_options *options = &sync->options;
	enum err err;

	if (sync->derive_job)
		err =
		    store_job_get(sync->store, sync->derive_job, on_job, sync);
	else if (options->derive.retry)
		err = store_retry_add(sync->store, options->derive.ids,
				      options->derive.n_ids, on_job, sync);
	else
		err = store_rebuild_add(sync->store, on_job, sync);
	if (err)
		engine_database_refused(sync, err);
}

void derive_idle(struct sync *sync)
{
	const struct job_row *job =
	    sync->n_open_jobs ? &sync->open_jobs[0] : NULL;

	if (!job) {
		engine_enter(sync, SYNC_PLAN);
		return;
	}
	if (sync->observer.job)
		sync->observer.job(sync->observer.arg, job, false);
	jobs_next(sync);
	(void)derive_piece(sync);
}
