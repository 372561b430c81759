#ifndef GS_CHAIN_HTTP_H
#define GS_CHAIN_HTTP_H

#include <uv.h>

#include "common/buf.h"

/* POST over HTTP/1.1 or HTTP/2, on a libuv loop: libcurl's multi interface,
 * which keeps connections open between requests. Nothing here blocks: names
 * are resolved by curl's own thread. Only http and https, certificates are
 * verified, redirects are not followed, gzip is accepted. */
struct http;

/* A request under way. After its callback the pointer is dead; cancelling it
 * means the callback never fires. A start that fails never calls back. */
struct http_post;

struct http_limits {
	long connect_ms;
	long total_ms;	 /* connecting included */
	size_t body_cap; /* bytes of the reply, unpacked: for body's owner */
};

/* Valid during the callback only. */
struct http_reply {
	enum err err;	 /* OK: a whole reply arrived, of whatever status;
			     TRANSPORT, TIMEOUT, TOO_LARGE, NOMEM */
	const char *why; /* for a person; never holds the URL; "" for OK */
	long status;	 /* HTTP's */
	uint32_t retry_after_ms; /* from Retry-After (RFC 9110, 10.2.3) in
				    seconds or as a date; 0: none; capped */
	double seconds;
};
typedef void (*http_cb)(void *arg, const struct http_reply *reply);
/* The next piece of the body, unpacked. Anything but OK ends the request with
 * that: ERR_LIMIT as TOO_LARGE. It may not cancel or close. */
typedef enum err (*http_body_cb)(void *arg, long status, const char *data,
				 size_t len);

#define HTTP_RETRY_AFTER_MOST_MS 60000u

/* On failure nothing of it is left on the loop. */
enum err http_new(struct http **out, uv_loop_t *loop,
		  struct fault *fault) MUST_CHECK;
/* Cancels every request; calls closed(arg) when the loop holds nothing of it
 * any more. May be called inside an http_cb. */
void http_close(struct http *http, void (*closed)(void *arg), void *arg);

/* body is JSON, borrowed until the callback or the cancel. */
enum err http_post(struct http *http, const char *url, const char *body,
		   size_t len, const struct http_limits *limits,
		   http_body_cb on_body, http_cb cb, void *arg,
		   struct http_post **out) MUST_CHECK;
void http_cancel(struct http_post *post); /* NULL is allowed */

#endif
