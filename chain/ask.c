#include "chain/asker.h"

#define BACKOFF_FIRST_MS 100u
#define BACKOFF_DOUBLINGS 5
#define BACKOFF_MOST_MS 2000u
/* Who asks us to wait longer than this has refused. */
#define PATIENCE_MS 10000u
#define BODY_CAP (256u << 20)

static const struct http_limits patient = {5000, 30000, BODY_CAP};
static const struct http_limits quick = {3000, 10000, BODY_CAP};
static const struct http_limits brief = {1500, 3000, BODY_CAP};

void ask_init(struct ask *ask, struct asker *asker,
	      const struct ask_rules *rules, ask_cb cb, void *arg)
{
	*ask =
	    (struct ask){.asker = asker, .rules = *rules, .cb = cb, .arg = arg};
	for (size_t i = 0; i < ASK_COPIES; i++)
		ask->copies[i].ask = ask;
	rpc_batch_init(&ask->batch);
}

static struct endpoint_want want_of(const struct ask *ask)
{
	return (struct endpoint_want){
	    .height = ask->height,
	    .calls = ask->batch.n ? (uint32_t)ask->batch.n : 1,
	    .urgent = ask->rules.urgent,
	};
}

static struct endpoint *pick(const struct ask *ask,
			     const struct endpoint *other_than)
{
	const struct asker *asker = ask->asker;
	struct endpoint_want want = want_of(ask);
	struct endpoint *picked;

	if (ask->only)
		return other_than ? NULL : ask->only;
	want.excepted = ask->refused;
	want.n_excepted = ask->n_refused;
	if (ask->avoid && !other_than) {
		struct endpoint *other = pick(ask, ask->avoid);

		if (other && endpoint_is_healthy(other, uv_now(asker->loop)))
			return other;
	}
	want.except = other_than;
	picked = endpoint_pick(asker->endpoints, asker->n_endpoints, &want,
			       uv_now(asker->loop));
	if (picked || other_than)
		return picked;
	/* All have refused, the present ones: then any will do. */
	want.n_excepted = 0;
	return endpoint_pick(asker->endpoints, asker->n_endpoints, &want,
			     uv_now(asker->loop));
}

struct rpc_batch *ask_begin(struct ask *ask)
{
	struct asker *asker = ask->asker;

	/* A million numbers a question: more than a batch can hold. */
	rpc_batch_reset(&ask->batch, asker->next_id);
	asker->next_id = (asker->next_id + (1u << 20)) & INT64_MAX;
	ask->height = 0;
	ask->endpoint = pick(ask, NULL);
	return &ask->batch;
}

struct endpoint_limits *ask_limits(const struct ask *ask)
{
	return &ask->endpoint->limits;
}

size_t ask_most(const struct ask *ask, const struct portion *portion,
		unsigned calls_each)
{
	uint32_t per_second = ask->endpoint->pace.per_second;
	uint64_t most = portion->now;

	if (per_second != 0 && most * calls_each > per_second)
		most = per_second > calls_each ? per_second / calls_each : 1;
	return (size_t)most;
}

static void dequeue(struct ask *ask)
{
	*ask->link = ask->next;
	if (ask->next)
		ask->next->link = ask->link;
	ask->link = NULL;
}

/* Behind the others, urgent or not: where few calls are granted, questions about
 * the head would take them all. */
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

void ask_send(struct ask *ask, uint64_t delay_ms)
{
	ask->failures = 0;
	ask->n_refused = 0;
	enqueue(ask, uv_now(ask->asker->loop) + delay_ms);
	asker_wake(ask->asker, 0);
}

static bool is_under_way(const struct ask *ask)
{
	for (size_t i = 0; i < ASK_COPIES; i++)
		if (ask->copies[i].request)
			return true;
	return false;
}

static void leave_flight(struct ask_copy *copy)
{
	copy->request = NULL;
	if (!copy->ask->rules.urgent)
		copy->endpoint->in_flight--;
}

/* Nothing of it is queued or under way after that. */
static void call_off(struct ask *ask)
{
	if (ask->link)
		dequeue(ask);
	for (size_t i = 0; i < ASK_COPIES; i++) {
		struct ask_copy *copy = &ask->copies[i];

		if (!copy->request)
			continue;
		rpc_cancel(copy->request);
		leave_flight(copy);
		asker_wake(ask->asker, 0);
	}
}

void ask_end(struct ask *ask)
{
	if (!ask->asker)
		return;
	call_off(ask);
	rpc_batch_free(&ask->batch);
}

void ask_lags(const struct ask *ask)
{
	if (ask->endpoint && ask->height > 0)
		endpoint_lags(ask->endpoint, ask->height,
			      uv_now(ask->asker->loop));
}

const char *ask_endpoint(const struct ask *ask)
{
	return ask->endpoint ? ask->endpoint->node.name : "";
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
	       (err == ERR_USAGE && ask->asker->n_endpoints > 1) ||
	       (err == ERR_TIMEOUT && !ask->rules.shrinks);
}

