#include "daemon/serve/serve.h"

#include "daemon/serve/json_put.h"
#include "daemon/serve/listen.h"
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* From accept to the last byte of the answer. */
#define REQUEST_MS 10000
/* Open connections; one more ends the oldest. */
#define CONNECTIONS 64
#define BODY_CAP (4u << 20)

/* One connection, in the order in which they were opened. */
struct guest {
	struct guest *older, *newer;
	int fd;
	uint64_t deadline; /* uv_now */
	bool hung_up;
};

struct serve {
	uv_loop_t *loop;
	struct serve_view view;
	struct MHD_Daemon *daemon;
	uint16_t port;
	uv_poll_t poll;	  /* of the epoll descriptor of daemon */
	uv_timer_t timer; /* what MHD wants, or the oldest guest's deadline */
	struct guest *oldest, *newest;
	unsigned n_guests; /* that were not hung up on */
	unsigned open_handles;
	void (*closed)(void *arg);
	void *closed_arg;
};

static bool show_alive(const struct serve *serve, struct buf *body)
{
	(void)serve;
	buf_puts(body, "{\"status\":\"alive\"}\n");
	return true;
}

static bool show_ready(const struct serve *serve, struct buf *body)
{
	return serve->view.ready(serve->view.arg, body);
}

static bool show_status(const struct serve *serve, struct buf *body)
{
	serve->view.status(serve->view.arg, body);
	return true;
}

static bool show_metrics(const struct serve *serve, struct buf *body)
{
	serve->view.metrics(serve->view.arg, body);
	return true;
}

#define JSON "application/json"

static const struct page {
	const char *path, *type;
	bool (*show)(const struct serve *serve, struct buf *body);
} pages[] = {
    {"/livez", JSON, show_alive},
    {"/readyz", JSON, show_ready},
    {"/health", JSON, show_ready},
    {"/status", JSON, show_status},
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", show_metrics},
};
#define PAGES (sizeof(pages) / sizeof(*pages))

static const struct page *page_at(const char *path)
{
	for (size_t i = 0; i < PAGES; i++)
		if (strcmp(pages[i].path, path) == 0)
			return &pages[i];
	return NULL;
}

static unsigned refuse(struct buf *body, unsigned code, const char *error)
{
	buf_reset(body);
	buf_putc(body, '{');
	json_put_text(body, "error", error);
	json_put_name(body, "paths");
	for (size_t i = 0; i < PAGES; i++)
		buf_printf(body, "%s\"%s\"", i ? "," : "[", pages[i].path);
	buf_puts(body, "]}\n");
	return code;
}

/* Writes the body; returns the status code. */
static unsigned answer(const struct serve *serve, const char *method,
		       const struct page *page, struct buf *body)
{
	bool ok;

	if (!page)
		return refuse(body, MHD_HTTP_NOT_FOUND, "no such path");
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return refuse(body, MHD_HTTP_METHOD_NOT_ALLOWED,
			      "only GET and HEAD are answered");
	ok = page->show(serve, body);
	if (body->err != OK)
		return refuse(body, MHD_HTTP_INTERNAL_SERVER_ERROR,
			      "the answer is too large");
	return ok ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
}

static enum MHD_Result send_body(struct MHD_Connection *connection,
				 unsigned code, const char *type,
				 const struct buf *body)
{
	struct MHD_Response *response;
	enum MHD_Result sent;

	/* MHD does not write to what it copies, but its type does not say. */
	response = MHD_create_response_from_buffer(body->len, body->data,
						   MHD_RESPMEM_MUST_COPY);
	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "Cache-Control", "no-store");
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Connection", "close");
	if (code == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", "GET, HEAD");
	sent = MHD_queue_response(connection, code, response);
	MHD_destroy_response(response);
	return sent;
}

/* Called once the headers are read. Answering at once means that no body of a
 * request is ever waited for; MHD then closes the connection. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection,
				  const char *url, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_size, void **request)
{
	struct serve *serve = arg;
	const struct page *page = page_at(url);
	enum MHD_Result sent;
	struct buf body;
	unsigned code;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)request;
	buf_init(&body, BODY_CAP);
	code = answer(serve, method, page, &body);
	sent = send_body(connection, code, page ? page->type : JSON, &body);
	buf_free(&body);
	return sent;
}

/* MHD sees the end of the stream and releases the connection. */
static void hang_up(struct serve *serve, struct guest *guest)
{
	if (guest->hung_up)
		return;
	guest->hung_up = true;
	serve->n_guests--;
	(void)shutdown(guest->fd, SHUT_RDWR);
}

static struct guest *first_waiting(const struct serve *serve)
{
	struct guest *guest = serve->oldest;

	while (guest && guest->hung_up)
		guest = guest->newer;
	return guest;
}

