#include "chain/ask.h"

#include <stdlib.h>

#include "chain/endpoint.h"

/* How many questions are under way at most, urgent ones apart. */
#define MOST_IN_FLIGHT 4
#define BACKOFF_FIRST_MS 100u
#define BACKOFF_DOUBLINGS 5
#define BACKOFF_MOST_MS 2000u
/* Who asks us to wait longer than this has refused. */
#define PATIENCE_MS 10000u
#define BODY_CAP (256u << 20)

static const struct http_limits patient = {5000, 30000, BODY_CAP};
static const struct http_limits quick = {3000, 10000, BODY_CAP};

struct asker {
	uv_loop_t *loop;
	struct http *http;
	uv_timer_t timer; /* set to when the first of the queue is due */
	struct ask *queue;
	size_t in_flight; /* urgent ones not counted */
	struct source_observer observer;
	uint64_t next_id;
	bool closing;
	unsigned open_handles; /* the timer and http */
	void (*closed)(void *arg);
	void *closed_arg;
	size_t n_endpoints;
	struct endpoint endpoints[];
};

static void part_closed(void *arg)
{
	struct asker *asker = arg;

	if (--asker->open_handles > 0)
		return;
	asker->closed(asker->closed_arg);
	free(asker);
}

static void on_timer_closed(uv_handle_t *handle)
{
	part_closed(handle->data);
}

void asker_close(struct asker *asker, void (*closed)(void *arg), void *arg)
{
	asker->closing = true;
	asker->open_handles = 2;
	asker->closed = closed;
	asker->closed_arg = arg;
	uv_close((uv_handle_t *)&asker->timer, on_timer_closed);
	http_close(asker->http, part_closed, asker);
}

