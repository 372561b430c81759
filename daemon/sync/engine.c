#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "daemon/sync/engine.h"

uint64_t engine_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t engine_backoff(unsigned failures, uint64_t cap_ms)
{
	uint64_t ms = 100u << (failures < 10 ? failures : 10);
	uint16_t jitter = 0;

	if (ms > cap_ms)
		ms = cap_ms;
	if (getrandom(&jitter, sizeof(jitter), GRND_NONBLOCK) < 0)
		jitter = 0; /* without it the wait is only less spread */
	return ms / 2 + jitter * ms / 2 / UINT16_MAX;
}

const char *engine_state_text(enum sync_state state)
{
	switch (state) {
#define STATE_CASE(name, text)                                                 \
	case SYNC_##name:                                                      \
		return text;
		SYNC_STATE_MAP(STATE_CASE)
#undef STATE_CASE
	}
	return "?";
}

static void announce(struct sync *sync)
{
	if (sync->announced)
		return;
	sync->announced = true;
	view_now(sync);
	if (sync->observer.ready)
		sync->observer.ready(sync->observer.arg);
}

void engine_tell_status(struct sync *sync)
{
	const struct block_ref *tip = follow_tip(&sync->follow);
	char text[256];

	if (!sync->observer.status)
		return;
	if (tip && sync->has_head)
		(void)snprintf(text, sizeof(text),
			       "%s: block %" PRIu64 " of %" PRIu64,
			       engine_state_text(sync->state), tip->number,
			       sync->head.latest.number);
	else
		(void)snprintf(text, sizeof(text), "%s",
			       engine_state_text(sync->state));
	sync->observer.status(sync->observer.arg, text);
}

void engine_enter(struct sync *sync, enum sync_state state)
{
	enum sync_state before = sync->state;

	if (before == SYNC_ENDED)
		return;
	sync->state = state;
	if (before != state)
		log_debug(sync->logger, "%s -> %s", engine_state_text(before),
			  engine_state_text(state));
	switch (state) {
	case SYNC_CONNECT:
		lead_connect(sync);
		break;
	case SYNC_LEAD:
		lead_take(sync);
		break;
	case SYNC_RESTORE:
		indexes_restore(sync);
		break;
	case SYNC_RESUME:
		resume_start(sync);
		break;
	case SYNC_CHECK:
		check_start(sync);
		break;
	case SYNC_PLAN:
		plan_start(sync);
		break;
	case SYNC_IDLE:
		announce(sync);
		if (sync->options.mode != SYNC_DERIVE)
			poll_start(sync);
		break;
	case SYNC_HALTED:
		lane_drop(&sync->follow_lane);
		jobs_drop(sync);
		watch_forget(sync);
		head_forget_search(sync);
		halt_round(sync);
		break;
	case SYNC_LOAD:
	case SYNC_COMMIT:
	case SYNC_WAIT:
	case SYNC_ENDED:
		break;
	}
	if (before != state && state != SYNC_LOAD && state != SYNC_COMMIT)
		engine_tell_status(sync);
}

void engine_end(struct sync *sync, enum err err, const struct fault *fault)
{
	static const struct fault none;

	if (sync->state == SYNC_ENDED)
		return;
	lane_drop(&sync->follow_lane);
	jobs_drop(sync);
	poll_stop(sync);
	engine_enter(sync, SYNC_ENDED);
	sync->observer.ended(sync->observer.arg, err, fault ? fault : &none);
}

static void on_wait_timer(uv_timer_t *timer)
{
	struct sync *sync = timer->data;

	sync->waiting = false;
	if (sync->closing)
		return;
	/* After a failure everything is asked anew, the schema included. */
	engine_enter(sync,
		     sync->state == SYNC_WAIT ? SYNC_CONNECT : sync->state);
	engine_step(sync);
}

void engine_wait(struct sync *sync, uint64_t ms)
{
	sync->waiting = true;
	uv_timer_start(&sync->wait_timer, on_wait_timer, ms, 0);
}

