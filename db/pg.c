#include "db/pg.h"

#include <stdlib.h>
#include <string.h>
#include "db/pg_fault.h"
#include "db/pg_target.h"

/*
 *  DISCONNECTED -> RESOLVING -> CONNECTING -> IDLE <-> WORKING
 *        ^             |            |          |        |
 *        +-------------+------------+----------+--------+
 *
 * DISCONNECTED: no conn, no watch.   RESOLVING: target is set.
 * CONNECTING: conn is set, PQconnectPoll says what to watch.
 * IDLE: watched for a server that hangs up.   WORKING: results_cb is owed.
 */
enum state { DISCONNECTED, RESOLVING, CONNECTING, IDLE, WORKING };

/* libpq may change its socket while it connects, and a closing handle outlives
 * it: each watch is its own allocation, freed in its close callback. */
struct watch {
	uv_poll_t poll;
	struct pg *pg;
};

struct pg {
	uv_loop_t *loop;
	char *url;
	enum state state;
	struct pg_target *target;
	PGconn *conn;
	struct watch *watch;
	uv_timer_t timer; /* the deadline, or a failure to report at once */
	bool failed;      /* fault is to be reported by the timer */
	struct fault fault;
	struct pg_error error;
	pg_connect_cb connect_cb;
	pg_results_cb results_cb;
	void *arg;
	bool script;
	PGresult **results;
	size_t n_results, n_expected;
	void *scratch;
	void (*closed)(void *arg);
	void *closed_arg;
};

static void step_connect(struct pg *pg);
static void step_work(struct pg *pg, bool broken);

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
	struct watch *watch = poll->data;
	struct pg *pg = watch->pg;

	(void)events;
	if (!pg)
		return;
	if (pg->state == CONNECTING)
		step_connect(pg);
	else
		step_work(pg, status < 0);
}

/* Watches the connection's socket, anew where it may be another one. */
static enum err watch(struct pg *pg, int events)
{
	struct watch *w = pg->watch;

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
	return uv_poll_start(&w->poll, events, on_poll) < 0 ? ERR_IO : OK;
}

static void disconnect(struct pg *pg)
{
	uv_timer_stop(&pg->timer);
	unwatch(pg);
	pg_target_free(pg->target);
	pg->target = NULL;
	PQfinish(pg->conn);
	pg->conn = NULL;
	pg->state = DISCONNECTED;
	pg->failed = false;
}

static void clear_results(PGresult **results, size_t n)
{
	for (size_t i = 0; i < n; i++)
		PQclear(results[i]);
	free(results);
}

/* Ends what is under way and tells its owner, once. */
static void finish(struct pg *pg, enum err err)
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
	clear_results(results, n);
}

/* The connection is of no use any more. */
static void fail(struct pg *pg, enum err err)
{
	disconnect(pg);
	finish(pg, err);
}

static void lost(struct pg *pg)
{
	enum err err = pg_fault_connection(&pg->fault, pg->conn,
					   pg->state != CONNECTING);

	fail(pg, err);
}

struct cancel {
	uv_work_t work;
	PGcancel *cancel;
};

static void cancel_work(uv_work_t *work)
{
	struct cancel *c = work->data;
	char ignored[256];

	/* If it does not arrive, the server finds out when it answers. */
	(void)PQcancel(c->cancel, ignored, sizeof(ignored));
}

static void cancel_done(uv_work_t *work, int status)
{
	struct cancel *c = work->data;

	(void)status;
	PQfreeCancel(c->cancel);
	free(c);
}

static void cancel_at_server(struct pg *pg)
{
	struct cancel *c = calloc(1, sizeof(*c));

	if (!c)
		return;
	c->work.data = c;
	c->cancel = PQgetCancel(pg->conn);
	if (c->cancel &&
	    uv_queue_work(pg->loop, &c->work, cancel_work, cancel_done) == 0)
		return;
	PQfreeCancel(c->cancel);
	free(c);
}

static void on_timer(uv_timer_t *timer)
{
	struct pg *pg = timer->data;
	enum err err;

	if (pg->failed) {
		fail(pg, pg->fault.code);
		return;
	}
	if (pg->state == WORKING) {
		cancel_at_server(pg);
		err = fault_set(&pg->fault, ERR_TIMEOUT,
				"the database did not answer in time");
	} else {
		err = fault_set(&pg->fault, ERR_TIMEOUT,
				"connecting to the database took too long: is "
				"it reachable? See database.url");
	}
	fail(pg, err);
}

