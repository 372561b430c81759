#include "db/pg/pool.h"

#include <stdlib.h>
#include <string.h>

/* After a failure to connect, the next attempt is not made sooner: a server
 * that starts up, or is full, is not stormed. */
#define RETRY_MS 250
#define RESET_MS 5000

/*
 *  FREE -> CONNECTING -> IDLE -> LENT -> RESETTING
 *   ^          |         | ^      | |        |  |
 *   +----------+---------+-|------|-+--------|--+
 *                          +------+----------+
 *
 * FREE: no pg. CONNECTING: on_connect is owed. IDLE: nobody's, clean.
 * LENT: holder is set, and its pg. RESETTING: on_reset is owed.
 */
enum slot_state { FREE, CONNECTING, IDLE, LENT, RESETTING };

struct slot {
	struct pool *pool;
	enum slot_state state;
	struct pg *pg;
	struct pool_request *holder;
	uint64_t since; /* idle: in the loop's time */
};

struct pool {
	uv_loop_t *loop;
	char *url;
	struct pool_limits limits;
	struct pool_request queue; /* its head: next is who came first */
	size_t n_waiting;
	uv_idle_t wake;	 /* active: there is something to serve */
	uv_timer_t due;	 /* the next deadline, of whatever kind */
	uint64_t due_at; /* while the timer is active */
	uint64_t retry_at;
	bool closing;	  /* nobody waits, every slot is FREE */
	size_t n_closing; /* handles and connections whose close is under way */
	void (*closed)(void *arg);
	void *closed_arg;
	struct slot slots[];
};

static size_t count(const struct pool *pool, enum slot_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < pool->limits.connections; i++)
		n += pool->slots[i].state == state;
	return n;
}

static void serve(uv_idle_t *wake);
static void on_due(uv_timer_t *timer);

/* Serves from the loop: no callback runs inside the call that caused it. */
static void wake(struct pool *pool)
{
	if (pool->n_waiting && !pool->closing)
		uv_idle_start(&pool->wake, serve);
}

/* The timer only ever fires too early, and then finds what it was for. */
static void set_due(struct pool *pool, uint64_t at)
{
	uint64_t now = uv_now(pool->loop);

	if (pool->closing ||
	    (uv_is_active((uv_handle_t *)&pool->due) && pool->due_at <= at))
		return;
	pool->due_at = at;
	uv_timer_start(&pool->due, on_due, at > now ? at - now : 0, 0);
}

static void enqueue(struct pool *pool, struct pool_request *r)
{
	r->prev = pool->queue.prev;
	r->next = &pool->queue;
	r->prev->next = r;
	r->next->prev = r;
	pool->n_waiting++;
}

static void dequeue(struct pool *pool, struct pool_request *r)
{
	r->prev->next = r->next;
	r->next->prev = r->prev;
	r->prev = NULL;
	r->next = NULL;
	pool->n_waiting--;
}

/* Ends a request that waits without a connection. */
static void refuse(struct pool *pool, struct pool_request *r,
		   const struct fault *fault)
{
	struct pool_request old = *r;

	dequeue(pool, r);
	memset(r, 0, sizeof(*r));
	old.cb(old.arg, fault->code, fault, NULL);
}

static void finish_close(struct pool *pool)
{
	void (*closed)(void *arg) = pool->closed;
	void *arg = pool->closed_arg;

	if (--pool->n_closing > 0 || !pool->closing)
		return;
	free(pool->url);
	free(pool);
	if (closed)
		closed(arg);
}

static void on_pg_closed(void *arg)
{
	finish_close(arg);
}

static void close_slot(struct slot *slot)
{
	slot->pool->n_closing++;
	pg_close(slot->pg, on_pg_closed, slot->pool);
	slot->pg = NULL;
	slot->holder = NULL;
	slot->state = FREE;
}

static void make_idle(struct slot *slot)
{
	struct pool *pool = slot->pool;

	slot->state = IDLE;
	slot->holder = NULL;
	slot->since = uv_now(pool->loop);
	wake(pool);
	if (pool->limits.idle_ms)
		set_due(pool, slot->since + pool->limits.idle_ms);
}

/* Nobody is left to release a connection to those who wait. */
static void refuse_all(struct pool *pool, const struct fault *fault)
{
	for (size_t n = pool->n_waiting; n && pool->n_waiting; n--)
		refuse(pool, pool->queue.next, fault);
}

