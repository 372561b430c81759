#ifndef GS_DAEMON_SERVE_SERVE_H
#define GS_DAEMON_SERVE_SERVE_H

#include <stdbool.h>
#include <uv.h>
#include "common/buf.h"
#include "common/error.h"

/* The HTTP server (libmicrohttpd, driven from the loop by its epoll
 * descriptor): /livez, /readyz and /health, /status, /metrics. Read only. */
struct serve;

/* What it shows. Called on the loop, must not block; each appends its body. */
struct serve_view {
	void *arg;
	bool (*ready)(void *arg, struct buf *json); /* true: 200, else 503 */
	void (*status)(void *arg, struct buf *json);
	void (*metrics)(void *arg, struct buf *text);
};

/* ERR_CONFLICT, with host and port named, when the port is in use. */
enum err serve_new(struct serve **out, uv_loop_t *loop, const char *host,
		   uint16_t port, const struct serve_view *view,
		   struct fault *fault) MUST_CHECK;
void serve_close(struct serve *serve, void (*closed)(void *arg), void *arg);

#endif
