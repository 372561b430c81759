#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/serve/health.h"
#include "daemon/serve/metrics.h"
#include "daemon/sync/engine.h"

#define VIEW_MS 1000
#define CONNECT_MS 5000
#define JOBS_CAP (64u << 20) /* half a million jobs */

static void ask_status(struct sync *sync);

static void on_view_timer(uv_timer_t *timer)
{
	ask_status(timer->data);
}

void view_again(struct sync *sync)
{
	if (!sync->closing)
		uv_timer_start(&sync->status_timer, on_view_timer, VIEW_MS, 0);
}

/* The list of open jobs, unless one has ended since it was asked for. */
static void on_jobs(void *arg, enum err err, const struct fault *fault,
		    const struct job_row *jobs, size_t n)
{
	struct sync *sync = arg;

	(void)fault;
	if (err || sync->has_job ||
	    sync->view_generation != sync->jobs_generation) {
		arena_free(sync->view_arena);
	} else {
		arena_free(sync->jobs_arena);
		sync->jobs_arena = sync->view_arena;
		sync->open_jobs =
		    ARENA_ARRAY(sync->jobs_arena, struct job_row, n + 1);
		sync->n_open_jobs = sync->open_jobs ? n : 0;
		if (sync->n_open_jobs)
			memcpy(sync->open_jobs, jobs, n * sizeof(*jobs));
	}
	sync->view_arena = NULL;
	watch_look(sync);
	engine_step(sync);
}

static void ask_jobs(struct sync *sync)
{
	/* What the job in hand has done is newer than the answer would be. */
	if (sync->has_job) {
		watch_look(sync);
		return;
	}
	sync->view_arena = arena_new(JOBS_CAP);
	sync->view_generation = sync->jobs_generation;
	if (!sync->view_arena ||
	    store_jobs(sync->status_store, sync->view_arena, on_jobs, sync) !=
		OK) {
		arena_free(sync->view_arena);
		sync->view_arena = NULL;
		view_again(sync);
	}
}

static void show_counts(struct sync *sync, const json_t *status)
{
	const json_t *streams = json_object_get(status, "streams"), *count;
	const char *name;

	if (!sync->metrics)
		return;
	metrics_set(
	    sync->metrics, METRIC_QUARANTINED, NULL,
	    (double)json_integer_value(json_object_get(status, "quarantined")));
	for (int i = 0; i < STREAM_STATUSES; i++) {
		name = stream_status_name((enum stream_status)i);
		count = json_object_get(streams, name);
		metrics_set(sync->metrics, METRIC_STREAMS, &name,
			    (double)json_integer_value(count));
	}
}

/* New intents are found by looking, whoever has inserted them. */
static void look_for_intents(struct sync *sync, const json_t *status)
{
	const json_t *intents = json_object_get(status, "intents");

	if (json_integer_value(json_object_get(intents, "new")) > 0)
		sync->intents_due = sync->tick_due = true;
}

static void on_status(void *arg, enum err err, const struct fault *fault,
		      const char *text)
{
	struct sync *sync = arg;
	json_t *status;

	(void)fault; /* the main connection says what is wrong */
	if (err) {
		view_again(sync);
		return;
	}
	status = json_loads(text, 0, NULL);
	if (status) {
		json_decref(sync->status_json);
		sync->status_json = status;
		show_counts(sync, status);
		look_for_intents(sync, status);
	}
	ask_jobs(sync);
}

static void on_view_connected(void *arg, enum err err,
			      const struct fault *fault)
{
	struct sync *sync = arg;

	(void)fault;
	sync->status_connecting = false;
	if (err)
		view_again(sync);
	else
		ask_status(sync);
}

static void ask_status(struct sync *sync)
{
	enum err err;

	if (sync->closing || sync->status_connecting)
		return;
	if (pg_is_connected(sync->status_pg)) {
		err = store_status(sync->status_store, sync->contracts,
				   sync->n_contracts, on_status, sync);
	} else {
		sync->status_connecting = true;
		err = pg_connect(sync->status_pg, CONNECT_MS, on_view_connected,
				 sync);
	}
	if (err) {
		sync->status_connecting = false;
		view_again(sync);
	}
}

void view_now(struct sync *sync)
{
	if (uv_is_active((uv_handle_t *)&sync->status_timer))
		uv_timer_start(&sync->status_timer, on_view_timer, 0, 0);
}