static void observe(const struct ask_copy *copy, enum err err,
		    const struct rpc_reply *reply)
{
	const struct source_observer *observer = &copy->ask->asker->observer;
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
		observer->request(observer->arg, copy->endpoint->node.name,
				  reply->batch->methods[0], outcome,
				  reply->seconds);
}

/* What the reply is worth to the question, or to the one who is asked who it
 * is. */
static enum err judge(const struct ask_copy *copy,
		      const struct rpc_reply *reply, struct refusal *refusal,
		      struct fault *fault)
{
	size_t required = copy->ask->rules.required;

	*refusal = reply->refusal;
	if (reply->err != OK) {
		*fault = *reply->fault;
		return reply->err;
	}
	if (required == 0 || copy->identifies)
		required = reply->n;
	for (size_t i = 0; i < required; i++) {
		if (reply->results[i].err == OK)
			continue;
		*refusal = reply->results[i].refusal;
		return rpc_fault(fault, reply, i);
	}
	return copy->identifies ? identify_read(copy->ask->asker,
						copy->endpoint, reply, fault)
				: OK;
}

/* The request as a whole, or even to say who it is: for whatever is asked. */
static bool refuses_all(const struct ask_copy *copy,
			const struct ask_answer *answer)
{
	return answer->err == ERR_REFUSED &&
	       (answer->reply->err == ERR_REFUSED || copy->identifies);
}

static void keep_score(const struct ask_copy *copy,
		       const struct ask_answer *answer)
{
	struct endpoint *endpoint = copy->endpoint;
	uint64_t now = uv_now(copy->ask->asker->loop);

	/* Who says who it is has not shown yet that it is of use. */
	if (answer->err == OK && !copy->identifies)
		endpoint_succeeded(endpoint, answer->reply->seconds,
				   answer->reply->bytes, now);
	else if (answer->refusal.too_often)
		endpoint_refused(endpoint, answer->refusal.retry_after_ms, now);
	else if (answer->err != OK && answer->refusal.retry_after_ms > 0)
		endpoint_close(endpoint, answer->refusal.retry_after_ms, now);
	else if (is_on_the_way(copy->ask, answer->err) ||
		 answer->err == ERR_TIMEOUT || refuses_all(copy, answer))
		endpoint_failed(endpoint, now);
	else if (answer->err == ERR_NOT_YET && copy->ask->height > 0)
		endpoint_lags(endpoint, copy->ask->height, now);
	/* What answers at that place next may be another one. */
	if (answer->err == ERR_TRANSPORT || answer->err == ERR_TIMEOUT)
		endpoint->identity = IDENTITY_UNKNOWN;
}

/* A node refuses what another may grant: a key has expired there, its history
 * is pruned. Remembers it; false: all have, or it is the chain's own word, or
 * the owner knows another way. */
static bool is_another_left(const struct ask_copy *copy,
			    const struct ask_answer *answer)
{
	struct ask *ask = copy->ask;
	const struct refusal *refusal = &answer->refusal;

	if (answer->err != ERR_REFUSED || refusal->reverted || ask->only ||
	    (refusal->unknown_method && !copy->identifies) ||
	    ask->n_refused == ASK_REFUSED_MOST ||
	    ask->n_refused + 1 >= ask->asker->n_endpoints)
		return false;
	ask->refused[ask->n_refused++] = copy->endpoint;
	return true;
}

/* Queues it again; false when it has been tried often enough. */
static bool try_again(struct ask *ask)
{
	uint64_t now = uv_now(ask->asker->loop);

	if (++ask->failures >= ask->rules.attempts)
		return false;
	enqueue(ask, endpoint_is_healthy(pick(ask, NULL), now)
			 ? now
			 : now + ask_backoff(ask->failures));
	return true;
}

static enum err send_copy(struct ask_copy *copy, bool identifies);

/* One copy has its answer: the other was slower. */
static void note_loser(const struct ask *ask)
{
	uint64_t now = uv_now(ask->asker->loop);

	for (size_t i = 0; i < ASK_COPIES; i++)
		if (ask->copies[i].request)
			endpoint_outrun(ask->copies[i].endpoint,
					now - ask->copies[i].sent_at);
}

/* The copy has come to its end with this answer. */
static void conclude(struct ask_copy *copy, struct ask_answer *answer)
{
	struct ask *ask = copy->ask;

	/* The other copy may yet do better. */
	if (answer->err != OK && is_under_way(ask))
		return;
	ask->endpoint = copy->endpoint;
	note_loser(ask);
	call_off(ask);
	if (is_another_left(copy, answer)) {
		enqueue(ask, uv_now(ask->asker->loop));
		return;
	}
	if (copy->identifies) { /* to another question */
		answer->reply = NULL;
		answer->refusal.unknown_method = false;
	}
	if (!is_on_the_way(ask, answer->err) || !try_again(ask))
		ask->cb(ask->arg, answer);
}

