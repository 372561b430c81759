#include "chain/http.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A socket of curl's that the loop watches. */
struct watch {
	uv_poll_t poll;
	struct http *http;
	struct watch *next, **link;
	curl_socket_t fd;
};

struct http_post {
	struct http *http;
	struct http_post *next, **link;
	CURL *easy;
	http_body_cb on_body;
	enum err refused; /* by on_body */
	http_cb cb;
	void *arg;
};

struct http {
	uv_loop_t *loop;
	uv_timer_t timer;
	CURLM *multi;
	struct curl_slist *headers;
	struct watch *watches;
	struct http_post *posts;
	size_t n_handles; /* the timer and every watch not closed yet */
	bool closing;
	void (*closed)(void *arg);
	void *closed_arg;
};

static void handle_gone(struct http *http)
{
	if (--http->n_handles > 0)
		return;
	http->closed(http->closed_arg);
	free(http);
}

static void on_watch_closed(uv_handle_t *handle)
{
	struct watch *watch = handle->data;
	struct http *http = watch->http;

	free(watch);
	handle_gone(http);
}

static void watch_end(struct watch *watch)
{
	*watch->link = watch->next;
	if (watch->next)
		watch->next->link = watch->link;
	(void)uv_poll_stop(&watch->poll);
	uv_close((uv_handle_t *)&watch->poll, on_watch_closed);
}

static struct watch *watch_new(struct http *http, curl_socket_t fd)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return NULL;
	if (uv_poll_init_socket(http->loop, &watch->poll, fd) != 0) {
		free(watch);
		return NULL;
	}
	http->n_handles++;
	watch->poll.data = watch;
	watch->http = http;
	watch->fd = fd;
	watch->next = http->watches;
	watch->link = &http->watches;
	if (watch->next)
		watch->next->link = &watch->next;
	http->watches = watch;
	return watch;
}

static void finish(struct http *http);

static void on_socket_event(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct http *http = watch->http;
	int flags = 0, running;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	(void)curl_multi_socket_action(http->multi, watch->fd, flags, &running);
	finish(http);
}

static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *arg,
			  void *known)
{
	struct http *http = arg;
	struct watch *watch = known;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (watch)
			watch_end(watch);
		return 0;
	}
	if (!watch) {
		watch = watch_new(http, fd);
		if (!watch)
			return -1;
		(void)curl_multi_assign(http->multi, fd, watch);
	}
	if (what & CURL_POLL_IN)
		events |= UV_READABLE;
	if (what & CURL_POLL_OUT)
		events |= UV_WRITABLE;
	return uv_poll_start(&watch->poll, events, on_socket_event) ? -1 : 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct http *http = timer->data;
	int running;

	(void)curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0,
				       &running);
	finish(http);
}

static int on_curl_timer(CURLM *multi, long timeout_ms, void *arg)
{
	struct http *http = arg;

	(void)multi;
	if (http->closing)
		return 0;
	if (timeout_ms < 0)
		return uv_timer_stop(&http->timer) ? -1 : 0;
	return uv_timer_start(&http->timer, on_timer, (uint64_t)timeout_ms, 0)
		   ? -1
		   : 0;
}

static bool multi_init(struct http *http)
{
	http->headers =
	    curl_slist_append(NULL, "Content-Type: application/json");
	/* "Expect: 100-continue" would cost a round trip. */
	if (!http->headers || !curl_slist_append(http->headers, "Expect:"))
		return false;
	http->multi = curl_multi_init();
	return http->multi &&
	       curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION,
				 on_curl_socket) == CURLM_OK &&
	       curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http) ==
		   CURLM_OK &&
	       curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION,
				 on_curl_timer) == CURLM_OK &&
	       curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http) ==
		   CURLM_OK;
}

static void multi_free(struct http *http)
{
	curl_multi_cleanup(http->multi);
	curl_slist_free_all(http->headers);
	curl_global_cleanup();
}

enum err http_new(struct http **out, uv_loop_t *loop, struct fault *fault)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	struct http *http;

	if (!(info->features & CURL_VERSION_ASYNCHDNS))
		return fault_set(fault, ERR_USAGE,
				 "this libcurl (%s) resolves names blockingly:"
				 " install one built with AsynchDNS",
				 info->version);
	http = calloc(1, sizeof(*http));
	if (!http)
		return fault_set(fault, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(http);
		return fault_set(fault, ERR_NOMEM, "libcurl does not start");
	}
	if (!multi_init(http)) {
		multi_free(http);
		free(http);
		return fault_set(fault, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	}
	http->loop = loop;
	(void)uv_timer_init(loop, &http->timer); /* never fails */
	http->timer.data = http;
	http->n_handles = 1;
	*out = http;
	return OK;
}

static void on_timer_closed(uv_handle_t *handle)
{
	handle_gone(handle->data);
}

void http_close(struct http *http, void (*closed)(void *arg), void *arg)
{
	http->closing = true;
	http->closed = closed;
	http->closed_arg = arg;
	while (http->posts)
		http_cancel(http->posts);
	multi_free(http);
	http->multi = NULL;
	while (http->watches)
		watch_end(http->watches);
	uv_close((uv_handle_t *)&http->timer, on_timer_closed);
}

