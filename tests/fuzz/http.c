#include "daemon/serve/serve.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/serve/listen.h"
#include "tests/fuzz/fuzz.h"

/* Reads: what a client sends to the daemon's HTTP server, in pieces (a byte
 * 0x01 ends one). The server listens on a Unix socket here.
 *
 * Holds: the client gets nothing, or an answer whose status is one that we or
 * libmicrohttpd give, ours with a body of the length it says; only what names
 * GET or HEAD and one of our paths gets 200; and the next client is answered. */

#define ANSWER_CAP 65536
#define TURNS_MOST 2000

static struct {
	uv_loop_t loop;
	struct serve *serve;
	struct sockaddr_un address;
	socklen_t address_len;
} world;

/* In place of daemon/serve/listen.c: an abstract name that the kernel makes
 * up (unix(7), autobind). */
enum err listen_on(int *fd, uint16_t *bound, const char *host, uint16_t port,
		   struct fault *fault)
{
	(void)host;
	(void)fault;
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	CHECK(*fd >= 0);
	world.address.sun_family = AF_UNIX;
	world.address_len = sizeof(world.address);
	CHECK(bind(*fd, (struct sockaddr *)&world.address,
		   offsetof(struct sockaddr_un, sun_path)) == 0);
	CHECK(getsockname(*fd, (struct sockaddr *)&world.address,
			  &world.address_len) == 0);
	CHECK(listen(*fd, 16) == 0);
	*bound = port;
	return OK;
}

static bool show_ready(void *arg, struct buf *json)
{
	(void)arg;
	buf_puts(json, "{}\n");
	return true;
}

static void show_status(void *arg, struct buf *json)
{
	(void)arg;
	buf_puts(json, "{\"status\":1}\n");
}

static void show_metrics(void *arg, struct buf *text)
{
	(void)arg;
	buf_puts(text, "up 1\n");
}

static void set_up(void)
{
	static const struct serve_view view = {NULL, show_ready, show_status,
					       show_metrics};

	if (world.serve)
		return;
	CHECK(uv_loop_init(&world.loop) == 0);
	CHECK(serve_new(&world.serve, &world.loop, "127.0.0.1", 1, &view,
			NULL) == OK);
}

static void turn(void)
{
	(void)uv_run(&world.loop, UV_RUN_NOWAIT);
}

static int call(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	CHECK(fd >= 0);
	CHECK(connect(fd, (struct sockaddr *)&world.address,
		      world.address_len) == 0);
	return fd;
}

/* Reads the answer to its end, which the server makes. */
static void listen_to(int fd, struct buf *answer)
{
	char part[4096];
	ssize_t n = 1;

	for (int i = 0; i < TURNS_MOST; i++) {
		turn();
		n = recv(fd, part, sizeof(part), 0);
		if (n > 0)
			buf_add(answer, part, (size_t)n);
		else if (n == 0 || errno != EAGAIN)
			break;
	}
	CHECK(n == 0 || errno == ECONNRESET);
	CHECK(answer->err == OK);
}

static void say(int fd, const char *text, size_t len)
{
	/* refused where the server has heard enough */
	(void)send(fd, text, len, MSG_NOSIGNAL);
	turn();
}

static bool is_status(long status)
{
	static const long known[] = {200, 400, 404, 405, 408, 413, 414,
				     417, 431, 500, 501, 503, 505};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == status)
			return true;
	return false;
}

/* One answer; the status, or 0 for none. libmicrohttpd's own answers are not
 * looked at closely: 0.9.75 sends the head of some twice. */
static long check_answer(const struct buf *answer, bool is_head)
{
	const char *at = answer->data, *end, *length;
	long status;

	if (answer->len == 0)
		return 0;
	CHECK(strncmp(at, "HTTP/1.", 7) == 0);
	if (strncmp(at + 8, " 100 ", 5) == 0) {
		at = strstr(at, "\r\n\r\n");
		CHECK(at);
		at += 4;
	}
	status = strtol(at + 9, NULL, 10);
	CHECK(is_status(status));
	end = strstr(at, "\r\n\r\n");
	length = strcasestr(at, "\r\nContent-Length: ");
	CHECK(end && length && length < end);
	if (!strstr(at, "\r\nX-Content-Type-Options: nosniff\r\n"))
		return status;
	end += 4;
	CHECK(strtoul(length + 18, NULL, 10) == strlen(end) ||
	      (is_head && !*end));
	return status;
}

/* A NUL byte ends nothing here. */
static bool holds(const struct buf *request, const char *text)
{
	return memmem(request->data, request->len, text, strlen(text));
}

static bool names_a_page(const struct buf *request)
{
	static const char *const pages[] = {"/livez", "/readyz", "/health",
					    "/status", "/metrics"};

	for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
		if (holds(request, pages[i]))
			return true;
	return holds(request, "%");
}

static void check_request(struct input in)
{
	struct buf answer, request;
	int fd = call();
	long status;
	bool is_head;

	buf_init(&answer, ANSWER_CAP);
	buf_init(&request, 1u << 20);
	while (in.left > 0) {
		size_t len;
		char *piece = input_text(&in, 1, &len);

		say(fd, piece, len);
		buf_add(&request, piece, len);
		free(piece);
	}
	/* An end that comes with the last bytes is seen by MHD only when it looks
	 * again, for its epoll is edge-triggered: it has to read them first. */
	turn();
	turn();
	CHECK(shutdown(fd, SHUT_WR) == 0 || errno == ENOTCONN);
	listen_to(fd, &answer);
	is_head = holds(&request, "HEAD");
	status = check_answer(&answer, is_head);
	if (status == 200 || status == 503)
		CHECK(names_a_page(&request) &&
		      (is_head || holds(&request, "GET")));
	CHECK(close(fd) == 0);
	buf_free(&request);
	buf_free(&answer);
}

static void check_next(void)
{
	static const char get[] = "GET /status HTTP/1.1\r\nHost: x\r\n\r\n";
	struct buf answer;
	int fd = call();

	buf_init(&answer, ANSWER_CAP);
	say(fd, get, strlen(get));
	listen_to(fd, &answer);
	CHECK(check_answer(&answer, false) == 200);
	CHECK(strstr(answer.data, "{\"status\":1}"));
	CHECK(close(fd) == 0);
	buf_free(&answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	set_up();
	check_request((struct input){data, size});
	check_next();
	return 0;
}
