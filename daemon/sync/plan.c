#include <inttypes.h>
#include <string.h>

#include "daemon/sync/engine.h"

#define WATCH_MS 200

/* From the options and the node's head to the range, both ends included. */
static enum err resolve(const struct sync *sync, uint64_t *to,
			struct fault *fault)
{
	const struct sync_options *options = &sync->options;
	uint64_t head = sync->head.latest.number;

	*to = options->to;
	if (options->end == END_LATEST)
		*to = head;
	else if (options->end == END_FINALIZED && !head_final(sync, to))
		return fault_set(fault, ERR_USAGE,
				 "the node calls no block final yet: give --to "
				 "a number");
	if (*to > head)
		return fault_set(fault, ERR_USAGE,
				 "block %" PRIu64 " is not there yet: the "
				 "node's head is %" PRIu64,
				 *to, head);
	if (options->from > *to)
		return fault_set(fault, ERR_USAGE,
				 "the range is empty: it would begin at block "
				 "%" PRIu64 " and end at %" PRIu64,
				 options->from, *to);
	return OK;
}

static bool have_arena(struct sync *sync)
{
	if (!sync->jobs_arena)
		sync->jobs_arena = arena_new(1u << 20);
	return sync->jobs_arena != NULL;
}

void plan_only_job(struct sync *sync, const struct job_row *job)
{
	sync->n_open_jobs = 0;
	if (!have_arena(sync))
		return;
	arena_reset(sync->jobs_arena);
	sync->open_jobs = ARENA_NEW(sync->jobs_arena, struct job_row);
	sync->n_open_jobs = sync->open_jobs ? 1 : 0;
	if (sync->open_jobs)
		*sync->open_jobs = *job;
	sync->planned = true;
	sync->progress.from = job->from;
	sync->progress.to = job->to;
}

static void on_planned(void *arg, enum err err, const struct fault *fault,
		       const struct job_row *job, bool finished)
{
	struct sync *sync = arg;

	if (err) {
		engine_database_failed(sync, err, fault);
	} else {
		plan_only_job(sync, job);
		if (finished)
			indexes_end(sync);
		else
			indexes_defer(sync, job);
	}
	engine_step(sync);
}

void plan_start(struct sync *sync)
{
	struct job_row job = {.from = sync->options.from, .rescan = true};
	struct fault fault = {ERR_NOMEM, "out of memory"};
	enum err err = have_arena(sync) ? OK : ERR_NOMEM;

	if (sync->options.mode == SYNC_ACCEPT) {
		accept_ask(sync);
		return;
	}
	if (sync->options.mode == SYNC_DERIVE) {
		derive_ask(sync);
		return;
	}
	if (!err)
		err = resolve(sync, &job.to, &fault);
	if (err) {
		engine_end(sync, err, &fault);
		return;
	}
	if (sync->options.mode == SYNC_DRY_RUN) {
		plan_only_job(sync, &job);
		engine_enter(sync, SYNC_IDLE);
		return;
	}
	err = store_job_add(sync->store, job.from, job.to, sync->options.rescan,
			    on_planned, sync);
	if (err)
		engine_database_refused(sync, err);
}

static void on_watched(void *arg, enum err err, const struct fault *fault,
		       const struct job_row *job, bool finished)
{
	struct sync *sync = arg;
	struct sync_progress *p = &sync->progress;

	if (err) {
		engine_database_failed(sync, err, fault);
		engine_step(sync);
		return;
	}
	if (have_arena(sync))
		plan_only_job(sync, job);
	sync->handed_over = p->by_leader = true;
	p->blocks = finished	    ? p->to - p->from + 1
		    : job->has_done ? job->done_to - p->from + 1
				    : 0;
	if (sync->observer.progress)
		sync->observer.progress(sync->observer.arg, p);
	if (finished)
		engine_end(sync, OK, NULL);
	else
		engine_wait(sync, WATCH_MS); /* LEAD again: is it still led? */
	engine_step(sync);
}

static void on_head_for_plan(void *arg, enum err err, const struct fault *fault,
			     const struct source_head *head)
{
	struct sync *sync = arg;
	struct fault wrong;
	uint64_t to;

	sync->check_request = NULL;
	if (err) {
		sync->rpc_fault = *fault;
		engine_wait(sync, engine_backoff(++sync->poll_failures, 5000));
		return;
	}
	sync->head = *head;
	sync->has_head = true;
	if (!quorum_has_spoken(sync)) {
		quorum_poll(sync);
		engine_wait(sync, WATCH_MS);
		return;
	}
	err = resolve(sync, &to, &wrong);
	if (err)
		engine_end(sync, err, &wrong);
	else if (store_job_add(sync->store, sync->options.from, to,
			       sync->options.rescan, on_watched, sync) != OK)
		engine_wait(sync, WATCH_MS);
	engine_step(sync);
}

void plan_hand_over(struct sync *sync)
{
	enum err err;

	if (sync->range_done) { /* the leader sees to what is missing */
		engine_end(sync, OK, NULL);
		return;
	}
	if (sync->planned && sync->n_open_jobs > 0)
		err = store_job_get(sync->store, sync->open_jobs[0].id,
				    on_watched, sync);
	else
		err = source_head(sync->source, on_head_for_plan, sync,
				  &sync->check_request);
	if (err)
		engine_wait(sync, WATCH_MS);
}
