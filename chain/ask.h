#ifndef GS_CHAIN_ASK_H
#define GS_CHAIN_ASK_H

#include "chain/endpoint.h"
#include "chain/source.h"

/* Questions to the nodes, each asked until it is answered: picks the node,
 * waits for its turn, asks a second one where the first is slow, and repeats
 * what failed on the way. */
struct asker;

enum err asker_new(struct asker **out, uv_loop_t *loop,
		   const struct config *config,
		   const struct source_observer *observer,
		   struct fault *fault) MUST_CHECK;
/* Others from now on. Those of the same name and URL keep what was learned of
 * them; questions under way go on. On failure nothing has changed. */
enum err asker_set_endpoints(struct asker *asker, const struct config *config,
			     struct fault *fault) MUST_CHECK;
/* All asks must be cancelled first. */
void asker_close(struct asker *asker, void (*closed)(void *arg), void *arg);

struct ask_answer {
	/* OK: every required call has its value. Else, after the last attempt,
	 * why not. A failure on the way (TRANSPORT, TIMEOUT, BUSY, a reply that
	 * is no JSON-RPC) was repeated before; the rest goes up at once. */
	enum err err;
	const struct fault *fault;     /* not for OK; names the node */
	struct refusal refusal;	       /* if err came from one */
	const struct rpc_reply *reply; /* NULL unless a node answered */
};
/* May free the ask. What it gets is valid during the callback only. */
typedef void (*ask_cb)(void *arg, const struct ask_answer *answer);

struct ask_rules {
	unsigned attempts; /* how often it may be sent; 1: fails fast */
	bool urgent;	   /* goes out at once, however many are under way */
	bool brief;	   /* an answer that takes seconds is none */
	bool shrinks;	 /* TIMEOUT goes up at once: the owner asks for less */
	bool hedged;	 /* a second node is asked where the first is slow */
	size_t required; /* calls, from the first, that must have a value;
			      0: all */
};

/* One of the requests that carry a question. */
struct ask_copy {
	struct ask *ask;
	struct endpoint *endpoint;
	struct rpc_request *request; /* NULL: none is under way */
	bool identifies;	     /* it asks who the node is, first */
	uint64_t sent_at;	     /* loop time */
};

/* So many nodes are asked before a refusal goes up. */
#define ASK_REFUSED_MOST 8

/* One question; embedded in its owner, who fills batch before each send. */
struct ask {
	struct asker *asker;
	struct ask *next, **link; /* in the queue; link is NULL outside */
	struct rpc_batch batch;
	struct ask_rules rules;
	struct endpoint *only;	   /* NULL: whoever is best */
	struct endpoint *avoid;	   /* others first, if they are well */
	uint64_t height;	   /* the highest block it is about; 0: none */
	struct endpoint *endpoint; /* who is, or was, asked */
#define ASK_COPIES 2
	struct ask_copy copies[ASK_COPIES];
	uint64_t due; /* loop time */
	unsigned failures;
	/* Nodes that have refused it for good, since it was sent. */
	struct endpoint *refused[ASK_REFUSED_MOST];
	unsigned n_refused;
	ask_cb cb;
	void *arg;
};

void ask_init(struct ask *ask, struct asker *asker,
	      const struct ask_rules *rules, ask_cb cb, void *arg);
/* Empties the batch for a new question and returns it; the caller sets height
 * where it has one. */
struct rpc_batch *ask_begin(struct ask *ask);
/* What the node grants that answered last, or else would be asked now. */
struct endpoint_limits *ask_limits(const struct ask *ask);
/* How many items to ask for at once, each of which is so many calls: the
 * portion, which is one of ask_limits, and no more calls than a second grants. */
size_t ask_most(const struct ask *ask, const struct portion *portion,
		unsigned calls_each);
/* Sends it in delay_ms; calls back later, never from inside. */
void ask_send(struct ask *ask, uint64_t delay_ms);
/* Cancels and frees what the ask holds; harmless after ask_init. */
void ask_end(struct ask *ask);

/* The node that answered does not have the blocks yet: others come first for
 * what is as high, for a second. */
void ask_lags(const struct ask *ask);
/* The name of the node that was asked last; "" before. */
const char *ask_endpoint(const struct ask *ask);
/* What it said was well-formed but wrong: others come first for a while. */
void asker_distrust(struct asker *asker, struct endpoint *endpoint);
/* What the node grants that would be asked now. */
const struct endpoint_limits *asker_limits(const struct asker *asker);

/* How long to wait after so many failures: doubles from 100 ms to 2 s, with
 * jitter. */
uint64_t ask_backoff(unsigned failures);

#endif
