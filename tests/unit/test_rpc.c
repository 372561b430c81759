#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "chain/portion.h"
#include "chain/redact.h"
#include "chain/rpc.h"
#include "tests/unit/lib_node.h"

#define NODE "somewhere"

/* What the node does next, and what came of it. */
static struct {
	uv_loop_t loop;
	struct http *http;
	struct node *node;
	struct rpc_node who;
	struct rpc_batch batch;
	struct http_limits limits;
	const char *body; /* NULL: an honest answer */
	size_t body_len;  /* 0: of the text */
	enum web_manner manner;
	int status;
	const char *headers;

	bool done;
	unsigned calls;
	enum err err;
	enum err errs[3];
	char results[3][64];
	struct refusal refusal;
	struct fault fault;
} t;

/* Answers with the method's name. */
static void on_call(void *arg, const char *method, const struct json *params,
		    struct buf *out)
{
	(void)arg;
	(void)params;
	buf_printf(out, "\"result\":\"%s\"", method);
}

static void on_node_reply(void *arg, const struct json *request,
			  struct node_reply *reply)
{
	(void)arg;
	(void)request;
	reply->manner = t.manner;
	reply->status = t.status;
	reply->headers = t.headers;
	if (!t.body)
		return;
	buf_reset(&reply->body);
	buf_add(&reply->body, t.body, t.body_len ? t.body_len : strlen(t.body));
}

static const struct node_script script = {NULL, on_call, on_node_reply};

