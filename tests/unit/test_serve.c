#include "daemon/serve/serve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MANY 200
#define LARGE_BODY (4u << 20)

struct world {
	uv_loop_t loop;
	struct serve *serve;
	bool ready;
	size_t status_len;
	CURLM *multi;
	struct buf body, headers;
	long code;
};

static bool show_ready(void *arg, struct buf *json)
{
	struct world *world = arg;

	buf_puts(json, "{\"status\":\"x\"}");
	return world->ready;
}

static void show_status(void *arg, struct buf *json)
{
	struct world *world = arg;

	for (size_t i = 0; i < world->status_len; i++)
		buf_putc(json, 's');
}

static void show_metrics(void *arg, struct buf *text)
{
	(void)arg;
	buf_puts(text, "up 1\n");
}

static struct serve *serve_on(struct world *world, const char *host)
{
	const struct serve_view view = {world, show_ready, show_status,
					show_metrics};
	struct serve *serve = NULL;
	struct fault fault = {0};

	if (serve_new(&serve, &world->loop, host, 0, &view, &fault) != OK)
		fail_msg("%s", fault.text);
	return serve;
}

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));

	assert_non_null(world);
	assert_int_equal(uv_loop_init(&world->loop), 0);
	world->ready = true;
	world->status_len = 3;
	world->serve = serve_on(world, "127.0.0.1");
	world->multi = curl_multi_init();
	assert_non_null(world->multi);
	buf_init(&world->body, 16u << 20);
	buf_init(&world->headers, 1u << 16);
	*state = world;
	return 0;
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	bool closed = false;

	curl_multi_cleanup(world->multi);
	serve_close(world->serve, on_closed, &closed);
	assert_false(closed);
	(void)uv_run(&world->loop, UV_RUN_DEFAULT);
	assert_true(closed);
	assert_int_equal(uv_loop_close(&world->loop), 0);
	buf_free(&world->body);
	buf_free(&world->headers);
	free(world);
	return 0;
}

static size_t keep(char *data, size_t size, size_t n, void *buf)
{
	buf_add(buf, data, size * n);
	return size * n;
}

static void turn(struct world *world)
{
	struct pollfd loop = {.fd = uv_backend_fd(&world->loop),
			      .events = POLLIN};
	int timeout = uv_backend_timeout(&world->loop);

	(void)poll(&loop, 1, timeout >= 0 && timeout < 5 ? timeout : 5);
	(void)uv_run(&world->loop, UV_RUN_NOWAIT);
}

/* One request with this method; the answer stands in world. */
static void ask(struct world *world, const char *method, const char *path,
		const char *body)
{
	CURL *easy = curl_easy_init();
	char url[128];
	int running = 1, left;
	CURLMsg *message;

	buf_reset(&world->body);
	buf_reset(&world->headers);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u%s",
		 serve_port(world->serve), path);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 8000L);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, &world->body);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, keep);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, &world->headers);
	if (body)
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
	if (strcmp(method, "HEAD") == 0)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
	curl_multi_add_handle(world->multi, easy);
	while (curl_multi_perform(world->multi, &running) == CURLM_OK &&
	       running)
		turn(world);
	message = curl_multi_info_read(world->multi, &left);
	assert_non_null(message);
	if (message->data.result != CURLE_OK)
		fail_msg("%s %s: %s", method, path,
			 curl_easy_strerror(message->data.result));
	curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &world->code);
	curl_multi_remove_handle(world->multi, easy);
	curl_easy_cleanup(easy);
}

static void expect_header(const struct world *world, const char *line)
{
	if (!strcasestr(world->headers.data, line))
		fail_msg("no \"%s\" in\n%s", line, world->headers.data);
}

static void test_pages(void **state)
{
	struct world *world = *state;

	ask(world, "GET", "/livez", NULL);
	assert_int_equal(world->code, 200);
	ask(world, "GET", "/readyz", NULL);
	assert_int_equal(world->code, 200);
	assert_string_equal(world->body.data, "{\"status\":\"x\"}");
	expect_header(world, "\nContent-Type: application/json\r");
	expect_header(world, "\nCache-Control: no-store\r");
	world->ready = false;
	ask(world, "GET", "/health?verbose=1", NULL);
	assert_int_equal(world->code, 503);
	assert_string_equal(world->body.data, "{\"status\":\"x\"}");
	ask(world, "GET", "/status", NULL);
	assert_int_equal(world->code, 200);
	assert_string_equal(world->body.data, "sss");
	ask(world, "GET", "/metrics", NULL);
	assert_int_equal(world->code, 200);
	expect_header(world, "\nContent-Type: text/plain; version=0.0.4");
	assert_string_equal(world->body.data, "up 1\n");
}

static void test_head_has_no_body(void **state)
{
	struct world *world = *state;

	ask(world, "HEAD", "/metrics", NULL);
	assert_int_equal(world->code, 200);
	assert_int_equal(world->body.len, 0);
	expect_header(world, "\nContent-Length: 5\r");
}