static void on_connect(void *arg, enum err err, const struct fault *fault)
{
	struct slot *slot = arg;
	struct pool *pool = slot->pool;

	if (err == OK) {
		make_idle(slot);
		return;
	}
	close_slot(slot);
	pool->retry_at = uv_now(pool->loop) + RETRY_MS;
	if (count(pool, FREE) == pool->limits.connections)
		refuse_all(pool, fault);
	if (pool->n_waiting)
		set_due(pool, pool->retry_at);
}

static bool connect_slot(struct slot *slot)
{
	struct pool *pool = slot->pool;

	slot->pg = pg_new(pool->loop, pool->url);
	if (!slot->pg)
		return false;
	if (pg_connect(slot->pg, pool->limits.connect_ms, on_connect, slot) !=
	    OK) {
		close_slot(slot);
		return false;
	}
	slot->state = CONNECTING;
	return true;
}

/* As many connections as requests wait, as far as the limit allows. */
static void connect_more(struct pool *pool)
{
	size_t n = count(pool, CONNECTING);

	if (n >= pool->n_waiting)
		return;
	if (uv_now(pool->loop) < pool->retry_at) {
		set_due(pool, pool->retry_at);
		return;
	}
	for (size_t i = 0; i < pool->limits.connections; i++) {
		if (n >= pool->n_waiting)
			return;
		if (pool->slots[i].state != FREE)
			continue;
		if (!connect_slot(&pool->slots[i])) {
			set_due(pool, uv_now(pool->loop) + RETRY_MS);
			return;
		}
		n++;
	}
}

/* The one that was used last, so that those not needed grow old. */
static struct slot *find_idle(struct pool *pool)
{
	struct slot *best = NULL;

	for (size_t i = 0; i < pool->limits.connections; i++) {
		struct slot *slot = &pool->slots[i];

		if (slot->state == IDLE && (!best || slot->since > best->since))
			best = slot;
	}
	return best;
}

static struct slot *find_sound(struct pool *pool)
{
	struct slot *slot;

	while ((slot = find_idle(pool)) && !pg_check(slot->pg))
		close_slot(slot);
	return slot;
}

static void lend(struct slot *slot, struct pool_request *r)
{
	const struct fault none = {.code = OK};

	dequeue(slot->pool, r);
	slot->state = LENT;
	slot->holder = r;
	r->pg = slot->pg;
	r->cb(r->arg, OK, &none, r->pg);
}

static void serve(uv_idle_t *idle)
{
	struct pool *pool = idle->data;
	size_t n = pool->n_waiting; /* who comes meanwhile is served next */
	struct slot *slot;

	uv_idle_stop(idle);
	while (n-- && pool->n_waiting && (slot = find_sound(pool)))
		lend(slot, pool->queue.next);
	connect_more(pool);
}

static struct pool_request *find_late(struct pool *pool)
{
	struct pool_request *r = pool->queue.next;

	for (; r != &pool->queue; r = r->next)
		if (r->deadline <= uv_now(pool->loop))
			return r;
	return NULL;
}

static void say_late(const struct pool *pool, struct fault *fault)
{
	size_t lent = count(pool, LENT);

	if (lent)
		fault_set(fault, ERR_TIMEOUT,
			  "no connection to the database was free in time: "
			  "%zu of at most %zu are in use",
			  lent, pool->limits.connections);
	else
		fault_set(fault, ERR_TIMEOUT,
			  "connecting to the database took too long: is it "
			  "reachable? See database.url");
}

static void refuse_late(struct pool *pool)
{
	struct pool_request *late;
	struct fault fault;

	say_late(pool, &fault);
	for (size_t n = pool->n_waiting; n && (late = find_late(pool)); n--)
		refuse(pool, late, &fault);
}

static void close_old(struct pool *pool)
{
	uint64_t now = uv_now(pool->loop);

	for (size_t i = 0; i < pool->limits.connections; i++) {
		struct slot *slot = &pool->slots[i];

		if (slot->state != IDLE || !pool->limits.idle_ms)
			continue;
		if (slot->since + pool->limits.idle_ms <= now)
			close_slot(slot);
		else
			set_due(pool, slot->since + pool->limits.idle_ms);
	}
}