static int setup(void **state)
{
	struct fault fault;

	(void)state;
	memset(&t, 0, sizeof(t));
	t.status = 200;
	t.headers = "";
	t.limits = (struct http_limits){1000, 5000, 1u << 20};
	assert_int_equal(uv_loop_init(&t.loop), 0);
	assert_int_equal(http_new(&t.http, &t.loop, &fault), OK);
	t.node = node_new(&t.loop, &script);
	t.who = (struct rpc_node){NODE, node_url(t.node)};
	rpc_batch_init(&t.batch);
	return 0;
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static int teardown(void **state)
{
	bool closed = false;

	(void)state;
	if (t.http) {
		http_close(t.http, on_closed, &closed);
		loop_until(&t.loop, &closed);
	}
	if (t.node)
		node_close(t.node);
	loop_end(&t.loop);
	rpc_batch_free(&t.batch);
	return 0;
}

static void on_reply(void *arg, const struct rpc_reply *reply)
{
	(void)arg;
	t.done = true;
	t.calls++;
	t.err = reply->err;
	t.refusal = reply->refusal;
	if (reply->err != OK)
		t.fault = *reply->fault;
	for (size_t i = 0; reply->err == OK && i < reply->n && i < 3; i++) {
		const struct rpc_result *r = &reply->results[i];
		const char *text = json_text(r->value, NULL);

		t.errs[i] = r->err;
		if (r->err != OK)
			assert_int_equal(rpc_fault(&t.fault, reply, i), r->err);
		else
			(void)snprintf(t.results[i], sizeof(t.results[i]), "%s",
				       text ? text : "?");
	}
}

static struct rpc_request *start(size_t n)
{
	static const char *const methods[] = {"a", "b", "c"};
	struct rpc_request *request;

	rpc_batch_reset(&t.batch, 1);
	for (size_t i = 0; i < n; i++)
		rpc_batch_add(&t.batch, methods[i], "[%d]", 1);
	t.done = false;
	assert_int_equal(rpc_send(t.http, &t.who, &t.batch, &t.limits, on_reply,
				  NULL, &request),
			 OK);
	return request;
}

static void ask(size_t n)
{
	(void)start(n);
	loop_until(&t.loop, &t.done);
	if (t.err != OK) {
		assert_int_equal(t.fault.code, t.err);
		assert_non_null(strstr(t.fault.text, NODE));
	}
	assert_null(strstr(t.fault.text, "secretkey"));
}

/* What a reply of this body means for n calls. */
static enum err meaning(size_t n, const char *body)
{
	t.body = body;
	ask(n);
	return t.err;
}

static void honest(void **state)
{
	(void)state;
	ask(1);
	assert_int_equal(t.err, OK);
	assert_string_equal(t.results[0], "a");
	ask(3);
	assert_int_equal(t.err, OK);
	assert_string_equal(t.results[0], "a");
	assert_string_equal(t.results[2], "c");
	assert_int_equal(node_requests(t.node), 2);
}

static void any_order(void **state)
{
	(void)state;
	assert_int_equal(meaning(3, "[{\"id\":3,\"result\":\"z\"},"
				    "{\"id\":1,\"result\":null},"
				    "{\"id\":2,\"error\":{\"code\":4444,"
				    "\"message\":\"Pruned, secretkey\"}}]"),
			 OK);
	assert_string_equal(t.results[2], "z");
	assert_int_equal(t.errs[0], OK);
	assert_int_equal(t.errs[1], ERR_REFUSED);
	assert_non_null(strstr(t.fault.text, "refuses b"));
	assert_non_null(strstr(t.fault.text, "Pruned, *********"));
}

static void not_json_rpc(void **state)
{
	(void)state;
	assert_int_equal(meaning(1, ""), ERR_NONSENSE);
	assert_int_equal(meaning(1, "\x01\x02"), ERR_NONSENSE);
	assert_int_equal(meaning(1, "{\"id\":1,\"res"), ERR_NONSENSE);
	assert_int_equal(meaning(1, "<html>secretkey</html>"), ERR_NONSENSE);
	assert_non_null(strstr(t.fault.text, "HTML"));
	/* What the reader of JSON quotes of it is made fit to be shown, too. */
	assert_int_equal(meaning(1, "[1 \"secretkey\""), ERR_NONSENSE);
	assert_null(strstr(t.fault.text, "secretkey"));
	assert_non_null(strstr(t.fault.text, "near: \"*********\""));
	assert_int_equal(meaning(1, "7"), ERR_NONSENSE);
	assert_int_equal(meaning(1, "{}"), ERR_NONSENSE);
	assert_int_equal(meaning(1, "{\"id\":1}"), ERR_NONSENSE);
	assert_int_equal(meaning(1, "{\"id\":2,\"result\":1}"), ERR_NONSENSE);
	assert_int_equal(meaning(1, "{\"id\":-1,\"result\":1}"), ERR_NONSENSE);
	assert_int_equal(meaning(1, "{\"id\":\"1\",\"result\":1}"),
			 ERR_NONSENSE);
}

static void wrong_batches(void **state)
{
	(void)state;
	assert_int_equal(meaning(2, "{\"id\":1,\"result\":1}"), ERR_NONSENSE);
	assert_int_equal(meaning(2, "[]"), ERR_NONSENSE);
	assert_int_equal(meaning(2, "[{\"id\":1,\"result\":1}]"), ERR_NONSENSE);
	assert_int_equal(meaning(2, "[{\"id\":1,\"result\":1},"
				    "{\"id\":2,\"result\":1},"
				    "{\"id\":1,\"result\":2}]"),
			 ERR_NONSENSE);
	assert_non_null(strstr(t.fault.text, "twice"));
	assert_int_equal(meaning(2, "[{\"id\":1,\"result\":1},"
				    "{\"id\":1,\"result\":1}]"),
			 ERR_NONSENSE);
	assert_int_equal(meaning(2, "[{\"id\":1,\"result\":1},"
				    "{\"id\":9,\"result\":1}]"),
			 ERR_NONSENSE);
	assert_int_equal(meaning(2, "[1,2]"), ERR_NONSENSE);
}

/* One object, or one entry, speaks for the whole batch. */
static void refused_batches(void **state)
{
	(void)state;
	assert_int_equal(
	    meaning(2, "{\"id\":null,\"error\":{\"code\":-32600,"
		       "\"message\":\"batch size 2 exceeds limit of 1\"}}"),
	    ERR_TOO_LARGE);
	assert_int_equal(meaning(2, "[{\"id\":null,\"error\":{\"code\":429,"
				    "\"message\":\"slow down\"}}]"),
			 ERR_BUSY);
	assert_int_equal(meaning(2, "[{\"id\":1,\"error\":{\"code\":-32600,"
				    "\"message\":\"batch too large\"}}]"),
			 ERR_TOO_LARGE);
}

static void single_errors(void **state)
{
	(void)state;
	assert_int_equal(meaning(1, "{\"id\":1,\"error\":{\"code\":-32601,"
				    "\"message\":\"no\"}}"),
			 OK);
	assert_int_equal(t.errs[0], ERR_REFUSED);
	assert_int_equal(meaning(1, "{\"id\":1,\"error\":\"odd\"}"), OK);
	assert_int_equal(t.errs[0], ERR_REFUSED);
	assert_int_equal(meaning(1, "{\"id\":1,\"error\":null,"
				    "\"result\":\"x\"}"),
			 OK);
	assert_int_equal(t.errs[0], OK);
}

static void statuses(void **state)
{
	(void)state;
	t.body = "slow down";
	t.status = 429;
	t.headers = "Retry-After: 7\r\n";
	ask(1);
	assert_int_equal(t.err, ERR_BUSY);
	assert_int_equal(t.refusal.retry_after_ms, 7000);
	t.headers = "Retry-After: 99999\r\n";
	ask(1);
	assert_int_equal(t.refusal.retry_after_ms, 60000);
	t.headers = "";
	t.status = 503;
	assert_int_equal(meaning(1, "<html></html>"), ERR_BUSY);
	t.status = 413;
	assert_int_equal(meaning(1, ""), ERR_TOO_LARGE);
	t.status = 401;
	assert_int_equal(meaning(1, "who are you"), ERR_REFUSED);
	t.status = 400;
	assert_int_equal(meaning(1, "{\"id\":1,\"error\":{\"code\":-32005,"
				    "\"message\":\"limit exceeded\"}}"),
			 ERR_TOO_LARGE);
}

static void retry_after_date(void **state)
{
	const time_t then = time(NULL) + 30;
	char date[64], header[96];
	struct tm tm;

	(void)state;
	assert_non_null(gmtime_r(&then, &tm));
	assert_true(
	    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm) > 0);
	(void)snprintf(header, sizeof(header), "Retry-After: %s\r\n", date);
	t.status = 429;
	t.headers = header;
	ask(1);
	assert_in_range(t.refusal.retry_after_ms, 20000, 31000);
}

