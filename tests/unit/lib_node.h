#ifndef GS_TESTS_LIB_NODE_H
#define GS_TESTS_LIB_NODE_H

#include "chain/json.h"
#include "tests/node/web.h"

/* A JSON-RPC node on a loopback port, on the test's own loop, that says what the
 * test puts into its mouth; for a whole chain see tests/node/scripted.h.
 * Whatever fails here fails the test. */
struct node;

struct node_reply {
	enum web_manner manner;
	int status;	     /* 200 */
	const char *headers; /* more of them, each with its CRLF */
	struct buf body;
};

struct node_script {
	void *arg;
	/* One call: appends `"result":...` or `"error":...`. */
	void (*call)(void *arg, const char *method, const struct json *params,
		     struct buf *out);
	/* The whole reply, ready to be sent; may change all of it. request is
	 * the JSON that came; may be NULL. */
	void (*reply)(void *arg, const struct json *request,
		      struct node_reply *reply);
};

/* The script is borrowed. */
struct node *node_new(uv_loop_t *loop, const struct node_script *script);
const char *node_url(const struct node *node);
unsigned node_requests(const struct node *node);
/* Hangs up on everybody; frees itself when the loop has turned. */
void node_close(struct node *node);

/* Lets the loop turn until *done; fails the test after ten seconds. */
void loop_until(uv_loop_t *loop, const bool *done);
/* Lets the loop turn until nothing is left on it, and closes it. */
void loop_end(uv_loop_t *loop);

#endif
