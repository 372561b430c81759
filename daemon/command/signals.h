#ifndef GS_DAEMON_COMMAND_SIGNALS_H
#define GS_DAEMON_COMMAND_SIGNALS_H

#include <uv.h>

/* SIGTERM and SIGINT while a command works on the loop, which they do not keep
 * from ending. */
struct signals {
	uv_signal_t on_term, on_int;
	void (*stop)(void *arg);
	void *arg;
};

/* From now on each of them calls stop(arg). */
void signals_watch(struct signals *signals, uv_loop_t *loop,
		   void (*stop)(void *arg), void *arg);
/* They do what they do by default again. */
void signals_unwatch(struct signals *signals);

#endif