/* Reports pg->fault from the loop: a callback never runs inside the call that
 * asked for it. */
static void fail_soon(struct pg *pg)
{
	pg->failed = true;
	uv_timer_start(&pg->timer, on_timer, 0, 0);
}

static void no_notice(void *arg, const PGresult *result)
{
	(void)arg;
	(void)result;
}

static void connected(struct pg *pg)
{
	pg_target_free(pg->target);
	pg->target = NULL;
	if (PQsetnonblocking(pg->conn, 1) != 0 ||
	    watch(pg, UV_READABLE) != OK) {
		lost(pg);
		return;
	}
	pg->state = IDLE;
	finish(pg, OK);
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
	if (status == PGRES_POLLING_FAILED || watch(pg, events) != OK)
		lost(pg);
}

static void on_target(void *arg, enum err err, const struct fault *fault)
{
	struct pg *pg = arg;

	pg->fault = *fault;
	if (err != OK) {
		fail_soon(pg);
		return;
	}
	pg->conn = pg_target_connect(pg->target);
	pg->state = CONNECTING;
	if (!pg->conn) {
		fault_set(&pg->fault, ERR_NOMEM, "out of memory");
		fail_soon(pg);
		return;
	}
	PQsetNoticeReceiver(pg->conn, no_notice, NULL);
	if (PQstatus(pg->conn) != CONNECTION_BAD &&
	    watch(pg, UV_WRITABLE) == OK)
		return;
	pg_fault_connection(&pg->fault, pg->conn, false);
	fail_soon(pg);
}

enum err pg_connect(struct pg *pg, unsigned timeout_ms, pg_connect_cb cb,
		    void *arg)
{
	if (pg_is_busy(pg))
		return ERR_BUSY;
	disconnect(pg);
	pg->connect_cb = cb;
	pg->arg = arg;
	pg->state = RESOLVING;
	uv_timer_start(&pg->timer, on_timer, timeout_ms, 0);
	if (pg_target_start(&pg->target, pg->loop, pg->url, on_target, pg,
			    &pg->fault) != OK)
		fail_soon(pg);
	return OK;
}

/* Takes one result of the round trip. True: it was the last. */
static bool take_result(struct pg *pg, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	switch (status) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		if (!pg->script && pg->n_results < pg->n_expected) {
			pg->results[pg->n_results++] = result;
			return false;
		}
		break;
	case PGRES_EMPTY_QUERY:
	case PGRES_PIPELINE_ABORTED:
		break;
	case PGRES_PIPELINE_SYNC:
		PQclear(result);
		return true;
	case PGRES_FATAL_ERROR:
		if (pg->fault.code == OK)
			pg_fault_result(&pg->fault, &pg->error, result);
		break;
	default:
		if (pg->fault.code == OK)
			fault_set(&pg->fault, ERR_BUG,
				  "a statement answered with %s",
				  PQresStatus(status));
		break;
	}
	PQclear(result);
	return false;
}

static void work_done(struct pg *pg)
{
	if (!pg->script && PQexitPipelineMode(pg->conn) != 1) {
		lost(pg);
		return;
	}
	if (pg->fault.code == OK && !pg->script &&
	    pg->n_results != pg->n_expected)
		fault_set(&pg->fault, ERR_BUG,
			  "%zu statements gave %zu results", pg->n_expected,
			  pg->n_results);
	if (watch(pg, UV_READABLE) != OK) {
		fail(pg, fault_set(&pg->fault, ERR_IO,
				   "the connection cannot be watched"));
		return;
	}
	pg->state = IDLE;
	finish(pg, pg->fault.code);
}

/* Reads what there is. True: all of the round trip has come. */
static bool take_results(struct pg *pg)
{
	bool gap = false; /* the NULL between two statements' results */

	while (!PQisBusy(pg->conn)) {
		PGresult *result = PQgetResult(pg->conn);

		if (!result) {
			if (pg->script || gap)
				return true;
			gap = true;
			continue;
		}
		gap = false;
		if (take_result(pg, result))
			return true;
	}
	return false;
}

