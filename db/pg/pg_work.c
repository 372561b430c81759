#include <stdlib.h>
#include <string.h>

#include "db/pg/pg_fault.h"
#include "db/pg/pg_impl.h"

/* What libpq is given at a time: it keeps what the socket does not take. */
#define COPY_PIECE (64u << 10)

/* Takes one result of the round trip. True: it was the last. */
static bool take_result(struct pg *pg, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	switch (status) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		if (pg_take_answer(pg, result))
			break;
		if (!pg->script && pg->n_results < pg->n_expected) {
			pg->results[pg->n_results++] = result;
			return false;
		}
		break;
	case PGRES_COPY_IN:
		pg->copying = pg->rows != NULL;
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
	pg_plans_done(pg);
	if (!pg->script && PQexitPipelineMode(pg->conn) != 1) {
		pg_lost(pg);
		return;
	}
	if (pg->fault.code == OK && !pg->script &&
	    pg->n_results != pg->n_expected)
		fault_set(&pg->fault, ERR_BUG,
			  "%zu statements gave %zu results", pg->n_expected,
			  pg->n_results);
	if (pg_watch(pg, UV_READABLE) != OK) {
		pg_fail(pg, fault_set(&pg->fault, ERR_IO,
				      "the connection cannot be watched"));
		return;
	}
	pg->state = IDLE;
	pg_finish(pg, pg->fault.code);
}

/* Reads what there is. True: all of the round trip has come. */
static bool take_results(struct pg *pg)
{
	bool gap = false; /* the NULL between two statements' results */

	while (!pg->copying && !PQisBusy(pg->conn)) {
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

/* Sends on. What PQflush says: 0, all is sent; 1, the socket is full; -1. */
static int send_rows(struct pg *pg)
{
	int unsent = 0;

	while (pg->copying && unsent == 0) {
		size_t n = pg->n_rows < COPY_PIECE ? pg->n_rows : COPY_PIECE;
		int taken = n ? PQputCopyData(pg->conn, pg->rows, (int)n)
			      : PQputCopyEnd(pg->conn, NULL);

		if (taken == 0)
			return 1;
		/* Refused: the server's reason comes as a result. */
		pg->copying = n > 0 && taken > 0;
		pg->rows += n;
		pg->n_rows -= n;
		unsent = PQflush(pg->conn);
	}
	return unsent;
}

static void hung_up(struct pg *pg)
{
	/* The server's last words say more than "closed unexpectedly". */
	if (pg->fault.code == OK)
		pg_fault_connection(&pg->fault, pg->conn, true);
	pg_fail(pg, ERR_TRANSPORT);
}

void pg_step_work(struct pg *pg, bool broken)
{
	int unsent = 0;
	bool done;

	if (!PQconsumeInput(pg->conn))
		broken = true;
	if (pg->state == IDLE) {
		/* Nobody asked: a parameter's change, or a good-bye. */
		(void)PQisBusy(pg->conn);
		if (broken || pg->leaving)
			pg_disconnect(pg);
		return;
	}
	if (!broken)
		unsent = PQflush(pg->conn);
	done = take_results(pg);
	if (pg->copying && !broken) {
		unsent = send_rows(pg);
		done = take_results(pg);
	}
	if (broken || unsent < 0 || PQstatus(pg->conn) == CONNECTION_BAD) {
		hung_up(pg);
	} else if (done) {
		work_done(pg);
	} else if (pg_watch(pg, UV_READABLE | (unsent ? UV_WRITABLE : 0)) !=
		   OK) {
		hung_up(pg);
	}
}

static bool send_all(struct pg *pg, const struct pg_statement *s, size_t n)
{
	return PQenterPipelineMode(pg->conn) && pg_send_statements(pg, s, n) &&
	       PQpipelineSync(pg->conn) == 1;
}

static void begin_work(struct pg *pg, size_t expected, unsigned timeout_ms,
		       pg_results_cb cb, void *arg)
{
	pg->state = WORKING;
	pg->rows = NULL;
	pg->copying = false;
	pg->results_cb = cb;
	pg->arg = arg;
	pg->n_results = 0;
	pg->n_expected = expected;
	pg->n_answers = pg->at_answer = 0;
	memset(&pg->fault, 0, sizeof(pg->fault));
	memset(&pg->error, 0, sizeof(pg->error));
	pg_set_deadline(pg, timeout_ms);
}

static void sent(struct pg *pg, bool ok)
{
	int unsent = ok ? PQflush(pg->conn) : -1;

	if (unsent >= 0 &&
	    pg_watch(pg, UV_READABLE | (unsent ? UV_WRITABLE : 0)) == OK)
		return;
	pg_fault_connection(&pg->fault, pg->conn, true);
	pg_fail_soon(pg);
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
	if (!pg->results || !pg_expect_answers(pg, n)) {
		free(pg->results);
		pg->results = NULL;
		return ERR_NOMEM;
	}
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

enum err pg_copy(struct pg *pg, const char *statement, const void *data,
		 size_t len, unsigned timeout_ms, pg_results_cb cb, void *arg)
{
	enum err err = pg_script(pg, statement, timeout_ms, cb, arg);

	if (err)
		return err;
	pg->rows = data;
	pg->n_rows = len;
	return OK;
}