void engine_database_failed(struct sync *sync, enum err err,
			    const struct fault *fault)
{
	/* The same trouble is told once, until something is committed. */
	if (sync->failures++ == 0 ||
	    strcmp(sync->database_fault.text, fault->text) != 0)
		log_warn(sync->logger, "the database: %s", fault->text);
	sync->database_ok = false;
	sync->database_fault = *fault;
	batch_free(sync->in_hand);
	sync->in_hand = NULL;
	lane_drop(&sync->follow_lane);
	jobs_drop(sync);
	poll_stop(sync);
	watch_forget(sync);
	resume_forget(sync);
	if (err == ERR_LEASE_LOST) {
		sync->lease.held = false;
		log_warn(sync->logger, "another process leads now");
	}
	engine_enter(sync, SYNC_WAIT);
	engine_wait(sync, engine_backoff(sync->failures, 5000));
}

void engine_database_refused(struct sync *sync, enum err err)
{
	struct fault fault;

	fault_set(&fault, err, "cannot be asked: %s",
		  err == ERR_TRANSPORT ? "it has closed the connection"
				       : err_text(err));
	engine_database_failed(sync, err, &fault);
}

/* Takes a fetched batch from its lane; false when its fetch had failed. */
static bool take(struct sync *sync, struct lane *lane)
{
	struct batch *batch = lane_front(lane);

	if (!batch)
		return false;
	if (batch->err) {
		lane_failed(sync, lane);
		return false;
	}
	sync->rpc_ok = true;
	if (quorum_must_agree(batch)) {
		quorum_ask_again(batch);
		return false;
	}
	lane_pop(lane);
	apply_batch(sync, batch);
	return true;
}

/* Nothing is read from a node that has another chain and cannot be judged by:
 * one that is syncing, or one that is behind before it was ever compared. */
static bool is_fit(const struct sync *sync)
{
	return sync->node == NODE_FIT ||
	       (sync->node == NODE_BEHIND &&
		(sync->compared || !follow_tip(&sync->follow)));
}

/* What to do next, the most urgent first. */
static void idle(struct sync *sync)
{
	bool writes = sync->options.mode != SYNC_DRY_RUN;

	if (sync->options.mode == SYNC_ACCEPT) {
		accept_idle(sync);
		return;
	}
	if (sync->options.mode == SYNC_DERIVE) {
		derive_idle(sync);
		return;
	}
	if (sync->halt_due) {
		engine_enter(sync, SYNC_HALTED);
		return;
	}
	if (sync->rollback_due) {
		apply_rollback(sync);
		return;
	}
	if (sync->searching)
		return;
	/* Wallets are adopted before the first block is read, so that it is
	 * read for them too. */
	if (writes && (sync->tick_due || !sync->adopted_once)) {
		apply_tick(sync);
		return;
	}
	if (sync->options.mode != SYNC_RUN && !sync->planned) {
		if (sync->has_head && quorum_has_spoken(sync))
			engine_enter(sync, SYNC_PLAN);
		return;
	}
	if (writes && !is_fit(sync))
		return;
	if (take(sync, &sync->follow_lane) || sync->state != SYNC_IDLE)
		return;
	lane_refill(sync, &sync->follow_lane);
	if (writes && sync->adopting) {
		apply_tick(sync);
		return;
	}
	if (take(sync, &sync->job_lane) || sync->state != SYNC_IDLE)
		return;
	jobs_next(sync);
	if (!derive_piece(sync))
		lane_refill(sync, &sync->job_lane);
}

/* What is true in each state (see SYNC_STATE_MAP). */
static void check_invariants(const struct sync *sync)
{
	bool busy = sync->state == SYNC_LOAD || sync->state == SYNC_COMMIT;
	bool idle = sync->state == SYNC_IDLE || sync->state == SYNC_PLAN;

	assert(busy == (sync->in_hand != NULL) || sync->state == SYNC_ENDED);
	assert(busy || idle || lane_is_empty(&sync->follow_lane));
	assert(busy || idle || lane_is_empty(&sync->job_lane));
	assert(!(sync->searching && sync->rollback_due));
	(void)busy;
	(void)idle;
}

void engine_step(struct sync *sync)
{
	sync->again = true;
	if (sync->stepping)
		return;
	sync->stepping = true;
	while (sync->again) {
		sync->again = false;
		if (sync->closing && sync->state != SYNC_LOAD &&
		    sync->state != SYNC_COMMIT)
			close_step(sync);
		else if (sync->state == SYNC_IDLE)
			idle(sync);
		else if (sync->state == SYNC_RESTORE)
			indexes_renew(sync);
		if (!sync->closing)
			check_invariants(sync);
	}
	sync->stepping = false;
}