static void hung_up(struct pg *pg)
{
	/* The server's last words say more than "closed unexpectedly". */
	if (pg->fault.code == OK)
		pg_fault_connection(&pg->fault, pg->conn, true);
	fail(pg, ERR_TRANSPORT);
}

static void step_work(struct pg *pg, bool broken)
{
	int unsent = 0;
	bool done;

	if (!PQconsumeInput(pg->conn))
		broken = true;
	if (pg->state == IDLE) {
		/* Nobody asked: a parameter's change, or a good-bye. */
		(void)PQisBusy(pg->conn);
		if (broken)
			disconnect(pg);
		return;
	}
	if (!broken)
		unsent = PQflush(pg->conn);
	done = take_results(pg);
	if (broken || unsent < 0 || PQstatus(pg->conn) == CONNECTION_BAD) {
		hung_up(pg);
	} else if (done) {
		work_done(pg);
	} else if (watch(pg, UV_READABLE | (unsent ? UV_WRITABLE : 0)) != OK) {
		hung_up(pg);
	}
}

static bool send_all(struct pg *pg, const struct pg_statement *s, size_t n)
{
	if (!PQenterPipelineMode(pg->conn))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!PQsendQueryParams(pg->conn, s[i].sql, s[i].n_params, NULL,
				       s[i].params, NULL, NULL, 0))
			return false;
	return PQpipelineSync(pg->conn) == 1;
}

static void begin_work(struct pg *pg, size_t expected, unsigned timeout_ms,
		       pg_results_cb cb, void *arg)
{
	pg->state = WORKING;
	pg->results_cb = cb;
	pg->arg = arg;
	pg->n_results = 0;
	pg->n_expected = expected;
	memset(&pg->fault, 0, sizeof(pg->fault));
	memset(&pg->error, 0, sizeof(pg->error));
	uv_timer_start(&pg->timer, on_timer, timeout_ms, 0);
}

static void sent(struct pg *pg, bool ok)
{
	int unsent = ok ? PQflush(pg->conn) : -1;

	if (unsent >= 0 &&
	    watch(pg, UV_READABLE | (unsent ? UV_WRITABLE : 0)) == OK)
		return;
	pg_fault_connection(&pg->fault, pg->conn, true);
	fail_soon(pg);
}

enum err pg_round_trip(struct pg *pg, const struct pg_statement *statements,
		       size_t n, unsigned timeout_ms, pg_results_cb cb,
		       void *arg)
{
	if (pg->state == DISCONNECTED)
		return ERR_TRANSPORT;
	if (pg->state != IDLE)
		return ERR_BUSY;
	pg->results = calloc(n ? n : 1, sizeof(*pg->results));
	if (!pg->results)
		return ERR_NOMEM;
	pg->script = false;
	begin_work(pg, n, timeout_ms, cb, arg);
	sent(pg, send_all(pg, statements, n));
	return OK;
}

enum err pg_script(struct pg *pg, const char *script, unsigned timeout_ms,
		   pg_results_cb cb, void *arg)
{
	if (pg->state == DISCONNECTED)
		return ERR_TRANSPORT;
	if (pg->state != IDLE)
		return ERR_BUSY;
	pg->script = true;
	begin_work(pg, 0, timeout_ms, cb, arg);
	sent(pg, PQsendQuery(pg->conn, script) == 1);
	return OK;
}

bool pg_is_connected(const struct pg *pg)
{
	return pg->state == IDLE || pg->state == WORKING;
}

bool pg_in_transaction(const struct pg *pg)
{
	PGTransactionStatusType status = PQtransactionStatus(pg->conn);

	return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
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
		cancel_at_server(pg);
	disconnect(pg);
	clear_results(pg->results, pg->n_results);
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
	free(pg->url);
	free(pg);
	if (closed)
		closed(arg);
}

void pg_close(struct pg *pg, void (*closed)(void *arg), void *arg)
{
	pg_cancel(pg);
	disconnect(pg);
	pg->closed = closed;
	pg->closed_arg = arg;
	uv_close((uv_handle_t *)&pg->timer, on_timer_closed);
}
