#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "daemon/serve/metrics.h"
#include "daemon/sync/engine.h"

#define TICK_MS 1000
#define CLOSE_MS 4500 /* "within 5 seconds", with room for the rest */

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
	if (sync->observer.ready)
		sync->observer.ready(sync->observer.arg);
}

static void tell_status(struct sync *sync)
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
		head_start(sync);
		break;
	case SYNC_HALTED:
		lane_drop(&sync->follow_lane);
		jobs_drop(sync);
		head_stop(sync);
		break;
	case SYNC_LOAD:
	case SYNC_COMMIT:
	case SYNC_WAIT:
	case SYNC_ENDED:
		break;
	}
	if (before != state && state != SYNC_LOAD && state != SYNC_COMMIT)
		tell_status(sync);
}

void engine_end(struct sync *sync, enum err err, const struct fault *fault)
{
	static const struct fault none;

	if (sync->state == SYNC_ENDED)
		return;
	lane_drop(&sync->follow_lane);
	jobs_drop(sync);
	head_stop(sync);
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
	head_stop(sync);
	orphans_forget(sync);
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
	lane_pop(lane);
	apply_batch(sync, batch);
	return true;
}

/* What to do next, the most urgent first. */
static void idle(struct sync *sync)
{
	bool writes = sync->options.mode != SYNC_DRY_RUN;

	if (sync->halt_due) {
		if (sync->options.mode == SYNC_RUN)
			engine_enter(sync, SYNC_HALTED);
		else
			engine_end(sync, ERR_UNPROVEN, &sync->halt_fault);
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
		if (sync->has_head)
			engine_enter(sync, SYNC_PLAN);
		return;
	}
	if (take(sync, &sync->follow_lane) || sync->state != SYNC_IDLE)
		return;
	if (take(sync, &sync->job_lane) || sync->state != SYNC_IDLE)
		return;
	lane_refill(sync, &sync->follow_lane);
	jobs_next(sync);
	lane_refill(sync, &sync->job_lane);
}

static void close_now(struct sync *sync);

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
			close_now(sync);
		else if (sync->state == SYNC_IDLE)
			idle(sync);
		if (!sync->closing)
			check_invariants(sync);
	}
	sync->stepping = false;
}

static void on_tick(uv_timer_t *timer)
{
	struct sync *sync = timer->data;

	sync->tick_due = true;
	tell_status(sync);
	engine_step(sync);
}

static enum err init_rules(struct sync *sync, struct fault *fault)
{
	const struct config *config = sync->config;
	size_t n = 1 + config->contracts.streaming.n;
	enum err err;

	sync->contracts = calloc(n, sizeof(*sync->contracts));
	if (!sync->contracts)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	err = catalog_new(&sync->catalog, fault);
	if (!err)
		err = catalog_add(sync->catalog, &config->contracts.usdc,
				  "USDC", fault);
	sync->contracts[sync->n_contracts++] = config->contracts.usdc;
	for (size_t i = 0; i < config->contracts.streaming.n && !err; i++) {
		const struct config_contract *c =
		    &config->contracts.streaming.items[i];

		err = catalog_add(sync->catalog, &c->address, c->abi, fault);
		sync->contracts[sync->n_contracts++] = c->address;
	}
	sync->rules = (struct reconcile_rules){
	    .token = config->contracts.usdc,
	    .fee_wallets = config->fee_wallets,
	    .n_fee_wallets = config->n_fee_wallets,
	    .contracts = sync->contracts + 1,
	    .n_contracts = sync->n_contracts - 1,
	    .catalog = sync->catalog,
	};
	return err;
}

static void observe_request(void *arg, const char *endpoint, const char *method,
			    const char *outcome, double seconds)
{
	struct sync *sync = arg;
	const char *labels[] = {endpoint, method, outcome};

	if (!sync->metrics)
		return;
	metrics_add(sync->metrics, METRIC_RPC_REQUESTS, labels, 1);
	metrics_observe(sync->metrics, METRIC_RPC_SECONDS, seconds);
}