static void on_reply(void *arg, const struct rpc_reply *reply)
{
	struct ask_copy *copy = arg;
	struct asker *asker = copy->ask->asker;
	struct fault fault;
	struct ask_answer answer = {.fault = &fault, .reply = reply};

	leave_flight(copy);
	answer.err = judge(copy, reply, &answer.refusal, &fault);
	keep_score(copy, &answer);
	observe(copy, answer.err, reply);
	if (answer.err != OK || !copy->identifies) {
		conclude(copy, &answer);
	} else {
		/* It is one of ours: now for the question itself. */
		answer.err = send_copy(copy, false);
		if (answer.err != OK) {
			fault_set(&fault, answer.err, "cannot ask node %s: %s",
				  copy->endpoint->node.name,
				  err_text(answer.err));
			conclude(copy, &answer);
		}
	}
	if (!asker->closing)
		asker_pump(asker);
}

/* Not even sent. */
static void give_up(struct ask *ask, enum err err)
{
	struct fault fault;
	const struct ask_answer answer = {.err = err, .fault = &fault};

	if (err == ERR_USAGE)
		(void)identify_fault(ask->asker, ask->endpoint, &fault);
	else if (err == ERR_BUSY)
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

/* If the answer takes long, the queue will give it to a second node. */
static void await_hedge(struct ask *ask)
{
	uint64_t now = uv_now(ask->asker->loop);
	const struct endpoint *second;

	if (!ask->rules.hedged)
		return;
	second = pick(ask, ask->endpoint);
	if (second && endpoint_is_healthy(second, now))
		enqueue(ask, now + endpoint_hedge_ms(ask->endpoint));
}

static enum err send_copy(struct ask_copy *copy, bool identifies)
{
	struct ask *ask = copy->ask;
	struct asker *asker = ask->asker;
	const struct endpoint_want want = want_of(ask);
	enum err err;

	copy->identifies = identifies;
	err = rpc_send(asker->http, &copy->endpoint->node,
		       identifies ? &asker->who_are_you : &ask->batch,
		       ask->rules.brief	   ? &brief
		       : ask->rules.urgent ? &quick
					   : &patient,
		       on_reply, copy, &copy->request);
	copy->sent_at = uv_now(asker->loop);
	if (err == OK)
		endpoint_asked(copy->endpoint, &want, copy->sent_at);
	return err;
}

static void send_now(struct ask *ask, struct endpoint *endpoint)
{
	struct ask_copy *copy = &ask->copies[ask->copies[0].request ? 1 : 0];
	bool first = !is_under_way(ask);
	enum err err;

	copy->endpoint = endpoint;
	err = send_copy(copy, identify_is_due(ask->asker, endpoint));
	if (!first)
		return; /* the first is still under way, whatever became of
			   this one */
	ask->endpoint = endpoint;
	if (err != OK)
		give_up(ask, err);
	else
		await_hedge(ask);
}

/* Its turn has come: sends it, gives it up, or says when to look again. */
static uint64_t take_turn(struct ask *ask)
{
	uint64_t now = uv_now(ask->asker->loop);
	const struct endpoint_want want = want_of(ask);
	bool second = is_under_way(ask);
	struct endpoint *endpoint = pick(ask, second ? ask->endpoint : NULL);
	uint64_t ready =
	    endpoint ? endpoint_ready_at(endpoint, &want, now) : UINT64_MAX;
	bool closed = endpoint && endpoint->closed_until > now;

	if (!second && endpoint_is_foreign(endpoint, now)) {
		ask->endpoint = endpoint;
		dequeue(ask);
		give_up(ask, ERR_USAGE);
		return now;
	}
	if (ready <= now) {
		dequeue(ask);
		send_now(ask, endpoint);
		return now;
	}
	if (second) {
		dequeue(ask);
		return now;
	}
	if (closed && (ask->rules.attempts == 1 || ready - now > PATIENCE_MS)) {
		ask->endpoint = endpoint;
		dequeue(ask);
		give_up(ask, ERR_BUSY);
		return now;
	}
	return ready;
}

/* Takes one turn; *wake: when to look again if none was to be taken. */
static bool step(struct asker *asker, uint64_t *wake)
{
	uint64_t now = uv_now(asker->loop);

	*wake = UINT64_MAX;
	for (struct ask *ask = asker->queue; ask; ask = ask->next) {
		uint64_t at = ask->due <= now ? take_turn(ask) : ask->due;

		if (at <= now)
			return true; /* the queue is another one now */
		if (at < *wake)
			*wake = at;
	}
	return false;
}

/* A callback may cancel asks, add others, close us. */
void asker_pump(struct asker *asker)
{
	uint64_t wake = UINT64_MAX;

	while (!asker->closing && step(asker, &wake))
		;
	if (!asker->closing && wake != UINT64_MAX)
		asker_wake(asker, wake - uv_now(asker->loop));
}