static size_t on_curl_body(char *data, size_t size, size_t n, void *arg)
{
	struct http_post *post = arg;
	long status = 0;

	(void)curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
	post->refused = post->on_body(post->arg, status, data, size * n);
	return post->refused == OK ? size * n : CURL_WRITEFUNC_ERROR;
}

/* What curl found wrong, as an error of ours. Its own text is not used where
 * it could name the URL. */
static enum err error_of(const struct http_post *post, CURLcode code)
{
	if (post->refused == ERR_LIMIT)
		return ERR_TOO_LARGE;
	if (post->refused != OK || code == CURLE_OUT_OF_MEMORY)
		return ERR_NOMEM;
	if (code == CURLE_OPERATION_TIMEDOUT)
		return ERR_TIMEOUT;
	return code == CURLE_OK ? OK : ERR_TRANSPORT;
}

static const char *reason_of(const struct http_post *post, CURLcode code)
{
	long system_error = 0;

	if (post->refused != OK)
		return "its reply is larger than we accept";
	if (code == CURLE_OK)
		return "";
	if (code == CURLE_COULDNT_CONNECT &&
	    curl_easy_getinfo(post->easy, CURLINFO_OS_ERRNO, &system_error) ==
		CURLE_OK &&
	    system_error != 0)
		return strerror((int)system_error);
	return curl_easy_strerror(code);
}

static uint32_t retry_after(CURL *easy)
{
	curl_off_t seconds = 0;

	if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) !=
		CURLE_OK ||
	    seconds <= 0)
		return 0;
	return seconds < HTTP_RETRY_AFTER_MOST_MS / 1000
		   ? (uint32_t)seconds * 1000
		   : HTTP_RETRY_AFTER_MOST_MS;
}

static void post_free(struct http_post *post)
{
	if (post->link) {
		*post->link = post->next;
		if (post->next)
			post->next->link = post->link;
		(void)curl_multi_remove_handle(post->http->multi, post->easy);
	}
	curl_easy_cleanup(post->easy);
	free(post);
}

static void complete(struct http_post *post, CURLcode code)
{
	struct http_reply reply = {
	    .err = error_of(post, code),
	    .why = reason_of(post, code),
	    .retry_after_ms = retry_after(post->easy),
	};

	(void)curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE,
				&reply.status);
	(void)curl_easy_getinfo(post->easy, CURLINFO_TOTAL_TIME,
				&reply.seconds);
	/* Out of the list first: the callback may close us. */
	*post->link = post->next;
	if (post->next)
		post->next->link = post->link;
	post->link = NULL;
	(void)curl_multi_remove_handle(post->http->multi, post->easy);
	post->cb(post->arg, &reply);
	post_free(post);
}

/* Hands over what has ended. A callback may cancel others, whose messages then
 * vanish, and may close us. */
static void finish(struct http *http)
{
	const CURLMsg *message;
	struct http_post *post;
	int left;

	while (!http->closing &&
	       (message = curl_multi_info_read(http->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
				      (char **)&post) == CURLE_OK)
			complete(post, message->data.result);
	}
}

static bool set_transfer(struct http_post *post, const char *url,
			 const char *body, size_t len)
{
	CURL *e = post->easy;
	const curl_off_t size = (curl_off_t)len;

	return curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_URL, url) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, size) ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_POSTFIELDS, body) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_HTTPHEADER, post->http->headers) ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_USERAGENT,
				"gigstreamd/" GIGSTREAM_VERSION) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "gzip") ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_curl_body) ==
		   CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_WRITEDATA, post) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_PRIVATE, post) == CURLE_OK;
}

static bool set_connection(CURL *e, const struct http_limits *limits)
{
	return curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_HTTP_VERSION,
				(long)CURL_HTTP_VERSION_2TLS) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK &&
	       /* Else cancelling would wait for the resolver's thread. */
	       curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
				limits->connect_ms) == CURLE_OK &&
	       curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, limits->total_ms) ==
		   CURLE_OK;
}

enum err http_post(struct http *http, const char *url, const char *body,
		   size_t len, const struct http_limits *limits,
		   http_body_cb on_body, http_cb cb, void *arg,
		   struct http_post **out)
{
	struct http_post *post = calloc(1, sizeof(*post));

	if (!post)
		return ERR_NOMEM;
	post->http = http;
	post->cb = cb;
	post->arg = arg;
	post->on_body = on_body;
	post->easy = curl_easy_init();
	if (!post->easy || !set_transfer(post, url, body, len) ||
	    !set_connection(post->easy, limits) ||
	    curl_multi_add_handle(http->multi, post->easy) != CURLM_OK) {
		post_free(post);
		return ERR_NOMEM;
	}
	post->next = http->posts;
	post->link = &http->posts;
	if (post->next)
		post->next->link = &post->next;
	http->posts = post;
	*out = post;
	return OK;
}

void http_cancel(struct http_post *post)
{
	if (post)
		post_free(post);
}