static void redirects(void **state)
{
	char header[128];

	(void)state;
	(void)snprintf(header, sizeof(header), "Location: %s\r\n",
		       node_url(t.node));
	t.status = 307;
	t.headers = header;
	ask(1);
	assert_int_equal(t.err, ERR_REFUSED);
	assert_int_equal(node_requests(t.node), 1);
}

static void broken_transport(void **state)
{
	(void)state;
	t.manner = WEB_CUTS;
	ask(1);
	assert_int_equal(t.err, ERR_TRANSPORT);
	t.manner = WEB_HANGS_UP;
	ask(1);
	assert_int_equal(t.err, ERR_TRANSPORT);
	t.manner = WEB_SILENT;
	t.limits.total_ms = 100;
	ask(1);
	assert_int_equal(t.err, ERR_TIMEOUT);
	node_close(t.node);
	t.node = NULL;
	t.who.url = "http://127.0.0.1:1/secretkey"; /* nobody listens there */
	ask(1);
	assert_int_equal(t.err, ERR_TRANSPORT);
	t.who.url = "http://nowhere.invalid/secretkey";
	t.limits.total_ms = 5000;
	ask(1);
	assert_int_equal(t.err, ERR_TRANSPORT);
	t.who.url = "ftp://127.0.0.1/secretkey";
	ask(1);
	assert_int_equal(t.err, ERR_TRANSPORT);
}

static void large_body(void **state)
{
	(void)state;
	t.limits.body_cap = 32;
	ask(1);
	assert_int_equal(t.err, ERR_TOO_LARGE);
	t.limits.body_cap = 64;
	ask(1);
	assert_int_equal(t.err, OK);
}