static void guest_arrives(struct serve *serve,
			  struct MHD_Connection *connection, void **socket_arg)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct guest *guest = calloc(1, sizeof(*guest));

	*socket_arg = guest;
	if (!guest || !info) {
		if (info)
			(void)shutdown(info->connect_fd, SHUT_RDWR);
		free(guest);
		*socket_arg = NULL;
		return;
	}
	guest->fd = info->connect_fd;
	guest->deadline = uv_now(serve->loop) + REQUEST_MS;
	guest->older = serve->newest;
	if (serve->newest)
		serve->newest->newer = guest;
	else
		serve->oldest = guest;
	serve->newest = guest;
	if (++serve->n_guests > CONNECTIONS)
		hang_up(serve, first_waiting(serve));
}

static void guest_leaves(struct serve *serve, struct guest *guest)
{
	if (!guest)
		return;
	if (!guest->hung_up)
		serve->n_guests--;
	*(guest->older ? &guest->older->newer : &serve->oldest) = guest->newer;
	*(guest->newer ? &guest->newer->older : &serve->newest) = guest->older;
	free(guest);
}

static void on_connection(void *arg, struct MHD_Connection *connection,
			  void **socket_arg,
			  enum MHD_ConnectionNotificationCode what)
{
	struct serve *serve = arg;

	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		guest_arrives(serve, connection, socket_arg);
	else
		guest_leaves(serve, *socket_arg);
}

static void on_timer(uv_timer_t *timer);

/* Lets MHD do what can be done now, and asks when to come again. */
static void turn(struct serve *serve)
{
	uint64_t now = uv_now(serve->loop), wait = REQUEST_MS;
	MHD_UNSIGNED_LONG_LONG wanted;
	struct guest *guest;

	for (guest = serve->oldest; guest && guest->deadline <= now;
	     guest = guest->newer)
		hang_up(serve, guest);
	(void)MHD_run(serve->daemon);
	if (MHD_get_timeout(serve->daemon, &wanted) == MHD_YES && wanted < wait)
		wait = wanted;
	guest = first_waiting(serve);
	if (guest && guest->deadline - now < wait)
		wait = guest->deadline - now;
	(void)uv_timer_start(&serve->timer, on_timer, wait, 0);
}

static void on_timer(uv_timer_t *timer)
{
	turn(timer->data);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	turn(poll->data);
}

static void free_when_closed(uv_handle_t *handle)
{
	struct serve *serve = handle->data;

	if (--serve->open_handles > 0)
		return;
	if (serve->closed)
		serve->closed(serve->closed_arg);
	free(serve);
}

/* Takes over fd, also on failure. */
static struct MHD_Daemon *start_daemon(struct serve *serve, int fd)
{
	struct MHD_Daemon *daemon = MHD_start_daemon(
	    MHD_USE_EPOLL, 0, NULL, NULL, on_request, serve,
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)(4 * CONNECTIONS), MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)(REQUEST_MS / 1000), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)16384, MHD_OPTION_NOTIFY_CONNECTION, on_connection, serve,
	    MHD_OPTION_END);

	if (!daemon)
		close(fd);
	return daemon;
}

static enum err watch_daemon(struct serve *serve)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(serve->daemon, MHD_DAEMON_INFO_EPOLL_FD);

	if (!info || info->epoll_fd < 0 ||
	    uv_poll_init(serve->loop, &serve->poll, info->epoll_fd) != 0)
		return ERR_IO;
	serve->poll.data = serve;
	serve->timer.data = serve;
	serve->open_handles = 2;
	(void)uv_timer_init(serve->loop, &serve->timer);
	if (uv_poll_start(&serve->poll, UV_READABLE, on_poll) == 0)
		return OK;
	serve_close(serve, NULL, NULL);
	return ERR_CANCELLED; /* already released */
}

enum err serve_new(struct serve **out, uv_loop_t *loop, const char *host,
		   uint16_t port, const struct serve_view *view,
		   struct fault *fault)
{
	struct serve *serve = calloc(1, sizeof(*serve));
	enum err err;
	int fd;

	if (!serve)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	serve->loop = loop;
	serve->view = *view;
	err = listen_on(&fd, &serve->port, host, port, fault);
	if (err != OK) {
		free(serve);
		return err;
	}
	serve->daemon = start_daemon(serve, fd);
	err = serve->daemon ? watch_daemon(serve) : ERR_IO;
	if (err == OK) {
		*out = serve;
		return OK;
	}
	if (err == ERR_IO) {
		if (serve->daemon)
			MHD_stop_daemon(serve->daemon);
		free(serve);
	}
	return fault_set(fault, ERR_IO, "cannot start the HTTP server on %s",
			 host);
}

uint16_t serve_port(const struct serve *serve)
{
	return serve->port;
}

void serve_close(struct serve *serve, void (*closed)(void *arg), void *arg)
{
	serve->closed = closed;
	serve->closed_arg = arg;
	/* The loop lets go of the descriptor before MHD closes it. */
	uv_close((uv_handle_t *)&serve->poll, free_when_closed);
	uv_close((uv_handle_t *)&serve->timer, free_when_closed);
	MHD_stop_daemon(serve->daemon);
}
