#include <inttypes.h>
#include <string.h>

#include "daemon/sync/engine.h"

/* A history is searched in pieces of so many blocks, each recorded when done. */
#define HISTORY_CHUNK 50000
/* Of its wallets, of which a commit adopts no more than STORE_ADOPT_MOST. */
#define HISTORY_CAP (64u << 20)
/* Between one job that failed and the next: time to learn of new ones. */
#define ASIDE_MS 2000

void jobs_drop(struct sync *sync)
{
	source_cancel(sync->job_request);
	sync->job_request = NULL;
	lane_drop(&sync->job_lane);
	sync->has_job = false;
}

static struct job_row *listed(struct sync *sync, uint64_t id)
{
	for (size_t i = 0; i < sync->n_open_jobs; i++)
		if (sync->open_jobs[i].id == id)
			return &sync->open_jobs[i];
	return NULL;
}

static void unlist(struct sync *sync, uint64_t id)
{
	struct job_row *row = listed(sync, id);
	size_t i;

	if (!row)
		return;
	i = (size_t)(row - sync->open_jobs);
	sync->n_open_jobs--;
	memmove(row, row + 1, (sync->n_open_jobs - i) * sizeof(*row));
}

static uint64_t next_block(const struct job_row *job)
{
	return job->has_done ? job->done_to + 1 : job->from;
}

/* The lane gets what the job still lacks. */
static enum err open_range(struct sync *sync, const struct job_row *job)
{
	uint64_t from = next_block(job);
	struct ranges missing;
	enum err err;

	ranges_init(&missing);
	if (job->rescan)
		err =
		    from <= job->to ? ranges_add(&missing, from, job->to) : OK;
	else
		err = ranges_missing(&sync->covered, from, job->to, &missing);
	for (size_t i = 0; i < missing.n && !err; i++)
		err = lane_add(&sync->job_lane, missing.items[i].from,
			       missing.items[i].to);
	sync->progress.blocks =
	    job->to - job->from + 1 - ranges_count(&missing);
	sync->progress.from = job->from;
	sync->progress.to = job->to;
	ranges_free(&missing);
	return err;
}

static void search_history(struct sync *sync);

/* The job may have been dropped meanwhile, or be another one. */
static void on_wallets(void *arg, enum err err, const struct fault *fault,
		       const struct address *wallets, size_t n)
{
	struct sync *sync = arg;
	struct history *history = &sync->history;

	(void)fault; /* the main connection says what is wrong */
	history->asked = false;
	history->wallets = wallets;
	history->n = n;
	if (err) {
		history->job = 0;
		sync->job_retry_at = uv_now(sync->loop) + ASIDE_MS;
	}
	if (sync->has_job && sync->job.kind == JOB_HISTORY) {
		if (!err && history->job == sync->job.id)
			search_history(sync);
		else
			sync->has_job = false; /* it is opened again */
	}
	engine_step(sync);
}

/* On the connection of the view: a block does not wait for it. Where that is
 * busy, the job is opened again later. */
static void ask_wallets(struct sync *sync)
{
	struct history *history = &sync->history;

	if (history->asked)
		return;
	if (!history->arena)
		history->arena = arena_new(HISTORY_CAP);
	if (history->arena)
		arena_reset(history->arena);
	history->job = 0;
	if (!history->arena ||
	    store_job_wallets(sync->status_store, history->arena, sync->job.id,
			      on_wallets, sync) != OK) {
		sync->has_job = false;
		return;
	}
	history->job = sync->job.id;
	history->asked = true;
}

static void history_failed(struct sync *sync, const struct fault *fault)
{
	sync->job_retry_at =
	    uv_now(sync->loop) + engine_backoff(++sync->job_failures, 30000);
	sync->has_job = false;
	sync->job_after = sync->job.id;
	if (sync->job_failures == 1)
		log_warn(sync->logger, "history of wallets: %s", fault->text);
}

static void on_history(void *arg, enum err err, const struct fault *fault,
		       const uint64_t *numbers, size_t n)
{
	const struct fault nomem = {ERR_NOMEM, "out of memory"};
	struct sync *sync = arg;

	sync->job_request = NULL;
	for (size_t i = 0; i < n && !err; i++)
		err = lane_add(&sync->job_lane, numbers[i], numbers[i]);
	if (err)
		history_failed(sync, fault ? fault : &nomem);
	else
		sync->job_failures = 0;
	if (!err && n == 0)
		sync->job_empty = sync->tick_due = true;
	engine_step(sync);
}

/* Asks in which blocks of the next piece the job's wallets moved USDC. */
static void search_history(struct sync *sync)
{
	const struct fault fault = {ERR_NOMEM, "cannot ask the node"};
	const struct job_row *job = &sync->job;
	uint64_t from = next_block(job);

	sync->job_chunk_to =
	    job->to - from < HISTORY_CHUNK ? job->to : from + HISTORY_CHUNK - 1;
	if (source_transfer_blocks(sync->source, sync->history.wallets,
				   sync->history.n, from, sync->job_chunk_to,
				   on_history, sync, &sync->job_request) != OK)
		history_failed(sync, &fault);
}