static enum health_phase phase(const struct sync *sync)
{
	if (sync->closing)
		return HEALTH_STOPPING;
	switch (sync->state) {
	case SYNC_CONNECT:
	case SYNC_WAIT:
		return HEALTH_WAITING;
	case SYNC_LEAD:
		return sync->lease.held || !sync->lease.owner[0]
			   ? HEALTH_STARTING
			   : HEALTH_STANDBY;
	case SYNC_RESTORE:
		return HEALTH_BUILDING;
	case SYNC_RESUME:
	case SYNC_CHECK:
	case SYNC_PLAN:
		return HEALTH_STARTING;
	case SYNC_IDLE:
	case SYNC_LOAD:
	case SYNC_COMMIT:
		return HEALTH_WORKING;
	case SYNC_HALTED:
		return HEALTH_HALTED;
	case SYNC_ENDED:
		return HEALTH_STOPPING;
	}
	return HEALTH_STARTING;
}

static const char *quorum_reason(const struct sync *sync)
{
	if (sync->agree_fault.code)
		return sync->agree_fault.text;
	return sync->has_agreement ? NULL : "not asked yet";
}

void sync_health(const struct sync *sync, struct health *out)
{
	const struct block_ref *tip = follow_tip(&sync->follow);
	uint64_t now = uv_hrtime();
	struct health health = {
	    .database_ok = sync->database_ok,
	    .database_reason =
		sync->database_ok ? NULL : sync->database_fault.text,
	    .rpc_ok = sync->rpc_ok && !sync->unfit_told,
	    .rpc_reason = !sync->rpc_ok	     ? sync->rpc_fault.text
			  : sync->unfit_told ? sync->unfit_fault.text
					     : NULL,
	    .quorum_asked = quorum_is_asked(sync),
	    .quorum_reason = quorum_reason(sync),
	    .phase = phase(sync),
	    .has_head = sync->has_head,
	    .head = sync->head.latest.number,
	    .head_age = (double)(now - sync->head_changed) / 1e9,
	    .block_seconds = sync->block_seconds,
	    .has_indexed = tip != NULL,
	    .indexed = tip ? tip->number : 0,
	    .commit_age = (double)(now - sync->last_commit) / 1e9,
	};

	if (health.phase == HEALTH_STANDBY)
		health.phase_reason = sync->lease.owner;
	else if (health.phase == HEALTH_HALTED)
		health.phase_reason = sync->halt_fault.text;
	*out = health;
}

bool sync_leads(const struct sync *sync)
{
	return sync->lease.held && phase(sync) == HEALTH_WORKING;
}

struct source *sync_source(const struct sync *sync)
{
	return sync->source;
}

static json_t *endpoint_json(const struct source_endpoint *e)
{
	return json_pack(
	    "{s:s, s:s, s:f, s:f, s:i, s:I, s:I, s:I, s:I}", "name", e->name,
	    "state", e->state, "latency_seconds", e->latency_seconds, "trouble",
	    e->trouble, "in_flight", (int)e->in_flight, "calls_per_second",
	    (json_int_t)e->calls_per_second, "header_batch",
	    (json_int_t)e->header_batch, "body_batch",
	    (json_int_t)e->body_batch, "log_blocks", (json_int_t)e->log_blocks);
}

static json_t *endpoints_json(const struct sync *sync)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < source_endpoint_count(sync->source);
	     i++) {
		const struct source_endpoint e =
		    source_endpoint(sync->source, i);

		if (json_array_append_new(list, endpoint_json(&e)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* What the database said a second ago, with what we know better. */
void sync_status(const struct sync *sync, struct buf *json)
{
	const struct block_ref *tip = follow_tip(&sync->follow);
	json_t *status =
	    sync->status_json ? json_copy(sync->status_json) : json_object();
	char *text = NULL;
	uint64_t number;
	bool ok;

	if (!status)
		return;
	ok = json_object_set_new(status, "state",
				 json_string(engine_state_text(sync->state))) ==
	     0;
	if (ok)
		ok =
		    json_object_set_new(status, "halt",
					sync->state == SYNC_HALTED
					    ? json_string(sync->halt_fault.text)
					    : json_null()) == 0;
	if (ok && sync->has_head)
		ok = json_object_set_new(
			 status, "head",
			 json_integer((json_int_t)sync->head.latest.number)) ==
		     0;
	if (ok && head_final(sync, &number))
		ok = json_object_set_new(status, "finalized",
					 json_integer((json_int_t)number)) == 0;
	if (ok && tip)
		ok = json_object_set_new(
			 status, "indexed",
			 json_integer((json_int_t)tip->number)) == 0;
	if (ok && tip && sync->has_head)
		ok = json_object_set_new(
			 status, "lag_blocks",
			 json_integer(
			     tip->number < sync->head.latest.number
				 ? (json_int_t)(sync->head.latest.number -
						tip->number)
				 : 0)) == 0;
	if (ok)
		ok = json_object_set_new(status, "endpoints",
					 endpoints_json(sync)) == 0;
	if (ok)
		text = json_dumps(status, JSON_INDENT(2));
	json_decref(status);
	if (text)
		buf_puts(json, text);
	buf_putc(json, '\n');
	free(text);
}
