#include "tests/unit/lib_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PATIENCE_MS 10000u

struct node {
	struct web *web;
	const struct node_script *script;
	char url[64];
};

static void answer_call(struct node *node, const struct json *call,
			struct buf *out)
{
	buf_puts(out, "{\"jsonrpc\":\"2.0\",\"id\":");
	json_print(out, json_member(call, "id"));
	buf_puts(out, ",");
	node->script->call(node->script->arg,
			   json_text(json_member(call, "method"), NULL),
			   json_member(call, "params"), out);
	buf_puts(out, "}");
}

/* Lets the script have its way with the reply. */
static void change(struct node *node, const struct json *request,
		   struct web_reply *reply)
{
	struct node_reply own = {.status = 200, .headers = ""};

	if (!node->script->reply)
		return;
	own.body = reply->body;
	node->script->reply(node->script->arg, request, &own);
	reply->manner = own.manner;
	reply->status = own.status;
	reply->body = own.body;
	assert_true(strlen(own.headers) < sizeof(reply->headers));
	(void)snprintf(reply->headers, sizeof(reply->headers), "%s",
		       own.headers);
}

static void answer(void *arg, const struct web_request *request,
		   struct web_reply *reply)
{
	struct node *node = arg;
	struct json_doc *doc;
	const struct json *root;

	assert_int_equal(
	    json_doc_parse(&doc, request->body, request->len, NULL), OK);
	root = json_doc_root(doc);
	if (json_kind(root) == JSON_KIND_ARRAY) {
		for (size_t i = 0; i < json_count(root); i++) {
			buf_puts(&reply->body, i > 0 ? "," : "[");
			answer_call(node, json_element(root, i), &reply->body);
		}
		buf_puts(&reply->body, "]");
	} else {
		answer_call(node, root, &reply->body);
	}
	change(node, root, reply);
	json_doc_free(doc);
}

struct node *node_new(uv_loop_t *loop, const struct node_script *script)
{
	struct node *node = calloc(1, sizeof(*node));

	assert_non_null(node);
	node->script = script;
	node->web = web_new(loop, 0, answer, node);
	(void)snprintf(node->url, sizeof(node->url),
		       "http://127.0.0.1:%u/v3/secretkey", web_port(node->web));
	return node;
}

const char *node_url(const struct node *node)
{
	return node->url;
}

unsigned node_requests(const struct node *node)
{
	return web_requests(node->web);
}

void node_close(struct node *node)
{
	web_close(node->web);
	free(node);
}

struct wait {
	uv_timer_t timer;
	uv_prepare_t prepare;
	const bool *done;
	bool late;
};

static void on_late(uv_timer_t *timer)
{
	struct wait *wait = timer->data;

	wait->late = true;
}

/* Before the loop would sleep. */
static void on_prepare(uv_prepare_t *prepare)
{
	const struct wait *wait = prepare->data;

	if (*wait->done || wait->late)
		uv_stop(prepare->loop);
}

void loop_until(uv_loop_t *loop, const bool *done)
{
	struct wait wait = {.done = done};

	uv_update_time(loop);
	assert_int_equal(uv_timer_init(loop, &wait.timer), 0);
	assert_int_equal(uv_prepare_init(loop, &wait.prepare), 0);
	wait.timer.data = wait.prepare.data = &wait;
	assert_int_equal(uv_timer_start(&wait.timer, on_late, PATIENCE_MS, 0),
			 0);
	assert_int_equal(uv_prepare_start(&wait.prepare, on_prepare), 0);
	(void)uv_run(loop, UV_RUN_DEFAULT);
	uv_close((uv_handle_t *)&wait.timer, NULL);
	uv_close((uv_handle_t *)&wait.prepare, NULL);
	(void)uv_run(loop, UV_RUN_NOWAIT);
	assert_false(wait.late);
}

void loop_end(uv_loop_t *loop)
{
	assert_int_equal(uv_run(loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(loop), 0);
}
