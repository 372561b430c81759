#ifndef GS_CHAIN_RPC_H
#define GS_CHAIN_RPC_H

#include "chain/http.h"
#include "chain/json.h"
#include "chain/refusal.h"
#include "chain/reply.h"

/* JSON-RPC 2.0 over HTTP: calls out, answers matched to them by id. */

/* Nodes take 100 (Arc) to 1000 (geth). */
#define RPC_BATCH_MOST 128

/* Calls that go out together. Zeroed by rpc_batch_init. */
struct rpc_batch {
	struct buf body; /* its sticky error surfaces in rpc_send */
	size_t n;
	uint64_t first_id;
	const char *methods[RPC_BATCH_MOST]; /* borrowed */
	/* Reads the arrays that its calls result in; NULL: they are values. */
	const struct reply_reader *reader; /* borrowed, as the methods */
};

void rpc_batch_init(struct rpc_batch *batch);
void rpc_batch_free(struct rpc_batch *batch);
/* Empties it, the reader, too. Calls are numbered from first_id on; no two batches under way
 * should share numbers. */
void rpc_batch_reset(struct rpc_batch *batch, uint64_t first_id);
/* Adds a call; fmt makes its params: the text of a JSON array. method must
 * live until the callback. One too many is ERR_LIMIT in rpc_send. */
void rpc_batch_add(struct rpc_batch *batch, const char *method, const char *fmt,
		   ...) PRINTF_LIKE(3, 4);

/* Who is asked. name goes into faults, the URL never does. Borrowed. */
struct rpc_node {
	const char *name;
	const char *url;
};

/* The answer to one call. */
struct rpc_result {
	enum err err;		  /* OK, or refusal.err */
	const struct json *value; /* OK: `result`; null is a value, too */
	const struct json *error; /* else: `error` */
	void *read;		  /* what the batch's reader made of value,
				     which is an empty array then; or NULL */
	struct refusal refusal;
};

/* Valid during the callback only. */
struct rpc_reply {
	/* OK: each call has an answer of its own. Else none has, and err is
	 * TRANSPORT, TIMEOUT, TOO_LARGE, NOMEM, NONSENSE (no JSON-RPC, a web
	 * page, answers missing or doubled) or of the refusal. */
	enum err err;
	struct refusal refusal;
	const struct fault *fault;	  /* names the node; not for OK */
	const struct rpc_result *results; /* in the order of the calls */
	size_t n;
	const struct rpc_node *node;
	const struct rpc_batch *batch;
	size_t bytes; /* of the body, unpacked */
	double seconds;
};
typedef void (*rpc_cb)(void *arg, const struct rpc_reply *reply);

/* A request under way; cancelling, and a start that fails, as in http.h. */
struct rpc_request;

/* node and batch are borrowed until the callback or the cancel. ERR_NOMEM,
 * ERR_LIMIT for a batch too long to be sent. */
enum err rpc_send(struct http *http, const struct rpc_node *node,
		  struct rpc_batch *batch, const struct http_limits *limits,
		  rpc_cb cb, void *arg, struct rpc_request **out) MUST_CHECK;
void rpc_cancel(struct rpc_request *request); /* NULL is allowed */

/* The sentence for result i, whose err is not OK; returns that err. */
enum err rpc_fault(struct fault *fault, const struct rpc_reply *reply,
		   size_t i);

#endif
