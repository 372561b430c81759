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
	uint64_t chain_id; /* 0: any will do */
	struct rpc_batch who_are_you;
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
/* identify.c: a node is asked which chain it serves before anything else, and
 * again after it could not be reached: one of another chain, among several,
 * would look like a reorg. */
void identify_init(struct asker *asker, uint64_t chain_id);
bool identify_is_due(const struct asker *asker,
		     const struct endpoint *endpoint);
/* ERR_USAGE: another chain than ours, which the fault names. */
enum err identify_read(struct asker *asker, struct endpoint *endpoint,
		       const struct rpc_reply *reply,
		       struct fault *fault) MUST_CHECK;
/* The sentence about one that is known to be foreign. */
enum err identify_fault(const struct asker *asker,
			const struct endpoint *endpoint, struct fault *fault);
/* ask.c: sends what may be sent now. */
void asker_pump(struct asker *asker);

#endif
