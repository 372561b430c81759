#include <stdlib.h>

#include "daemon/sync/engine.h"

#define CLOSE_MS 4500 /* "within 5 seconds", with room for the rest */

void close_free(struct sync *sync)
{
	store_free(sync->store);
	store_free(sync->status_store);
	arena_free(sync->resume_arena);
	arena_free(sync->page_arena);
	arena_free(sync->history.arena);
	follow_free(&sync->follow);
	watchlist_free(&sync->watched);
	ranges_free(&sync->covered);
	lane_free(&sync->follow_lane);
	lane_free(&sync->job_lane);
	catalog_free(sync->catalog);
	free(sync->contracts);
	arena_free(sync->jobs_arena);
	json_decref(sync->status_json);
	arena_free(sync->view_arena);
	free(sync);
}

static void on_part_closed(void *arg)
{
	struct sync *sync = arg;
	void (*closed)(void *) = sync->closed;
	void *closed_arg = sync->closed_arg;

	if (--sync->open_handles > 0)
		return;
	close_free(sync);
	closed(closed_arg);
}

static void on_handle_closed(uv_handle_t *handle)
{
	on_part_closed(handle->data);
}

/* The source must not be closed under a request of ours. */
static void drop_work(struct sync *sync)
{
	lane_drop(&sync->follow_lane);
	jobs_drop(sync);
	poll_stop(sync);
	watch_forget(sync);
	source_cancel(sync->check_request);
	sync->check_request = NULL;
}

static void close_parts(struct sync *sync)
{
	drop_work(sync);
	batch_free(sync->in_hand);
	sync->in_hand = NULL;
	sync->open_handles += 3;
	source_close(sync->source, on_part_closed, sync);
	pg_close(sync->pg, on_part_closed, sync);
	pg_close(sync->status_pg, on_part_closed, sync);
	uv_close((uv_handle_t *)&sync->wait_timer, on_handle_closed);
	uv_close((uv_handle_t *)&sync->tick_timer, on_handle_closed);
	uv_close((uv_handle_t *)&sync->close_timer, on_handle_closed);
	uv_close((uv_handle_t *)&sync->poll_timer, on_handle_closed);
	uv_close((uv_handle_t *)&sync->status_timer, on_handle_closed);
}

static void on_released(void *arg, enum err err, const struct fault *fault,
			const struct store_done *done)
{
	struct sync *sync = arg;

	(void)done;
	if (err) /* it expires by itself */
		log_debug(sync->logger, "the lease: %s", fault->text);
	close_parts(sync);
}

/* No batch is in hand: stop asking, give the lease back, close. */
void close_step(struct sync *sync)
{
	if (sync->released)
		return;
	sync->state = SYNC_ENDED;
	sync->released = true;
	drop_work(sync);
	uv_timer_stop(&sync->wait_timer);
	uv_timer_stop(&sync->tick_timer);
	if (sync->lease.held && pg_is_connected(sync->pg) &&
	    store_lease_release(sync->store, &sync->holder, on_released,
				sync) == OK)
		return;
	close_parts(sync);
}

static void on_close_deadline(uv_timer_t *timer)
{
	struct sync *sync = timer->data;

	log_warn(sync->logger, "the batch in hand takes too long to end: it is "
			       "rolled back");
	pg_cancel(sync->pg);
	sync->state = SYNC_ENDED;
	sync->released = true;
	close_parts(sync);
}

void sync_close(struct sync *sync, void (*closed)(void *arg), void *arg)
{
	sync->closing = true;
	sync->closed = closed;
	sync->closed_arg = arg;
	uv_timer_start(&sync->close_timer, on_close_deadline, CLOSE_MS, 0);
	engine_step(sync);
}
