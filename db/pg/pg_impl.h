#ifndef GS_DB_PG_PG_IMPL_H
#define GS_DB_PG_PG_IMPL_H

#include "db/pg/neon.h"
#include "db/pg/pg.h"

/* What pg.c (the connection), pg_work.c (round trips) and pg_cancel.c share. */

/*
 *                 +-- PAUSING <-+
 *                 v             |
 *  DISCONNECTED -> RESOLVING -> CONNECTING -> IDLE <-> WORKING
 *        ^             |            |          |        |
 *        +-------------+------------+----------+--------+
 *
 * DISCONNECTED: no conn, no watch.   RESOLVING: target is set.
 * CONNECTING: conn is set, PQconnectPoll says what to watch.
 * PAUSING: it may be waking up; the timer tries again, until the deadline.
 * IDLE: watched for a server that hangs up.   WORKING: results_cb is owed.
 */
enum pg_state { DISCONNECTED, RESOLVING, CONNECTING, PAUSING, IDLE, WORKING };

/* libpq may change its socket while it connects, and a closing handle outlives
 * it: each watch is its own allocation, freed in its close callback. */
struct pg_watch {
	uv_poll_t poll;
	int events;
	struct pg *pg;
};

/* What the server has prepared (pg_plans.c). */
#define PG_PLANS_MOST 128
struct pg_plans {
	bool wanted;
	int backend; /* pg_backend_pid(); 0: not known yet */
	unsigned generation;
	uint64_t since; /* the first of them is, in the loop's milliseconds */
	bool stale;	/* they are of no use any more */
	size_t n;
	struct pg_plan {
		const char *sql; /* where it was; text is a copy */
		char *text;
		bool sent;
		size_t answer; /* to this one it is prepared; 0: before */
	} list[PG_PLANS_MOST];
};
/* What is to come for what was sent, in order. */
enum pg_answer {
	PG_ANSWER, /* to a statement that was asked for */
	PG_ANSWER_PREPARED,
	PG_ANSWER_BACKEND,
	PG_ANSWER_NONE,
};

struct pg {
	uv_loop_t *loop;
	char *url;
	enum neon neon;
	enum pg_state state;
	struct pg_target *target;
	PGconn *conn;
	struct pg_watch *watch;
	uv_timer_t timer; /* the deadline, a pause, or a failure to report */
	bool failed;	  /* fault is to be reported by the timer */
	bool leaving;	  /* the server has said good-bye while idle */
	uint64_t give_up; /* connecting: when, in the loop's milliseconds */
	struct fault fault;
	struct pg_error error;
	pg_connect_cb connect_cb;
	pg_results_cb results_cb;
	void *arg;
	bool script;	  /* the simple protocol: no results, no pipeline */
	const char *rows; /* of pg_copy, from there on unsent; NULL: none */
	size_t n_rows;	  /* bytes */
	bool copying;	  /* the server takes them */
	PGresult **results;
	size_t n_results, n_expected;
	enum pg_answer *answers;
	size_t n_answers, at_answer;
	struct pg_plans plans;
	void *scratch;
	void (*closed)(void *arg);
	void *closed_arg;
};

/* Watches the connection's socket, anew where it may be another one. */
enum err pg_watch(struct pg *pg, int events) MUST_CHECK;
/* Lets go of connection, socket and deadline; tells nobody. */
void pg_disconnect(struct pg *pg);
/* Ends what is under way and tells its owner, once: err, with pg->fault. */
void pg_finish(struct pg *pg, enum err err);
/* The same, and the connection is of no use any more. */
void pg_fail(struct pg *pg, enum err err);
/* The same with what libpq says of the connection. */
void pg_lost(struct pg *pg);
/* Reports pg->fault from the loop: a callback never runs inside the call that
 * asked for it. */
void pg_fail_soon(struct pg *pg);
/* The deadline of what begins now. */
void pg_set_deadline(struct pg *pg, unsigned timeout_ms);
/* The socket of an idle or working connection is ready, or broken. */
void pg_step_work(struct pg *pg, bool broken);
/* Asks the server, from a worker thread, to cancel the statement under way, and
 * takes the connection along: what follows is pg_disconnect. */
void pg_cancel_at_server(struct pg *pg);
/* Room for the answers to n statements. */
bool pg_expect_answers(struct pg *pg, size_t n) MUST_CHECK;
/* Into the pipeline; false: the connection is lost. */
bool pg_send_statements(struct pg *pg, const struct pg_statement *s,
			size_t n) MUST_CHECK;
/* A result has come; true: nobody has asked for it but we. */
bool pg_take_answer(struct pg *pg, const PGresult *result) MUST_CHECK;
/* All that come have come. */
void pg_plans_done(struct pg *pg);
void pg_plans_disconnected(struct pg *pg);
/* Forgets the results that have come. */
void pg_clear_results(PGresult **results, size_t n);

#endif
