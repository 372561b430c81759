#include "daemon/sync/engine.h"

#include <stdlib.h>
#include <string.h>

/* A span should take long enough to be worth its round trips, and short enough
 * that a failure costs little and progress is seen. */
#define SPAN_BLOCKS_FIRST 64
#define SPAN_BLOCKS_MOST 1024
#define SPAN_SHORT_NS 300000000u
#define SPAN_LONG_NS 2000000000u
#define SPAN_MUCH_MEMORY (6u << 20)
/* In a row, of fetches: then it is told, and other jobs have their turn. */
#define FAILURES_MANY 3

void lane_init(struct lane *lane)
{
	memset(lane, 0, sizeof(*lane));
	lane->blocks_a_span = SPAN_BLOCKS_FIRST;
}

struct batch *batch_new(struct sync *sync, struct lane *lane)
{
	struct batch *batch = calloc(1, sizeof(*batch));

	if (!batch)
		return NULL;
	batch->arena = arena_new(BATCH_CAP);
	if (!batch->arena) {
		free(batch);
		return NULL;
	}
	batch->sync = sync;
	batch->lane = lane;
	return batch;
}

void batch_free(struct batch *batch)
{
	if (!batch)
		return;
	source_cancel(batch->request);
	arena_free(batch->arena);
	free(batch);
}

void lane_drop(struct lane *lane)
{
	for (size_t i = 0; i < lane->n; i++)
		batch_free(lane->queue[i]);
	lane->n = 0;
	lane->ranges.n = 0;
}

void lane_free(struct lane *lane)
{
	lane_drop(lane);
	ranges_free(&lane->ranges);
}

bool lane_is_empty(const struct lane *lane)
{
	return lane->n == 0 && lane->ranges.n == 0;
}

enum err lane_add(struct lane *lane, uint64_t from, uint64_t to)
{
	return ranges_add(&lane->ranges, from, to);
}

struct batch *lane_front(const struct lane *lane)
{
	return lane->n > 0 && lane->queue[0]->fetched ? lane->queue[0] : NULL;
}

void lane_pop(struct lane *lane)
{
	lane->n--;
	memmove(lane->queue, lane->queue + 1, lane->n * sizeof(*lane->queue));
}

enum err lane_rewind(struct lane *lane)
{
	enum err err = OK;

	for (size_t i = 0; i < lane->n; i++) {
		struct batch *batch = lane->queue[i];

		if (!err)
			err = ranges_add(&lane->ranges, batch->from, batch->to);
		batch_free(batch);
	}
	lane->n = 0;
	return err;
}

static void adapt(struct lane *lane, const struct batch *batch)
{
	uint64_t took = uv_hrtime() - batch->started;
	uint64_t blocks = batch->to - batch->from + 1;
	size_t used = arena_used(batch->arena);

	lane->is_known = true;
	if (took > SPAN_LONG_NS || used > SPAN_MUCH_MEMORY)
		lane->blocks_a_span = blocks > 1 ? blocks / 2 : 1;
	else if (took < SPAN_SHORT_NS && 2 * used < SPAN_MUCH_MEMORY &&
		 blocks == lane->blocks_a_span && blocks < SPAN_BLOCKS_MOST)
		lane->blocks_a_span = 2 * blocks;
}

void batch_fetched(struct batch *batch, enum err err, const struct fault *fault)
{
	batch->request = NULL;
	batch->fetched = true;
	batch->err = err;
	if (err && fault)
		batch->fault = *fault;
	if (!err)
		batch->lane->failures = 0;
	engine_step(batch->sync);
}

static void on_span(void *arg, enum err err, const struct fault *fault,
		    struct span *span)
{
	struct batch *batch = arg;
	struct fault own;

	batch->span = span;
	arena_set_cap(batch->arena, BATCH_CAP); /* for what is made of it */
	if (!err)
		adapt(batch->lane, batch);
	if (!err && quorum_must_agree(batch)) {
		err = quorum_ask(batch);
		if (!err)
			return;
		fault = &own;
		fault_set(&own, err, "asking the endpoints to agree: %s",
			  err_text(err));
	}
	batch_fetched(batch, err, fault);
}

void lane_bring(struct lane *lane, struct batch *batch, struct span *span)
{
	const struct source_head *head = &batch->sync->head;
	const struct block_ref *ref = &span->blocks[span->n_blocks - 1].ref;

	/* What is final by its hash is so whenever that was said. */
	if (head->has_finalized && batch->sync->config->chain.finalized_tag &&
	    !quorum_is_asked(batch->sync) &&
	    hash_eq(&head->finalized.hash, &ref->hash)) {
		batch->has_final = true;
		batch->final = ref->number;
	}
	lane->queue[lane->n++] = batch;
	on_span(batch, OK, NULL, span);
}