static void open_job(struct sync *sync, const struct job_row *job)
{
	sync->job = *job;
	sync->has_job = true;
	sync->job_empty = false;
	sync->job_chunk_to = job->to;
	if (job_derives(job->kind))
		return;
	if (job->kind == JOB_HISTORY && next_block(job) <= job->to) {
		if (sync->history.job == job->id && !sync->history.asked)
			search_history(sync);
		else
			ask_wallets(sync);
		return;
	}
	if (job->kind == JOB_RANGE && open_range(sync, job) != OK) {
		log_warn(sync->logger, "no memory to plan a range");
		jobs_drop(sync);
		return;
	}
	if (lane_is_empty(&sync->job_lane))
		sync->job_empty = sync->tick_due = true;
}

/* A job whose blocks have not all been followed yet waits for them. */
static bool is_possible(const struct sync *sync, const struct job_row *job)
{
	const struct block_ref *tip = follow_tip(&sync->follow);

	return sync->options.mode != SYNC_RUN || job_derives(job->kind) ||
	       (tip && job->to <= tip->number);
}

static void heal_gap(struct sync *sync)
{
	const struct block_ref *tip = follow_tip(&sync->follow);
	struct ranges missing;

	ranges_init(&missing);
	if (tip &&
	    ranges_missing(&sync->covered, sync->config->chain.start_block,
			   tip->number, &missing) == OK &&
	    missing.n > 0) {
		const struct job_row gap = {.from = missing.items[0].from,
					    .to = missing.items[0].to};

		log_info(sync->logger,
			 "reading blocks %" PRIu64 " to %" PRIu64
			 ", which are missing",
			 gap.from, gap.to);
		open_job(sync, &gap);
	}
	ranges_free(&missing);
}

void jobs_next(struct sync *sync)
{
	if (sync->has_job || uv_now(sync->loop) < sync->job_retry_at)
		return;
	for (size_t i = 0; i < sync->n_open_jobs; i++) {
		const struct job_row *row = &sync->open_jobs[i];

		if ((row->id > sync->job_after || row->id == 0) &&
		    is_possible(sync, row)) {
			open_job(sync, row);
			return;
		}
	}
	if (sync->options.mode == SYNC_RUN)
		heal_gap(sync);
	sync->job_after = 0; /* all had their turn */
}

void jobs_set_aside(struct sync *sync)
{
	sync->job_after = sync->job.id;
	sync->job_retry_at = uv_now(sync->loop) + ASIDE_MS;
	sync->job_lane.failures = 0;
	sync->job_lane.retry_at = 0;
	jobs_drop(sync);
}

void jobs_commit(struct sync *sync, const struct batch *batch,
		 struct store_commit *commit)
{
	bool last = lane_is_empty(&sync->job_lane);

	if (!sync->has_job || (!batch->lane && !sync->job_empty))
		return;
	/* A history reads blocks for its wallets only: no source is covered
	 * by it; the finished job is what the wallets' coverage records. */
	if (sync->job.kind == JOB_HISTORY)
		commit->verified_by = NULL;
	if (sync->job.id == 0)
		return;
	commit->has_job = true;
	commit->job_id = sync->job.id;
	commit->job_done_to = last ? sync->job_chunk_to : batch->to;
	commit->job_finished = last && sync->job_chunk_to == sync->job.to;
}

static void end_job(struct sync *sync)
{
	unlist(sync, sync->job.id);
	sync->jobs_generation++;
	sync->has_job = false;
	if (sync->options.mode == SYNC_DERIVE)
		engine_enter(sync, SYNC_PLAN); /* what has it come to? */
	else if (sync->options.mode == SYNC_BACKFILL)
		indexes_end(sync);
	else if (sync->options.mode != SYNC_RUN)
		engine_end(sync, OK, NULL);
}

void jobs_committed(struct sync *sync, const struct batch *batch)
{
	struct job_row *row = listed(sync, sync->job.id);
	bool last = lane_is_empty(&sync->job_lane);

	if (!sync->has_job)
		return;
	sync->job_empty = false;
	if (row && batch->commit.has_job) {
		row->has_done = true;
		row->done_to = batch->commit.job_done_to;
	}
	if (batch->commit.job_finished || (last && sync->job.id == 0))
		end_job(sync);
	else if (last)
		sync->has_job = false; /* its next piece, when its turn comes */
}

/* As cut_jobs.sql does it. */
void jobs_cut(struct sync *sync, uint64_t ancestor)
{
	for (size_t i = 0; i < sync->n_open_jobs; i++) {
		struct job_row *row = &sync->open_jobs[i];

		if (row->has_done && row->done_to > ancestor) {
			row->has_done = row->from <= ancestor;
			row->done_to = ancestor;
		}
	}
}
