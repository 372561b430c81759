#include "db/pg/pg_impl.h"

#include "db/pg/pg_fault.h"
#include "db/pg/pg_target.h"
#include <stdlib.h>
#include <string.h>

/* Between two attempts at a database that may be waking up. */
#define PAUSE_MS 500

static void step_connect(struct pg *pg);
static void attempt(struct pg *pg);

static void on_watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* Before libpq may close the socket: epoll must forget it first. */
static void unwatch(struct pg *pg)
{
	if (!pg->watch)
		return;
	pg->watch->pg = NULL;
	uv_close((uv_handle_t *)&pg->watch->poll, on_watch_closed);
	pg->watch = NULL;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct pg_watch *watch = poll->data;
	struct pg *pg = watch->pg;

	(void)events;
	if (!pg || pg->failed)
		return;
	if (pg->state == CONNECTING)
		step_connect(pg);
	else
		pg_step_work(pg, status < 0);
}

enum err pg_watch(struct pg *pg, int events)
{
	struct pg_watch *w = pg->watch;

	if (!w) {
		w = calloc(1, sizeof(*w));
		if (!w)
			return ERR_NOMEM;
		if (uv_poll_init(pg->loop, &w->poll, PQsocket(pg->conn)) < 0) {
			free(w);
			return ERR_IO;
		}
		w->poll.data = w;
		w->pg = pg;
		pg->watch = w;
	}
	/* Each start costs two system calls, even to change nothing. */
	if (w->events == events)
		return OK;
	if (uv_poll_start(&w->poll, events, on_poll) < 0)
		return ERR_IO;
	w->events = events;
	return OK;
}

void pg_disconnect(struct pg *pg)
{
	uv_timer_stop(&pg->timer);
	unwatch(pg);
	pg_target_free(pg->target);
	pg->target = NULL;
	PQfinish(pg->conn);
	pg->conn = NULL;
	pg_plans_disconnected(pg);
	pg->state = DISCONNECTED;
	pg->failed = false;
	pg->leaving = false;
}

void pg_clear_results(PGresult **results, size_t n)
{
	for (size_t i = 0; i < n; i++)
		PQclear(results[i]);
	free(results);
}

void pg_finish(struct pg *pg, enum err err)
{
	struct fault fault = pg->fault;
	pg_connect_cb connect_cb = pg->connect_cb;
	pg_results_cb results_cb = pg->results_cb;
	PGresult **results = pg->results;
	size_t n = pg->n_results;

	uv_timer_stop(&pg->timer);
	fault.code = err;
	if (err == OK)
		fault.text[0] = '\0';
	pg->connect_cb = NULL;
	pg->results_cb = NULL;
	pg->results = NULL;
	pg->n_results = 0;
	if (connect_cb)
		connect_cb(pg->arg, err, &fault);
	else if (results_cb)
		results_cb(pg->arg, err, &fault, err == OK ? results : NULL,
			   err == OK ? n : 0);
	pg_clear_results(results, n);
}

void pg_fail(struct pg *pg, enum err err)
{
	pg_disconnect(pg);
	pg_finish(pg, err);
}

void pg_lost(struct pg *pg)
{
	enum err err =
	    pg_fault_connection(&pg->fault, pg->conn, pg->state != CONNECTING);

	pg_fail(pg, err);
}

static enum err too_late(struct pg *pg)
{
	const char *host = PQhost(pg->conn), *port = PQport(pg->conn);

	return fault_set(&pg->fault, ERR_TIMEOUT,
			 "connecting to the database at \"%s\", port %s took "
			 "too long: is it reachable? See database.url",
			 host ? host : "?", port ? port : "?");
}

static void on_timer(uv_timer_t *timer)
{
	struct pg *pg = timer->data;
	enum err err;

	if (pg->failed) {
		pg_fail(pg, pg->fault.code);
		return;
	}
	if (pg->state == PAUSING) {
		attempt(pg);
		return;
	}
	if (pg->state == WORKING) {
		pg_cancel_at_server(pg);
		err = fault_set(&pg->fault, ERR_TIMEOUT,
				"the database did not answer in time");
	} else {
		err = too_late(pg);
	}
	pg_fail(pg, err);
}

/* An attempt failed. Where that may mean "not yet" there is another one, while
 * there is time. */
static void not_connected(struct pg *pg)
{
	enum err err = pg_fault_connection(&pg->fault, pg->conn, false);

	if (!pg->neon || err != ERR_TRANSPORT ||
	    uv_now(pg->loop) + PAUSE_MS >= pg->give_up) {
		pg_fail(pg, err);
		return;
	}
	pg_disconnect(pg);
	pg->state = PAUSING;
	uv_timer_start(&pg->timer, on_timer, PAUSE_MS, 0);
}

void pg_fail_soon(struct pg *pg)
{
	pg->failed = true;
	uv_timer_start(&pg->timer, on_timer, 0, 0);
}

void pg_set_deadline(struct pg *pg, unsigned timeout_ms)
{
	uv_timer_start(&pg->timer, on_timer, timeout_ms, 0);
}

/* Between two round trips a server that leaves says so with a notice, an
 * instant before it hangs up. */