/* Starts the fetch of the next blocks of the lane's first range. */
static enum err start_next(struct sync *sync, struct lane *lane)
{
	struct range *first = &lane->ranges.items[0];
	struct batch *batch = batch_new(sync, lane);
	enum err err;

	if (!batch)
		return ERR_NOMEM;
	batch->from = first->from;
	batch->to = first->to - first->from < lane->blocks_a_span
			? first->to
			: first->from + lane->blocks_a_span - 1;
	batch->to = quorum_cut(sync, batch->from, batch->to);
	if (batch->from < batch->to)
		arena_set_cap(batch->arena, SPAN_CAP);
	batch->started = uv_hrtime();
	batch->has_final = head_final(sync, &batch->final);
	/* Only what may yet vanish has to be known again elsewhere. */
	err = source_span(sync->source, batch->from, batch->to,
			  !batch->has_final || batch->to > batch->final,
			  batch->arena, on_span, batch, &batch->request);
	if (err) {
		batch_free(batch);
		return err;
	}
	if (batch->to == first->to) {
		lane->ranges.n--;
		memmove(first, first + 1, lane->ranges.n * sizeof(*first));
	} else {
		first->from = batch->to + 1;
	}
	lane->queue[lane->n++] = batch;
	return OK;
}

static bool has_room(const struct sync *sync, const struct lane *lane)
{
	size_t used = sync->in_hand ? arena_used(sync->in_hand->arena) : 0;

	for (size_t i = 0; i < lane->n; i++)
		used += arena_used(lane->queue[i]->arena);
	if (lane->n == 0)
		return !sync->in_hand || used < LANE_ENOUGH;
	return lane->is_known && lane->n < LANE_DEPTH && used < LANE_ENOUGH;
}

void lane_refill(struct sync *sync, struct lane *lane)
{
	while (lane->ranges.n > 0 && has_room(sync, lane) &&
	       uv_now(sync->loop) >= lane->retry_at) {
		enum err err = start_next(sync, lane);

		if (err) {
			log_warn(sync->logger, "cannot ask the node: %s",
				 err_text(err));
			lane->retry_at = uv_now(sync->loop) +
					 engine_backoff(++lane->failures, 5000);
			return;
		}
	}
}

void lane_failed(struct sync *sync, struct lane *lane)
{
	const struct batch *batch = lane->queue[0];
	bool shrink = batch->err == ERR_TOO_LARGE || batch->err == ERR_LIMIT ||
		      batch->err == ERR_NOMEM;
	bool moved = batch->err == ERR_NOT_YET;
	bool follows = lane == &sync->follow_lane;
	const struct fault fault = batch->fault;

	/* The chain is none that chain.verify can prove: no waiting mends it. A
	 * daemon stays, and says so. */
	if (batch->err == ERR_USAGE && sync->options.mode != SYNC_RUN) {
		engine_end(sync, ERR_USAGE, &fault);
		return;
	}
	if (shrink && batch->from < batch->to) {
		lane->blocks_a_span = (batch->to - batch->from + 1) / 2;
		log_debug(sync->logger, "spans of %llu blocks from here on: %s",
			  (unsigned long long)lane->blocks_a_span,
			  batch->fault.text);
	} else {
		/* The node's head may not be what it says: with fewer blocks
		 * those that are there are had. */
		if (moved && batch->from < batch->to)
			lane->blocks_a_span = (batch->to - batch->from + 1) / 2;
		lane->failures++;
		lane->retry_at =
		    uv_now(sync->loop) +
		    engine_backoff(moved ? 1 : lane->failures, 5000);
		/* A head that has moved is not a fault of the node. */
		if (!moved || lane->failures > FAILURES_MANY) {
			if (follows || sync->options.mode != SYNC_RUN) {
				sync->rpc_ok = false;
				sync->rpc_fault = batch->fault;
			}
			log_warn(sync->logger, "blocks %llu to %llu: %s",
				 (unsigned long long)batch->from,
				 (unsigned long long)batch->to,
				 batch->fault.text);
		}
	}
	if (follows)
		lane_drop(lane); /* the next poll says what is wanted */
	else if (lane->failures > FAILURES_MANY &&
		 sync->options.mode == SYNC_RUN)
		jobs_set_aside(sync);
	else if (lane_rewind(lane) != OK)
		jobs_drop(sync);
}