enum err asker_new(struct asker **out, uv_loop_t *loop,
		   const struct config *config,
		   const struct source_observer *observer, struct fault *fault)
{
	size_t n = config->chain.n_rpc;
	struct asker *asker;
	enum err err;

	if (n == 0)
		return fault_set(fault, ERR_USAGE,
				 "no node is configured: set chain.rpc");
	asker = calloc(1, sizeof(*asker) + n * sizeof(asker->endpoints[0]));
	if (!asker)
		return fault_set(fault, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	err = http_new(&asker->http, loop, fault);
	if (err != OK) {
		free(asker);
		return err;
	}
	asker->loop = loop;
	asker->next_id = 1;
	if (observer)
		asker->observer = *observer;
	asker->n_endpoints = n;
	for (size_t i = 0; i < n; i++)
		asker->endpoints[i].node = (struct rpc_node){
		    config->chain.rpc[i].name, config->chain.rpc[i].url};
	(void)uv_timer_init(loop, &asker->timer); /* never fails */
	asker->timer.data = asker;
	*out = asker;
	return OK;
}

void ask_init(struct ask *ask, struct asker *asker,
	      const struct ask_rules *rules, ask_cb cb, void *arg)
{
	*ask =
	    (struct ask){.asker = asker, .rules = *rules, .cb = cb, .arg = arg};
	rpc_batch_init(&ask->batch);
}

struct rpc_batch *ask_begin(struct ask *ask)
{
	struct asker *asker = ask->asker;

	/* A million numbers a question: more than a batch can hold. */
	rpc_batch_reset(&ask->batch, asker->next_id);
	asker->next_id = (asker->next_id + (1u << 20)) & INT64_MAX;
	return &ask->batch;
}

static void dequeue(struct ask *ask)
{
	*ask->link = ask->next;
	if (ask->next)
		ask->next->link = ask->link;
	ask->link = NULL;
}

static void enqueue(struct ask *ask, uint64_t due)
{
	struct ask **link = &ask->asker->queue;

	while (*link)
		link = &(*link)->next;
	*link = ask;
	ask->next = NULL;
	ask->link = link;
	ask->due = due;
}

static void pump(struct asker *asker);

static void on_timer(uv_timer_t *timer)
{
	pump(timer->data);
}

static void wake_at(struct asker *asker, uint64_t due)
{
	uint64_t now = uv_now(asker->loop);

	if (!asker->closing)
		(void)uv_timer_start(&asker->timer, on_timer,
				     due > now ? due - now : 0, 0);
}

void ask_send(struct ask *ask, uint64_t delay_ms)
{
	uint64_t now = uv_now(ask->asker->loop);

	ask->failures = 0;
	enqueue(ask, now + delay_ms);
	wake_at(ask->asker, now);
}

static void leave_flight(struct ask *ask)
{
	ask->request = NULL;
	if (!ask->rules.urgent)
		ask->asker->in_flight--;
}

void ask_end(struct ask *ask)
{
	if (!ask->asker)
		return;
	if (ask->link)
		dequeue(ask);
	if (ask->request) {
		rpc_cancel(ask->request);
		leave_flight(ask);
		wake_at(ask->asker, uv_now(ask->asker->loop));
	}
	rpc_batch_free(&ask->batch);
}

const char *ask_endpoint(const struct ask *ask)
{
	return ask->endpoint ? ask->endpoint->node.name : "";
}

const struct endpoint *asker_next(struct asker *asker)
{
	return endpoint_pick(asker->endpoints, asker->n_endpoints,
			     uv_now(asker->loop));
}

void asker_distrust(struct asker *asker, struct endpoint *endpoint)
{
	endpoint_failed(endpoint, uv_now(asker->loop), 0);
}

uint64_t ask_backoff(unsigned failures)
{
	unsigned doublings = failures > 0 ? failures - 1 : 0;
	uint64_t ms;

	if (doublings > BACKOFF_DOUBLINGS)
		doublings = BACKOFF_DOUBLINGS;
	ms = (uint64_t)BACKOFF_FIRST_MS << doublings;
	if (ms > BACKOFF_MOST_MS)
		ms = BACKOFF_MOST_MS;
	/* The clock's nanoseconds are jitter enough. */
	return ms - uv_hrtime() % (ms / 2);
}

static bool is_on_the_way(const struct ask *ask, enum err err)
{
	return err == ERR_TRANSPORT || err == ERR_BUSY || err == ERR_NONSENSE ||
	       (err == ERR_TIMEOUT && !ask->rules.shrinks);
}

static void observe(const struct ask *ask, enum err err, double seconds)
{
	const struct source_observer *observer = &ask->asker->observer;
	const char *outcome = err == OK		     ? "ok"
			      : err == ERR_TRANSPORT ? "unreachable"
			      : err == ERR_TIMEOUT   ? "timeout"
			      : err == ERR_BUSY	     ? "busy"
			      : err == ERR_TOO_LARGE ? "too_large"
			      : err == ERR_NOT_YET   ? "not_yet"
			      : err == ERR_REFUSED   ? "refused"
			      : err == ERR_NONSENSE  ? "nonsense"
						     : "failed";

	if (observer->request)
		observer->request(observer->arg, ask_endpoint(ask),
				  ask->batch.methods[0], outcome, seconds);
}

static enum err judge(const struct ask *ask, const struct rpc_reply *reply,
		      struct refusal *refusal, struct fault *fault)
{
	size_t required = ask->rules.required;

	*refusal = reply->refusal;
	if (reply->err != OK) {
		*fault = *reply->fault;
		return reply->err;
	}
	for (size_t i = 0; i < (required ? required : reply->n); i++) {
		if (reply->results[i].err == OK)
			continue;
		*refusal = reply->results[i].refusal;
		return rpc_fault(fault, reply, i);
	}
	return OK;
}

static void keep_score(struct ask *ask, enum err err,
		       const struct refusal *refusal)
{
	if (err == OK)
		endpoint_succeeded(ask->endpoint);
	else if (is_on_the_way(ask, err) || err == ERR_TIMEOUT)
		endpoint_failed(ask->endpoint, uv_now(ask->asker->loop),
				refusal->retry_after_ms);
}

/* Queues it again; false when it has been tried often enough. */
static bool try_again(struct ask *ask)
{
	struct asker *asker = ask->asker;
	uint64_t now = uv_now(asker->loop);
	const struct endpoint *next;

	if (++ask->failures >= ask->rules.attempts)
		return false;
	next = endpoint_pick(asker->endpoints, asker->n_endpoints, now);
	enqueue(ask, endpoint_is_healthy(next, now)
			 ? now
			 : now + ask_backoff(ask->failures));
	return true;
}

static void on_reply(void *arg, const struct rpc_reply *reply)
{
	struct ask *ask = arg;
	struct asker *asker = ask->asker;
	struct refusal refusal;
	struct fault fault;
	struct ask_answer answer = {.fault = &fault, .reply = reply};

	leave_flight(ask);
	answer.err = judge(ask, reply, &refusal, &fault);
	answer.refusal = refusal;
	keep_score(ask, answer.err, &refusal);
	observe(ask, answer.err, reply->seconds);
	if (!is_on_the_way(ask, answer.err) || !try_again(ask))
		ask->cb(ask->arg, &answer);
	if (!asker->closing)
		pump(asker);
}

static void give_up(struct ask *ask, enum err err)
{
	struct fault fault;
	const struct ask_answer answer = {.err = err, .fault = &fault};

	if (err == ERR_BUSY)
		fault_set(&fault, err,
			  "node %s asked us to come back later: it limits the"
			  " rate of requests",
			  ask_endpoint(ask));
	else
		fault_set(&fault, err, "cannot ask node %s for %s: %s",
			  ask_endpoint(ask), ask->batch.methods[0],
			  err_text(err));
	ask->cb(ask->arg, &answer);
}

static void send_now(struct ask *ask)
{
	enum err err =
	    rpc_send(ask->asker->http, &ask->endpoint->node, &ask->batch,
		     ask->rules.urgent ? &quick : &patient, on_reply, ask,
		     &ask->request);

	if (err != OK)
		give_up(ask, err);
	else if (!ask->rules.urgent)
		ask->asker->in_flight++;
}

/* Takes the first that may go now out of the queue; *wake: when to look again
 * if there is none. */
static struct ask *next_due(struct asker *asker, uint64_t *wake)
{
	uint64_t now = uv_now(asker->loop);

	*wake = UINT64_MAX;
	for (struct ask *ask = asker->queue; ask; ask = ask->next) {
		if (ask->due <= now &&
		    (ask->rules.urgent || asker->in_flight < MOST_IN_FLIGHT)) {
			dequeue(ask);
			return ask;
		}
		if (ask->due > now && ask->due < *wake)
			*wake = ask->due;
	}
	return NULL;
}

/* Sends what may be sent. A callback may cancel asks, add others, close us. */
static void pump(struct asker *asker)
{
	struct ask *ask;
	uint64_t wake;

	while (!asker->closing && (ask = next_due(asker, &wake))) {
		uint64_t now = uv_now(asker->loop);
		uint64_t opens;

		ask->endpoint =
		    endpoint_pick(asker->endpoints, asker->n_endpoints, now);
		opens = ask->endpoint->closed_until;
		if (opens <= now)
			send_now(ask);
		else if (ask->rules.attempts > 1 && opens - now <= PATIENCE_MS)
			enqueue(ask, opens);
		else
			give_up(ask, ERR_BUSY);
	}
	if (!asker->closing && wake != UINT64_MAX)
		wake_at(asker, wake);
}
