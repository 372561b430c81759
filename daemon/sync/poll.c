#include <inttypes.h>

#include "daemon/sync/engine.h"

/* The node's head, asked for by the beat of its blocks, or as configured; and in
 * the same request the block after ours, ahead of its being known. */

#define MS 1000u

static void on_poll_timer(uv_timer_t *timer)
{
	poll_now(timer->data);
}

static uint64_t now_us(void)
{
	return uv_hrtime() / 1000;
}

static void schedule(struct sync *sync)
{
	uint64_t ms = sync->config->chain.poll_ms, now = now_us();

	if (sync->poll_failures > 0)
		ms = engine_backoff(sync->poll_failures, 5000);
	else if (ms == 0)
		ms = (beat_next(&sync->beat, now) - now) / MS;
	uv_timer_start(&sync->poll_timer, on_poll_timer, ms > 0 ? ms : 1, 0);
}

void poll_start(struct sync *sync)
{
	if (!sync->head_request &&
	    !uv_is_active((uv_handle_t *)&sync->poll_timer))
		poll_now(sync);
}

static void forget_ahead(struct sync *sync)
{
	batch_free(sync->ahead);
	sync->ahead = NULL;
}

void poll_stop(struct sync *sync)
{
	head_forget_search(sync);
	source_cancel(sync->head_request);
	source_cancel(sync->halt_request);
	sync->head_request = NULL;
	sync->halt_request = NULL;
	forget_ahead(sync);
	uv_timer_stop(&sync->poll_timer);
}

/* The block after all that we have or are about to; false: there are others to
 * be had first, or something else is the matter. */
static bool next_block(const struct sync *sync, uint64_t *number)
{
	const struct block_ref *tip = follow_tip(&sync->follow);
	const struct batch *in_hand = sync->in_hand;

	if (sync->options.mode != SYNC_RUN || !tip || !sync->has_head ||
	    !sync->compared || sync->node != NODE_FIT || sync->searching ||
	    sync->rollback_due || sync->halt_due ||
	    !lane_is_empty(&sync->follow_lane) ||
	    (sync->state != SYNC_IDLE && sync->state != SYNC_LOAD &&
	     sync->state != SYNC_COMMIT))
		return false;
	*number = tip->number + 1;
	if (in_hand && in_hand->rollback)
		return false;
	if (in_hand && in_hand->lane == &sync->follow_lane)
		*number = in_hand->to + 1;
	return *number + 1 >= sync->head.latest.number;
}

/* Nothing has come between the question and its answer, the proven block. */
static void take_ahead(struct sync *sync, struct span *span)
{
	struct batch *batch = sync->ahead;
	uint64_t number;

	sync->ahead = NULL;
	if (batch && span && next_block(sync, &number) && number == span->to)
		lane_bring(&sync->follow_lane, batch, span);
	else
		batch_free(batch);
}

static void learn_cadence(struct sync *sync, const struct block_ref *latest)
{
	const struct block_ref *before = &sync->head.latest;
	double seconds;

	if (!sync->has_head || latest->number <= before->number ||
	    latest->timestamp < before->timestamp)
		return;
	seconds = (double)(latest->timestamp - before->timestamp) /
		  (double)(latest->number - before->number);
	sync->block_seconds = sync->block_seconds > 0
				  ? 0.8 * sync->block_seconds + 0.2 * seconds
				  : seconds;
}

static void failed(struct sync *sync, const struct fault *fault)
{
	if (sync->poll_failures++ == 0 || sync->rpc_ok)
		log_warn(sync->logger, "the node: %s", fault->text);
	sync->rpc_ok = false;
	sync->rpc_fault = *fault;
	forget_ahead(sync);
}

static void learn(struct sync *sync, const struct source_head *head)
{
	if (!sync->rpc_ok)
		log_info(sync->logger, "the node answers; its head is %" PRIu64,
			 head->latest.number);
	sync->rpc_ok = true;
	sync->poll_failures = 0;
	if (!sync->has_head ||
	    !hash_eq(&head->latest.hash, &sync->head.latest.hash))
		sync->head_changed = uv_hrtime();
	beat_answer(&sync->beat, head->latest.number, sync->polled_at,
		    now_us());
	learn_cadence(sync, &head->latest);
	sync->head = *head;
	sync->has_head = true;
}

static void on_next(void *arg, enum err err, const struct fault *fault,
		    const struct source_head *head, struct span *span)
{
	struct sync *sync = arg;

	sync->head_request = NULL;
	if (err) {
		failed(sync, fault);
		schedule(sync);
	} else {
		learn(sync, head);
		schedule(sync);
		take_ahead(sync, span);
		head_decide(sync);
		quorum_poll(sync);
		head_show(sync);
	}
	engine_step(sync);
}

static void on_head(void *arg, enum err err, const struct fault *fault,
		    const struct source_head *head)
{
	on_next(arg, err, fault, head, NULL);
}

/* Not after a failure: what came with it may have been too much. */
static struct batch *begin_ahead(struct sync *sync)
{
	struct batch *batch;
	uint64_t number;

	if (sync->poll_failures > 0 || !next_block(sync, &number))
		return NULL;
	batch = batch_new(sync, &sync->follow_lane);
	if (!batch)
		return NULL;
	batch->from = batch->to = number;
	batch->started = uv_hrtime();
	batch->has_final = head_final(sync, &batch->final);
	return batch;
}

void poll_now(struct sync *sync)
{
	enum err err;

	if (sync->head_request)
		return;
	uv_timer_stop(&sync->poll_timer);
	sync->ahead = begin_ahead(sync);
	sync->polled_at = now_us();
	err =
	    sync->ahead
		? source_next(sync->source, sync->ahead->to, sync->ahead->arena,
			      on_next, sync, &sync->head_request)
		: source_head(sync->source, on_head, sync, &sync->head_request);
	if (err) {
		fault_set(&sync->rpc_fault, err, "cannot ask the node: %s",
			  err_text(err));
		sync->rpc_ok = false;
		sync->poll_failures++;
		forget_ahead(sync);
		schedule(sync);
	}
}

enum err sync_set_endpoints(struct sync *sync, const struct config *config,
			    struct fault *fault)
{
	enum err err = source_set_endpoints(sync->source, config, fault);

	if (err)
		return err;
	/* Whoever waits for a node need wait no longer. */
	sync->poll_failures = 0;
	if (uv_is_active((uv_handle_t *)&sync->poll_timer))
		poll_now(sync);
	return OK;
}
