#include "daemon/command/signals.h"

#include <signal.h>
#include <stddef.h>

static void on_signal(uv_signal_t *handle, int number)
{
	const struct signals *signals = handle->data;

	(void)number;
	signals->stop(signals->arg);
}

static void watch(struct signals *signals, uv_loop_t *loop, uv_signal_t *handle,
		  int number)
{
	/* Neither can fail for these signals on a loop that works. */
	(void)uv_signal_init(loop, handle);
	handle->data = signals;
	(void)uv_signal_start(handle, on_signal, number);
	uv_unref((uv_handle_t *)handle);
}

void signals_watch(struct signals *signals, uv_loop_t *loop,
		   void (*stop)(void *arg), void *arg)
{
	signals->stop = stop;
	signals->arg = arg;
	watch(signals, loop, &signals->on_term, SIGTERM);
	watch(signals, loop, &signals->on_int, SIGINT);
}

void signals_unwatch(struct signals *signals)
{
	uv_loop_t *loop = signals->on_term.loop;

	uv_close((uv_handle_t *)&signals->on_term, NULL);
	uv_close((uv_handle_t *)&signals->on_int, NULL);
	(void)uv_run(loop, UV_RUN_NOWAIT);
}