static void test_unknown_paths(void **state)
{
	static const char *const paths[] = {"/", "/livez/", "/metrics2",
					    "/..%2flivez"};
	struct world *world = *state;
	json_t *json;

	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		ask(world, "GET", paths[i], NULL);
		assert_int_equal(world->code, 404);
		json = json_loads(world->body.data, 0, NULL);
		assert_int_equal(
		    json_array_size(json_object_get(json, "paths")), 5);
		json_decref(json);
	}
}

static void test_only_reading(void **state)
{
	static const char *const methods[] = {"POST", "PUT", "DELETE",
					      "OPTIONS"};
	struct world *world = *state;
	char *huge = malloc(LARGE_BODY + 1);

	assert_non_null(huge);
	memset(huge, 'x', LARGE_BODY);
	huge[LARGE_BODY] = '\0';
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		ask(world, methods[i], "/status", NULL);
		assert_int_equal(world->code, 405);
		expect_header(world, "\nAllow: GET, HEAD\r");
	}
	ask(world, "POST", "/status", "a small body");
	assert_int_equal(world->code, 405);
	/* It is refused before it is sent. */
	ask(world, "POST", "/status", huge);
	assert_int_equal(world->code, 405);
	free(huge);
}

static void test_too_large_an_answer(void **state)
{
	struct world *world = *state;

	world->status_len = 5u << 20;
	ask(world, "GET", "/status", NULL);
	assert_int_equal(world->code, 500);
	world->status_len = 1u << 20;
	ask(world, "GET", "/status", NULL);
	assert_int_equal(world->code, 200);
	assert_int_equal(world->body.len, 1u << 20);
}

static int call(struct world *world)
{
	struct sockaddr_in to = {
	    .sin_family = AF_INET,
	    .sin_port = htons(serve_port(world->serve)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* Far more clients than there are places, none of which ever finishes its
 * request: whoever asks properly is answered all the same. */
static void test_slow_clients_do_not_stop_it(void **state)
{
	static const char start[] = "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow:";
	struct world *world = *state;
	int slow[MANY];
	char byte;

	for (int i = 0; i < MANY; i++) {
		slow[i] = call(world);
		assert_true(
		    send(slow[i], start, sizeof(start) - 1, MSG_NOSIGNAL) > 0);
		turn(world);
	}
	for (int i = 0; i < 20; i++) {
		for (int j = 0; j < MANY; j++)
			(void)send(slow[j], "a", 1, MSG_NOSIGNAL);
		ask(world, "GET", "/livez", NULL);
		assert_int_equal(world->code, 200);
	}
	/* The first were hung up on, the last are still waited for. */
	assert_true(recv(slow[0], &byte, 1, MSG_DONTWAIT) <= 0);
	assert_int_not_equal(errno, EAGAIN);
	assert_int_equal(recv(slow[MANY - 1], &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(errno, EAGAIN);
	for (int i = 0; i < MANY; i++)
		close(slow[i]);
}

static void test_garbage(void **state)
{
	static const char garbage[] = "\x16\x03\x01\x02 not http \xff\r\n\r\n";
	struct world *world = *state;
	int fd = call(world);

	assert_true(send(fd, garbage, sizeof(garbage), MSG_NOSIGNAL) > 0);
	ask(world, "GET", "/livez", NULL);
	assert_int_equal(world->code, 200);
	close(fd);
	ask(world, "GET", "/livez", NULL);
	assert_int_equal(world->code, 200);
}

static void test_port_in_use(void **state)
{
	struct world *world = *state;
	const struct serve_view view = {world, show_ready, show_status,
					show_metrics};
	struct serve *second = NULL;
	struct fault fault = {0};
	char name[32];

	assert_int_equal(serve_new(&second, &world->loop, "127.0.0.1",
				   serve_port(world->serve), &view, &fault),
			 ERR_CONFLICT);
	assert_null(second);
	snprintf(name, sizeof(name), "127.0.0.1:%u", serve_port(world->serve));
	assert_non_null(strstr(fault.text, name));
	assert_non_null(strstr(fault.text, "choose another port"));
}

static void test_hosts(void **state)
{
	struct world *world = *state;
	const struct serve_view view = {world, show_ready, show_status,
					show_metrics};
	struct fault fault = {0};
	struct serve *serve = NULL;
	bool closed = false;

	assert_int_equal(
	    serve_new(&serve, &world->loop, "example.org", 0, &view, &fault),
	    ERR_USAGE);
	assert_non_null(strstr(fault.text, "example.org"));
	assert_int_equal(
	    serve_new(&serve, &world->loop, "192.0.2.1", 0, &view, &fault),
	    ERR_USAGE);
	serve = serve_on(world, "localhost");
	serve_close(serve, on_closed, &closed);
	if (serve_new(&serve, &world->loop, "::1", 0, &view, &fault) == OK)
		serve_close(serve, NULL, NULL);
	else
		assert_non_null(strstr(fault.text, "no address"));
	while (!closed)
		turn(world);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_pages),
	    TEST(test_head_has_no_body),
	    TEST(test_unknown_paths),
	    TEST(test_only_reading),
	    TEST(test_too_large_an_answer),
	    TEST(test_slow_clients_do_not_stop_it),
	    TEST(test_garbage),
	    TEST(test_port_in_use),
	    TEST(test_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
