#ifndef GS_DAEMON_SERVE_SERVE_H
#define GS_DAEMON_SERVE_SERVE_H

#include "common/buf.h"
#include "common/error.h"
#include <stdbool.h>
#include <uv.h>

/* The HTTP server (libmicrohttpd, driven from the loop by its epoll
 * descriptor): /livez, /readyz and /health, /status, /metrics. Read only. One
 * request a connection, ten seconds for it; when many connections are open,
 * a new one ends the oldest, so that nobody can occupy them all. */
struct serve;

/* What it shows. Called on the loop, must not block; each appends its body. */
struct serve_view {
	void *arg;
	bool (*ready)(void *arg, struct buf *json); /* true: 200, else 503 */
	void (*status)(void *arg, struct buf *json);
	void (*metrics)(void *arg, struct buf *text);
};

/* host: an IPv4 or IPv6 address, or "localhost" (127.0.0.1); anything else is
 * ERR_USAGE. ERR_CONFLICT, with host and port named, when the port is in use.
 * port 0 takes any free one. */
enum err serve_new(struct serve **out, uv_loop_t *loop, const char *host,
		   uint16_t port, const struct serve_view *view,
		   struct fault *fault) MUST_CHECK;
/* The port it listens on. */
uint16_t serve_port(const struct serve *serve);
/* Hangs up on everybody, releases all; closed may be NULL. */
void serve_close(struct serve *serve, void (*closed)(void *arg), void *arg);

#endif