static void on_due(uv_timer_t *timer)
{
	struct pool *pool = timer->data;
	struct pool_request *r;

	refuse_late(pool);
	close_old(pool);
	for (r = pool->queue.next; r != &pool->queue; r = r->next)
		set_due(pool, r->deadline);
	wake(pool);
}

enum err pool_acquire(struct pool *pool, struct pool_request *request,
		      unsigned timeout_ms, pool_cb cb, void *arg)
{
	size_t most = pool->limits.connections - count(pool, LENT);

	if (request->pool)
		return ERR_BUSY;
	if (pool->closing)
		return ERR_CANCELLED;
	if (pool->n_waiting >= most + pool->limits.waiting)
		return ERR_LIMIT;
	request->pool = pool;
	request->pg = NULL;
	request->deadline = uv_now(pool->loop) + timeout_ms;
	request->cb = cb;
	request->arg = arg;
	enqueue(pool, request);
	set_due(pool, request->deadline);
	wake(pool);
	return OK;
}

static void on_reset(void *arg, enum err err, const struct fault *fault,
		     PGresult *const *results, size_t n)
{
	struct slot *slot = arg;

	(void)fault;
	(void)results;
	(void)n;
	if (err == OK) {
		make_idle(slot);
		return;
	}
	close_slot(slot);
	wake(slot->pool);
}

static bool reset(struct slot *slot)
{
	const struct pg_statement rollback = {.sql = "rollback"};

	slot->holder = NULL;
	slot->state = RESETTING;
	return pg_round_trip(slot->pg, &rollback, 1, RESET_MS, on_reset,
			     slot) == OK;
}

static void take_back(struct slot *slot)
{
	if (!pg_is_connected(slot->pg) || pg_is_busy(slot->pg))
		close_slot(slot);
	else if (!pg_in_transaction(slot->pg))
		make_idle(slot);
	else if (!reset(slot))
		close_slot(slot);
	if (slot->state == FREE)
		wake(slot->pool);
}

void pool_release(struct pool_request *request)
{
	struct pool *pool = request->pool;

	if (!pool)
		return;
	if (!request->pg)
		dequeue(pool, request);
	for (size_t i = 0; request->pg && i < pool->limits.connections; i++)
		if (pool->slots[i].holder == request)
			take_back(&pool->slots[i]);
	memset(request, 0, sizeof(*request));
}

struct pool_counts pool_counts(const struct pool *pool)
{
	return (struct pool_counts){
	    .connecting = count(pool, CONNECTING),
	    .idle = count(pool, IDLE) + count(pool, RESETTING),
	    .lent = count(pool, LENT),
	    .waiting = pool->n_waiting,
	};
}

struct pool *pool_new(uv_loop_t *loop, const char *url,
		      const struct pool_limits *limits)
{
	size_t n = limits->connections ? limits->connections : 1;
	struct pool *pool =
	    calloc(1, sizeof(*pool) + n * sizeof(pool->slots[0]));

	if (!pool)
		return NULL;
	pool->url = strdup(url);
	if (!pool->url) {
		free(pool);
		return NULL;
	}
	pool->loop = loop;
	pool->limits = *limits;
	pool->limits.connections = n;
	pool->queue.next = &pool->queue;
	pool->queue.prev = &pool->queue;
	for (size_t i = 0; i < n; i++)
		pool->slots[i].pool = pool;
	/* Neither ever fails (docs.libuv.org). */
	uv_idle_init(loop, &pool->wake);
	uv_timer_init(loop, &pool->due);
	pool->wake.data = pool;
	pool->due.data = pool;
	return pool;
}

static void on_handle_closed(uv_handle_t *handle)
{
	finish_close(handle->data);
}

void pool_close(struct pool *pool, void (*closed)(void *arg), void *arg)
{
	pool->closing = true;
	pool->closed = closed;
	pool->closed_arg = arg;
	while (pool->n_waiting) {
		struct pool_request *r = pool->queue.next;

		dequeue(pool, r);
		memset(r, 0, sizeof(*r));
	}
	for (size_t i = 0; i < pool->limits.connections; i++) {
		struct slot *slot = &pool->slots[i];

		if (slot->holder)
			memset(slot->holder, 0, sizeof(*slot->holder));
		if (slot->pg)
			close_slot(slot);
	}
	pool->n_closing += 2;
	uv_close((uv_handle_t *)&pool->wake, on_handle_closed);
	uv_close((uv_handle_t *)&pool->due, on_handle_closed);
}
