#ifndef GS_DB_PG_PG_H
#define GS_DB_PG_PG_H

#include "common/error.h"
#include <libpq-fe.h>
#include <stdbool.h>
#include <uv.h>

/* PostgreSQL on a libuv loop: one connection, never blocking; names are
 * resolved by the loop and handed to libpq as hostaddr. Every callback runs on
 * the loop, after the call that asked for it has returned; fault is never
 * NULL. A callback may call anything here. */
struct pg;

/* url: "postgresql://..." or "key=value ...". NULL: no memory. */
struct pg *pg_new(uv_loop_t *loop, const char *url);
/* Cancels what is under way; closed (NULL is allowed) runs when the loop holds
 * nothing of it, and pg is freed then. */
void pg_close(struct pg *pg, void (*closed)(void *arg), void *arg);

/* Connects (or connects anew). The password never reaches fault. ERR_USAGE: the
 * URL is malformed; ERR_TRANSPORT, ERR_TIMEOUT: nobody answers there, or not
 * yet; ERR_REFUSED: the server does not let us in. A database of Neon's, which
 * may have to wake up, is tried for a minute if timeout_ms is less. */
typedef void (*pg_connect_cb)(void *arg, enum err err,
			      const struct fault *fault);
enum err pg_connect(struct pg *pg, unsigned timeout_ms, pg_connect_cb cb,
		    void *arg) MUST_CHECK;
/* Notices a server that hung up between two round trips, too. */
bool pg_is_connected(const struct pg *pg);
/* The same after a look at the socket (one read), for who has not been on the
 * loop since: after true a round trip may still meet a server that leaves. */
bool pg_check(struct pg *pg);
bool pg_in_transaction(const struct pg *pg); /* a failed one included */
bool pg_is_busy(const struct pg *pg);	     /* a callback is owed */
/* The server's process for this connection, as we were told at its start; 0
 * when not connected, and behind Neon's pooler. A pooler tells a number of its
 * own, so that it is no pg_backend_pid() (PgBouncer: a random one, for cancel
 * requests). */
int pg_backend(const struct pg *pg);

/* A statement with its parameters in text form (NULL: SQL NULL). Borrowed
 * during the call only. */
struct pg_statement {
	const char *sql;
	int n_params;
	const char *const *params;
};

/* Sends all statements in one pipeline (one round trip). The callback gets one
 * result per statement, in order; they are freed after it returns. At the first
 * failure results is NULL and fault holds the server's message. err is
 * ERR_DATABASE; or ERR_BUSY, when trying again may help (SQLSTATE 40..., 53...,
 * 55P03, 57014); ERR_LEASE_LOST (GSL01); ERR_TRANSPORT when the connection is
 * gone; ERR_TIMEOUT past the deadline (the statement is cancelled at the server
 * and the connection closed). Outside an explicit BEGIN the statements are one
 * transaction; inside one, the caller still has to ROLLBACK. One round trip at
 * a time: returns ERR_BUSY otherwise, and ERR_TRANSPORT when not connected. */
typedef void (*pg_results_cb)(void *arg, enum err err,
			      const struct fault *fault,
			      PGresult *const *results, size_t n);
enum err pg_round_trip(struct pg *pg, const struct pg_statement *statements,
		       size_t n, unsigned timeout_ms, pg_results_cb cb,
		       void *arg) MUST_CHECK;
/* From the next connection on, small statements are planned once, when they are
 * first sent, and their plans kept at the server: worth it where the same ones
 * come again and again. Behind a pooler nothing is kept. */
void pg_keep_plans(struct pg *pg);
/* A round trip for a script of many statements without parameters (the simple
 * protocol); its callback gets no results (n is 0). */
enum err pg_script(struct pg *pg, const char *script, unsigned timeout_ms,
		   pg_results_cb cb, void *arg) MUST_CHECK;
/* The same for `COPY ... FROM STDIN` and what it is to read, which is borrowed
 * until the callback. */
enum err pg_copy(struct pg *pg, const char *statement, const void *data,
		 size_t len, unsigned timeout_ms, pg_results_cb cb,
		 void *arg) MUST_CHECK;

/* What the server said of the last failure; "" where it said nothing. */
struct pg_error {
	char sqlstate[6];
	char constraint[64];
};
const struct pg_error *pg_last_error(const struct pg *pg);

/* Its callback never fires; a statement under way is cancelled at the server
 * (from a worker thread, since libpq's cancel blocks) and the connection
 * closed. Does nothing when nothing is under way. */
void pg_cancel(struct pg *pg);

/* Zeroed memory for who uses the connection, such that nothing leaks when a
 * callback never fires: lives until the next call of this, or pg_close. NULL:
 * no memory. */
void *pg_scratch(struct pg *pg, size_t size);

#endif