/* {"id":1,"result":"packed"}, by gzip -n. */
static void packed_body(void **state)
{
	static const char packed[] =
	    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\x56\xca\x4c\x51\xb2"
	    "\x32\xd4\x51\x2a\x4a\x2d\x2e\xcd\x29\x51\xb2\x52\x2a\x48\x4c\xce"
	    "\x4e\x4d\x51\xaa\x05\x00\x95\x94\xec\xe0\x1a\x00\x00\x00";

	(void)state;
	t.headers = "Content-Encoding: gzip\r\n";
	t.body_len = sizeof(packed) - 1;
	assert_int_equal(meaning(1, packed), OK);
	assert_string_equal(t.results[0], "packed");
}

static void too_many_calls(void **state)
{
	struct rpc_request *request;

	(void)state;
	rpc_batch_reset(&t.batch, 1);
	for (size_t i = 0; i <= RPC_BATCH_MOST; i++)
		rpc_batch_add(&t.batch, "a", "[]");
	assert_int_equal(rpc_send(t.http, &t.who, &t.batch, &t.limits, on_reply,
				  NULL, &request),
			 ERR_LIMIT);
}

static void turn(unsigned times)
{
	while (times-- > 0)
		(void)uv_run(&t.loop, UV_RUN_NOWAIT);
}

static void cancel_any_time(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 12; i++) {
		struct rpc_request *request = start(2);

		t.done = false;
		turn(i);
		if (!t.done)
			rpc_cancel(request);
		t.calls = 0;
		turn(20);
		assert_int_equal(t.calls, 0);
	}
	t.who.url = "http://nowhere.invalid/";
	rpc_cancel(start(1));
	rpc_cancel(NULL);
}

static void close_any_time(void **state)
{
	bool closed;

	for (unsigned i = 0; i < 8; i++) {
		struct rpc_request *request;

		t.manner = i % 2 ? WEB_ANSWERS : WEB_SILENT;
		request = start(1);
		turn(i);
		if (!t.done)
			rpc_cancel(request);
		closed = false;
		http_close(t.http, on_closed, &closed);
		t.http = NULL;
		loop_until(&t.loop, &closed);
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
	}
}

static void urls_stay_secret(void **state)
{
	char text[] = "No key SECRET-key at my.host.example/v3; \x1b[31m\xff";
	char cut[] = "no key secret", short_of_it[] = "the secre";

	(void)state;
	redact(text, "https://u:pw@my.host.example/v3/secret-key?a=b");
	assert_string_equal(text,
			    "No key ********** at ***************/v3;  [31m?");
	redact(cut, "http://my.host.example/secret-key");
	assert_string_equal(cut, "no key ******");
	redact(short_of_it, "http://my.host.example/secret-key");
	assert_string_equal(short_of_it, "the secre");
}

static void portions(void **state)
{
	struct portion p;

	(void)state;
	portion_init(&p, 50, 100);
	portion_fine(&p, 50);
	assert_int_equal(p.now, 63);
	portion_fine(&p, 10);
	assert_int_equal(p.now, 63);
	portion_refused(&p, 50);
	portion_refused(&p, 50);
	assert_int_equal(p.now, 25);
	for (int i = 0; i < 10; i++)
		portion_fine(&p, p.now);
	assert_int_equal(p.now, 25);
	for (int i = 0; i < 200; i++)
		portion_fine(&p, p.now);
	assert_true(p.now > 25);
	portion_slow(&p, 1);
	assert_int_equal(p.now, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(honest),
	    TEST(any_order),
	    TEST(not_json_rpc),
	    TEST(wrong_batches),
	    TEST(refused_batches),
	    TEST(single_errors),
	    TEST(statuses),
	    TEST(retry_after_date),
	    TEST(redirects),
	    TEST(broken_transport),
	    TEST(large_body),
	    TEST(packed_body),
	    TEST(too_many_calls),
	    TEST(cancel_any_time),
	    TEST(close_any_time),
	    cmocka_unit_test(urls_stay_secret),
	    cmocka_unit_test(portions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
