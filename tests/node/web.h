#ifndef GS_TESTS_NODE_WEB_H
#define GS_TESTS_NODE_WEB_H

#include <uv.h>

#include "common/buf.h"

/* An HTTP/1.1 server on the loopback, on a libuv loop, that can misbehave as a
 * server can. One request at a time on a connection, with Content-Length.
 * Whatever fails here ends the program. */
struct web;

enum web_manner {
	WEB_ANSWERS,
	WEB_SILENT, /* keeps the connection, says nothing */
	WEB_HANGS_UP,
	WEB_CUTS,     /* announces the whole body, sends half, hangs up */
	WEB_DRIBBLES, /* in twenty pieces, `pause_ms` before each */
	WEB_CHUNKS,   /* Transfer-Encoding: chunked (RFC 9112, 7.1) */
};

struct web_reply {
	enum web_manner manner;
	int status;	   /* 200 */
	char headers[160]; /* more of them, each with its CRLF */
	uint32_t pause_ms; /* before it is sent */
	struct buf body;   /* of up to WEB_BODY_CAP */
};
#define WEB_BODY_CAP ((size_t)2 << 30)

/* path begins with "/"; body is NUL-terminated. */
struct web_request {
	const char *path;
	const char *body;
	size_t len;
};

typedef void (*web_answer)(void *arg, const struct web_request *request,
			   struct web_reply *reply);

/* port 0: the system's choice. */
struct web *web_new(uv_loop_t *loop, uint16_t port, web_answer answer,
		    void *arg);
uint16_t web_port(const struct web *web);
/* Requests that came so far. */
unsigned web_requests(const struct web *web);
/* Hangs up on everybody; frees itself when the loop has turned. */
void web_close(struct web *web);

#endif