static void on_notice(void *arg, const PGresult *result)
{
	struct pg *pg = arg;
	const char *severity =
	    PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

	if (severity && strcmp(severity, "FATAL") == 0)
		pg->leaving = true;
}

static void connected(struct pg *pg)
{
	pg_target_free(pg->target);
	pg->target = NULL;
	if (PQsetnonblocking(pg->conn, 1) != 0 ||
	    pg_watch(pg, UV_READABLE) != OK) {
		not_connected(pg);
		return;
	}
	pg->state = IDLE;
	pg_finish(pg, OK);
}

static void step_connect(struct pg *pg)
{
	PostgresPollingStatusType status;
	int events;

	unwatch(pg);
	status = PQconnectPoll(pg->conn);
	if (status == PGRES_POLLING_OK) {
		connected(pg);
		return;
	}
	events = status == PGRES_POLLING_READING ? UV_READABLE : UV_WRITABLE;
	if (status == PGRES_POLLING_FAILED || pg_watch(pg, events) != OK)
		not_connected(pg);
}

static void on_target(void *arg, enum err err, const struct fault *fault)
{
	struct pg *pg = arg;

	pg->fault = *fault;
	if (err != OK) {
		pg_fail_soon(pg);
		return;
	}
	pg->conn = pg_target_connect(pg->target);
	pg->state = CONNECTING;
	if (!pg->conn) {
		fault_set(&pg->fault, ERR_NOMEM, "out of memory");
		pg_fail_soon(pg);
		return;
	}
	PQsetNoticeReceiver(pg->conn, on_notice, pg);
	if (PQstatus(pg->conn) != CONNECTION_BAD &&
	    pg_watch(pg, UV_WRITABLE) == OK)
		return;
	pg_fault_connection(&pg->fault, pg->conn, false);
	pg_fail_soon(pg);
}

static void attempt(struct pg *pg)
{
	uint64_t now = uv_now(pg->loop);

	pg->state = RESOLVING;
	uv_timer_start(&pg->timer, on_timer,
		       pg->give_up > now ? pg->give_up - now : 0, 0);
	if (pg_target_start(&pg->target, pg->loop, pg->url, on_target, pg,
			    &pg->fault) != OK)
		pg_fail_soon(pg);
}

enum err pg_connect(struct pg *pg, unsigned timeout_ms, pg_connect_cb cb,
		    void *arg)
{
	if (pg_is_busy(pg))
		return ERR_BUSY;
	pg_disconnect(pg);
	pg->connect_cb = cb;
	pg->arg = arg;
	uv_update_time(pg->loop);
	pg->give_up = uv_now(pg->loop) + neon_patience_ms(pg->neon, timeout_ms);
	attempt(pg);
	return OK;
}

bool pg_is_connected(const struct pg *pg)
{
	return pg->state == IDLE || pg->state == WORKING;
}

bool pg_check(struct pg *pg)
{
	if (pg->state == IDLE)
		pg_step_work(pg, false);
	return pg_is_connected(pg);
}

bool pg_in_transaction(const struct pg *pg)
{
	PGTransactionStatusType status = PQtransactionStatus(pg->conn);

	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

int pg_backend(const struct pg *pg)
{
	return pg->neon == NEON_POOLED ? 0 : PQbackendPID(pg->conn);
}

bool pg_is_busy(const struct pg *pg)
{
	return pg->connect_cb || pg->results_cb;
}

void *pg_scratch(struct pg *pg, size_t size)
{
	free(pg->scratch);
	pg->scratch = calloc(1, size);
	return pg->scratch;
}

const struct pg_error *pg_last_error(const struct pg *pg)
{
	return &pg->error;
}

void pg_cancel(struct pg *pg)
{
	if (!pg_is_busy(pg))
		return;
	if (pg->state == WORKING)
		pg_cancel_at_server(pg);
	pg_disconnect(pg);
	pg_clear_results(pg->results, pg->n_results);
	pg->results = NULL;
	pg->n_results = 0;
	pg->connect_cb = NULL;
	pg->results_cb = NULL;
}

struct pg *pg_new(uv_loop_t *loop, const char *url)
{
	struct pg *pg = calloc(1, sizeof(*pg));

	if (!pg)
		return NULL;
	pg->url = strdup(url);
	if (!pg->url) {
		free(pg);
		return NULL;
	}
	pg->loop = loop;
	pg->neon = neon_by_url(url);
	pg->state = DISCONNECTED;
	uv_timer_init(loop, &pg->timer); /* never fails (docs.libuv.org) */
	pg->timer.data = pg;
	return pg;
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct pg *pg = handle->data;
	void (*closed)(void *arg) = pg->closed;
	void *arg = pg->closed_arg;

	free(pg->scratch);
	free(pg->answers);
	free(pg->url);
	free(pg);
	if (closed)
		closed(arg);
}

void pg_close(struct pg *pg, void (*closed)(void *arg), void *arg)
{
	pg_cancel(pg);
	pg_disconnect(pg);
	pg->closed = closed;
	pg->closed_arg = arg;
	uv_close((uv_handle_t *)&pg->timer, on_timer_closed);
}
