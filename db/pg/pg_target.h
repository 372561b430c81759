#ifndef GS_DB_PG_PG_TARGET_H
#define GS_DB_PG_PG_TARGET_H

#include "common/error.h"
#include <libpq-fe.h>
#include <uv.h>

/* Where to connect: a URL, its host names resolved on the loop, as what
 * PQconnectStartParams wants. With several names or addresses libpq tries them
 * in order. What db/neon.h says of its hosts holds. */
struct pg_target;

/* ready runs on the loop, or before the call returns where there is nothing to
 * resolve. On ERR_USAGE (a malformed URL) and ERR_NOMEM *out is NULL, fault is
 * set and ready never runs. */
typedef void (*pg_target_cb)(void *arg, enum err err,
			     const struct fault *fault);
enum err pg_target_start(struct pg_target **out, uv_loop_t *loop,
			 const char *url, pg_target_cb ready, void *arg,
			 struct fault *fault) MUST_CHECK;
/* Frees it; ready does not run any more. NULL is allowed. */
void pg_target_free(struct pg_target *target);

/* Begins to connect. NULL: no memory. After ready said OK. */
PGconn *pg_target_connect(const struct pg_target *target);

#endif
