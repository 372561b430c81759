#ifndef GS_DAEMON_COMMAND_AWAIT_H
#define GS_DAEMON_COMMAND_AWAIT_H

#include "common/error.h"
#include <stdbool.h>
#include <uv.h>

/* For commands that do one thing after the other: turns the loop until a
 * callback has fired.
 *
 *	await_start(&await);
 *	err = pg_connect(pg, ms, on_connected, &await);
 *	if (err == OK)
 *		err = await_end(&await, loop, ms, &fault);
 *
 * where on_connected calls await_fire. */
struct await {
	uv_loop_t *loop; /* while await_end turns it */
	bool fired;
	enum err err;
	struct fault fault;
};

void await_start(struct await *await);
/* From the callback: what it was told; fault may be NULL. */
void await_fire(struct await *await, enum err err, const struct fault *fault);
/* What the callback was told. ERR_TIMEOUT when it has not fired within
 * timeout_ms: the caller then cancels what it began, before *await goes. */
enum err await_end(struct await *await, uv_loop_t *loop, uint64_t timeout_ms,
		   struct fault *fault) MUST_CHECK;

/* Turns the loop until *done, which a close callback sets. */
void await_flag(uv_loop_t *loop, const bool *done);

#endif
