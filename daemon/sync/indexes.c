#include <inttypes.h>

#include "daemon/sync/engine.h"

#define CONNECT_MS 5000
/* Fewer blocks are filled sooner than it is worth while to build anew. */
#define LONG_RANGE 10000

static bool wants_deferral(const struct sync *sync, const struct job_row *job)
{
	switch (sync->options.defer_indexes) {
	case DEFER_YES:
		return true;
	case DEFER_NO:
		return false;
	case DEFER_AUTO:
		return job->to - job->from >= LONG_RANGE;
	}
	return false;
}

static void on_deferred(void *arg, enum err err, const struct fault *fault,
			uint64_t n)
{
	struct sync *sync = arg;

	if (err) {
		engine_database_failed(sync, err, fault);
	} else {
		if (n > 0)
			log_info(sync->logger,
				 "%" PRIu64 " indexes are left out until the "
				 "end",
				 n);
		sync->lease.deferred_indexes = n;
		engine_enter(sync, SYNC_IDLE);
	}
	engine_step(sync);
}

void indexes_defer(struct sync *sync, const struct job_row *job)
{
	enum err err;

	if (!wants_deferral(sync, job)) {
		engine_enter(sync, SYNC_IDLE);
		return;
	}
	err = store_defer_indexes(sync->store, on_deferred, sync);
	if (err)
		engine_database_refused(sync, err);
}

bool indexes_are_due(const struct sync *sync)
{
	bool fills = sync->options.mode == SYNC_BACKFILL &&
		     sync->options.defer_indexes != DEFER_NO;

	return sync->range_done || (sync->lease.deferred_indexes > 0 && !fills);
}

static void build_next(struct sync *sync);

static void on_built(void *arg, enum err err, const struct fault *fault,
		     uint64_t left)
{
	struct sync *sync = arg;

	if (err) {
		engine_database_failed(sync, err, fault);
	} else {
		sync->lease.deferred_indexes = left;
		build_next(sync);
	}
	engine_step(sync);
}

static void build_next(struct sync *sync)
{
	uint64_t left = sync->lease.deferred_indexes;
	enum err err;

	if (left == 0) {
		if (sync->range_done)
			engine_end(sync, OK, NULL);
		else
			engine_enter(sync, SYNC_RESUME);
		return;
	}
	if (sync->indexes_due < left)
		sync->indexes_due = left;
	log_info(sync->logger, "building indexes: %" PRIu64 " of %" PRIu64,
		 sync->indexes_due - left + 1, sync->indexes_due);
	engine_tell_status(sync);
	err = store_restore_index(sync->store, on_built, sync);
	if (err)
		engine_database_refused(sync, err);
}

void indexes_restore(struct sync *sync)
{
	lane_drop(&sync->follow_lane);
	jobs_drop(sync);
	poll_stop(sync);
	sync->indexes_due = 0;
	build_next(sync);
}

void indexes_end(struct sync *sync)
{
	sync->range_done = true;
	engine_enter(sync, SYNC_RESTORE);
}

/* Where it is lost, the leader that took it has ended our connection. */
static void on_renewed(void *arg, enum err err, const struct fault *fault,
		       const struct store_done *done)
{
	const struct sync *sync = arg;

	(void)done;
	if (err)
		log_debug(sync->logger, "the lease: %s", fault->text);
}

static void on_connected(void *arg, enum err err, const struct fault *fault)
{
	struct sync *sync = arg;

	(void)err;
	(void)fault;
	sync->status_connecting = false;
}

void indexes_renew(struct sync *sync)
{
	enum err err = OK;

	if (!sync->tick_due || sync->status_connecting)
		return;
	sync->tick_due = false;
	if (pg_is_connected(sync->status_pg)) {
		err =
		    store_lease_halt(sync->status_store, &sync->holder,
				     sync->lease.term, NULL, on_renewed, sync);
	} else if (sync->options.mode != SYNC_RUN) { /* else the view does */
		err =
		    pg_connect(sync->status_pg, CONNECT_MS, on_connected, sync);
		sync->status_connecting = !err;
	}
	if (err) /* it is busy: the next second will do */
		log_debug(sync->logger, "the lease: %s", err_text(err));
}
