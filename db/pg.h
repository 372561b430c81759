#ifndef GS_DB_PG_H
#define GS_DB_PG_H

#include <libpq-fe.h>
#include <uv.h>
#include "common/arena.h"
#include "common/error.h"

/* PostgreSQL on a libuv loop: one connection, never blocking; names are
 * resolved by the loop and handed to libpq as hostaddr. */
struct pg;

struct pg *pg_new(uv_loop_t *loop, const char *url); /* NULL: no memory */
void pg_close(struct pg *pg, void (*closed)(void *arg), void *arg);

/* Connects (or connects anew). The password never reaches fault. */
typedef void (*pg_connect_cb)(void *arg, enum err err,
			      const struct fault *fault);
enum err pg_connect(struct pg *pg, unsigned timeout_ms, pg_connect_cb cb,
		    void *arg) MUST_CHECK;
bool pg_is_connected(const struct pg *pg);

/* A statement with its parameters in text form (NULL: SQL NULL). Borrowed
 * until the round trip's callback. */
struct pg_statement {
	const char *sql;
	int n_params;
	const char *const *params;
};

/* Sends all statements in one pipeline (one round trip). The callback gets one
 * result per statement, in order; they are freed after it returns. At the first
 * failure err is ERR_DATABASE (or ERR_TRANSPORT when the connection is gone,
 * ERR_TIMEOUT past the deadline: the connection is then closed), results is
 * NULL and fault holds the server's message with its SQLSTATE. Outside an
 * explicit BEGIN the statements are one transaction. One round trip at a time:
 * ERR_BUSY otherwise. */
typedef void (*pg_results_cb)(void *arg, enum err err,
			      const struct fault *fault,
			      PGresult *const *results, size_t n);
enum err pg_round_trip(struct pg *pg, const struct pg_statement *statements,
		       size_t n, unsigned timeout_ms, pg_results_cb cb,
		       void *arg) MUST_CHECK;
/* Its callback never fires; the statement is cancelled at the server. */
void pg_cancel(struct pg *pg);

#endif