static void observe_incomplete(void *arg, const char *endpoint, const char *why)
{
	struct sync *sync = arg;
	const char *labels[] = {endpoint};

	log_warn(sync->logger, "%s gave an answer that does not prove: %s",
		 endpoint, why);
	if (sync->metrics)
		metrics_add(sync->metrics, METRIC_INCOMPLETE_RESPONSES, labels,
			    1);
}

static enum err init_connections(struct sync *sync, struct fault *fault)
{
	const struct source_observer observer = {
	    .arg = sync,
	    .request = observe_request,
	    .incomplete = observe_incomplete,
	};
	const char *url = sync->config->database.url;
	uint64_t chain = sync->config->chain.id;

	enum err err;

	/* First what can be refused: it leaves nothing on the loop then. */
	err = source_new(&sync->source, sync->loop, sync->config, sync->catalog,
			 &observer, fault);
	if (err)
		return err;
	sync->pg = pg_new(sync->loop, url);
	sync->status_pg = pg_new(sync->loop, url);
	if (!sync->pg || !sync->status_pg ||
	    store_new(&sync->store, sync->pg, chain) != OK ||
	    store_new(&sync->status_store, sync->status_pg, chain) != OK)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	return OK;
}

static void init_owner(struct sync *sync)
{
	char host[64] = "?";

	(void)gethostname(host, sizeof(host) - 1);
	(void)snprintf(sync->owner, sizeof(sync->owner),
		       "gigstreamd %s, pid %ld on %s",
		       sync->options.mode == SYNC_RUN ? "run" : "backfill",
		       (long)getpid(), host);
}

static void free_all(struct sync *sync);

static void init_timers(struct sync *sync)
{
	uv_timer_t *timers[] = {&sync->wait_timer, &sync->tick_timer,
				&sync->close_timer, &sync->poll_timer,
				&sync->status_timer};

	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++) {
		(void)uv_timer_init(sync->loop, timers[i]); /* cannot fail */
		timers[i]->data = sync;
		sync->open_handles++;
	}
}

enum err sync_new(struct sync **out, uv_loop_t *loop,
		  const struct config *config,
		  const struct sync_options *options,
		  const struct logger *logger, struct metrics *metrics,
		  const struct sync_observer *observer, struct fault *fault)
{
	struct sync *sync = calloc(1, sizeof(*sync));
	enum err err;

	if (!sync)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	sync->loop = loop;
	sync->config = config;
	sync->options = *options;
	sync->logger = logger;
	sync->metrics = metrics;
	sync->observer = *observer;
	follow_init(&sync->follow, config->chain.start_block);
	watchlist_init(&sync->watched);
	lane_init(&sync->follow_lane);
	lane_init(&sync->job_lane);
	fault_set(&sync->rpc_fault, ERR_NOT_YET, "not asked yet");
	fault_set(&sync->database_fault, ERR_NOT_YET, "not connected yet");
	init_owner(sync);
	err = init_rules(sync, fault);
	if (!err && uuid_v7(&sync->holder, engine_now_ms()) != OK)
		err = fault_set(fault, ERR_IO, "no random bytes");
	if (!err)
		err = init_connections(sync, fault);
	if (err) {
		free_all(sync);
		return err;
	}
	init_timers(sync);
	uv_timer_start(&sync->tick_timer, on_tick, TICK_MS, TICK_MS);
	if (sync->options.mode == SYNC_RUN)
		view_start(sync);
	engine_enter(sync, SYNC_CONNECT);
	engine_step(sync);
	*out = sync;
	return OK;
}

static void free_all(struct sync *sync)
{
	store_free(sync->store);
	store_free(sync->status_store);
	arena_free(sync->resume_arena);
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
	free_all(sync);
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
	head_stop(sync);
	orphans_forget(sync);
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
static void close_now(struct sync *sync)
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
