#include "daemon/command/await.h"

#include <string.h>

void await_start(struct await *await)
{
	memset(await, 0, sizeof(*await));
}

void await_fire(struct await *await, enum err err, const struct fault *fault)
{
	await->fired = true;
	await->err = err;
	if (fault)
		await->fault = *fault;
	/* A timer fires before the loop looks for I/O, and waits for that. */
	if (await->loop)
		uv_stop(await->loop);
}

struct deadline {
	uv_timer_t timer;
	bool passed, closed;
};

static void on_deadline(uv_timer_t *timer)
{
	((struct deadline *)timer->data)->passed = true;
	uv_stop(timer->loop);
}

static void on_closed(uv_handle_t *handle)
{
	((struct deadline *)handle->data)->closed = true;
}

enum err await_end(struct await *await, uv_loop_t *loop, uint64_t timeout_ms,
		   struct fault *fault)
{
	struct deadline deadline = {.timer.data = &deadline};

	(void)uv_timer_init(loop, &deadline.timer);
	(void)uv_timer_start(&deadline.timer, on_deadline, timeout_ms, 0);
	await->loop = loop;
	while (!await->fired && !deadline.passed)
		(void)uv_run(loop, UV_RUN_ONCE);
	await->loop = NULL;
	uv_close((uv_handle_t *)&deadline.timer, on_closed);
	await_flag(loop, &deadline.closed);
	if (!await->fired)
		return fault_set(fault, ERR_TIMEOUT,
				 "no answer within %llu seconds",
				 (unsigned long long)(timeout_ms / 1000));
	if (await->err != OK && fault)
		*fault = await->fault;
	return await->err;
}

void await_flag(uv_loop_t *loop, const bool *done)
{
	while (!*done)
		(void)uv_run(loop, UV_RUN_ONCE);
}
