#ifndef GS_CHAIN_ASKER_H
#define GS_CHAIN_ASKER_H

#include "chain/ask.h"
#include "chain/endpoint.h"

/* What ask.c, asker.c and agree.c share: the nodes, and the queue of questions
 * before them. */
struct asker {
	uv_loop_t *loop;
	struct http *http;
	uv_timer_t timer; /* set to when the first of the queue is due */
	struct ask *queue;
	struct source_observer observer;
	uint64_t next_id;
	bool closing;
	unsigned open_handles; /* the timer and http */
	void (*closed)(void *arg);
	void *closed_arg;
	struct endpoint **endpoints; /* in the configured order */
	size_t n_endpoints;
	/* No longer configured; questions may still point to them. */
	struct endpoint *retired;
};

/* Looks at the queue in ms, and not before. */
void asker_wake(struct asker *asker, uint64_t ms);
/* ask.c: sends what may be sent now. */
void asker_pump(struct asker *asker);

#endif
