#include "chain/rpc.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain/redact.h"

#define REQUEST_CAP (16u << 20) /* bytes of calls in one request */

_Static_assert(REPLY_ARRAYS_MOST >= RPC_BATCH_MOST, "an array for each call");

struct rpc_request {
	struct http_post *post;
	const struct rpc_node *node;
	const struct rpc_batch *batch;
	rpc_cb cb;
	void *arg;
	struct rpc_result *results;
	struct reply reply;
	struct fault fault;
	struct refusal refusal;
};

void rpc_batch_init(struct rpc_batch *batch)
{
	*batch = (struct rpc_batch){0};
	buf_init(&batch->body, REQUEST_CAP);
}

void rpc_batch_free(struct rpc_batch *batch)
{
	buf_free(&batch->body);
}

void rpc_batch_reset(struct rpc_batch *batch, uint64_t first_id)
{
	buf_reset(&batch->body);
	batch->n = 0;
	batch->first_id = first_id;
	batch->reader = NULL;
}

/* The body is kept as a whole array; a single call is sent without its
 * brackets, because not every node takes batches. */
void rpc_batch_add(struct rpc_batch *batch, const char *method, const char *fmt,
		   ...)
{
	struct buf *body = &batch->body;
	va_list args;
	char *params;
	int len;

	if (body->err == OK && batch->n == RPC_BATCH_MOST)
		body->err = ERR_LIMIT;
	if (body->err != OK)
		return;
	if (batch->n > 0)
		body->data[--body->len] = '\0'; /* the closing bracket */
	va_start(args, fmt);
	len = vasprintf(&params, fmt, args);
	va_end(args);
	if (len < 0) {
		body->err = ERR_NOMEM;
		return;
	}
	buf_printf(body,
		   "%c{\"jsonrpc\":\"2.0\",\"id\":%" PRIu64
		   ",\"method\":\"%s\",\"params\":",
		   batch->n == 0 ? '[' : ',', batch->first_id + batch->n,
		   method);
	buf_add(body, params, (size_t)len);
	buf_puts(body, "}]");
	free(params);
	batch->methods[batch->n++] = method;
}

/* What the node said, for a person: cut, printable, without our key. */
static void quote(char *out, size_t size, const struct rpc_node *node,
		  const char *text)
{
	(void)snprintf(out, size, "%s", text ? text : "(no message)");
	redact(out, node->url);
}

static enum err describe_error(struct fault *fault, const struct rpc_node *node,
			       const char *method, const struct json *error,
			       enum err err)
{
	const struct json *data = json_member(error, "data");
	char message[200], more[160];
	int64_t code;

	if (!json_int(&code, json_member(error, "code")))
		code = 0;
	quote(message, sizeof(message), node,
	      json_text(json_member(error, "message"), NULL));
	if (!json_text(data, NULL))
		return fault_set(fault, err,
				 "node %s refuses %s: %s (code %" PRId64 ")",
				 node->name, method, message, code);
	quote(more, sizeof(more), node, json_text(data, NULL));
	return fault_set(fault, err,
			 "node %s refuses %s: %s: %s (code %" PRId64 ")",
			 node->name, method, message, more, code);
}

enum err rpc_fault(struct fault *fault, const struct rpc_reply *reply, size_t i)
{
	const struct rpc_result *result = &reply->results[i];

	return describe_error(fault, reply->node, reply->batch->methods[i],
			      result->error, result->err);
}

static enum err nonsense(struct rpc_request *r, const char *what)
{
	return fault_set(&r->fault, ERR_NONSENSE, "node %s, asked for %s, %s",
			 r->node->name, r->batch->methods[0], what);
}

/* The whole request is refused by one error object. */
static enum err refuse_all(struct rpc_request *r, const struct json *error)
{
	r->refusal = refusal_of_error(error);
	return describe_error(&r->fault, r->node, r->batch->methods[0], error,
			      r->refusal.err);
}

static bool has_error(const struct json *entry)
{
	enum json_kind kind = json_kind(json_member(entry, "error"));

	return kind != JSON_KIND_ABSENT && kind != JSON_KIND_NULL;
}

/* Stores the answer, the reply's ith, at the call it is for. */
static enum err match(struct rpc_request *r, const struct json *entry, size_t i)
{
	const struct rpc_batch *batch = r->batch;
	struct rpc_result *result;
	int64_t id;

	if (!json_int(&id, json_member(entry, "id")))
		return has_error(entry)
			   ? refuse_all(r, json_member(entry, "error"))
			   : nonsense(r, "answers without an id");
	if (id < 0 || (uint64_t)id < batch->first_id ||
	    (uint64_t)id - batch->first_id >= batch->n)
		return nonsense(r, "answers something else (a foreign id)");
	result = &r->results[(uint64_t)id - batch->first_id];
	if (result->value || result->error)
		return nonsense(r, "answers one call twice");
	if (has_error(entry)) {
		result->error = json_member(entry, "error");
		result->refusal = refusal_of_error(result->error);
		result->err = result->refusal.err;
		return OK;
	}
	result->value = json_member(entry, "result");
	result->err = OK;
	if (!result->value)
		return nonsense(r, "sends neither result nor error");
	if (reply_array(&result->read, &r->reply, i, result->value) != OK)
		return fault_set(&r->fault, ERR_NOMEM, "%s",
				 err_text(ERR_NOMEM));
	return OK;
}

/* Calls without an answer: explained by an error that stands for the rest, or
 * the node is to be distrusted. */
static enum err check_complete(struct rpc_request *r)
{
	const struct json *error = NULL;
	bool complete = true;

	for (size_t i = 0; i < r->batch->n; i++) {
		if (!r->results[i].value && !r->results[i].error)
			complete = false;
		else if (r->results[i].error)
			error = r->results[i].error;
	}
	if (complete)
		return OK;
	return error ? refuse_all(r, error)
		     : nonsense(r, "leaves out an answer");
}

static enum err read_root(struct rpc_request *r, const struct json *root)
{
	enum json_kind kind = json_kind(root);
	const struct json *entry = json_first(root);
	enum err err = OK;

	if (kind == JSON_KIND_OBJECT) {
		if (r->batch->n > 1)
			return has_error(root)
				   ? refuse_all(r, json_member(root, "error"))
				   : nonsense(r, "answers a batch with one"
						 " object");
		return match(r, root, 0);
	}
	if (kind != JSON_KIND_ARRAY)
		return nonsense(r, "sends no JSON-RPC");
	for (size_t i = 0; i < json_count(root) && err == OK; i++) {
		err = match(r, entry, i);
		entry = json_next(entry);
	}
	return err == OK ? check_complete(r) : err;
}

static enum err read_status(struct rpc_request *r,
			    const struct http_reply *http)
{
	r->refusal = refusal_of_status(http->status, http->retry_after_ms);
	return fault_set(&r->fault, r->refusal.err,
			 "node %s answers %s with HTTP status %ld%s",
			 r->node->name, r->batch->methods[0], http->status,
			 http->status == 401 || http->status == 403
			     ? ": check the key in its URL"
			 : http->status / 100 == 3 || http->status == 404
			     ? ": check its URL"
			     : "");
}

/* Another status than 2xx. Its body may say more, if it is JSON-RPC. */
static enum err read_failure(struct rpc_request *r,
			     const struct http_reply *http,
			     const struct json *root)
{
	const struct json *entry =
	    json_kind(root) == JSON_KIND_ARRAY ? json_first(root) : root;

	if (http->status == 429 ||
	    json_kind(json_member(entry, "error")) != JSON_KIND_OBJECT)
		return read_status(r, http);
	(void)refuse_all(r, json_member(entry, "error"));
	if (r->refusal.err == ERR_BUSY && r->refusal.retry_after_ms == 0)
		r->refusal.retry_after_ms = http->retry_after_ms;
	return r->refusal.err;
}

static enum err read_reply(struct rpc_request *r, const struct http_reply *http,
			   struct json_doc **doc)
{
	bool success = http->status / 100 == 2;
	struct fault fault;
	enum err err;

	if (http->err != OK)
		return fault_set(
		    &r->fault, http->err, "node %s cannot be asked for %s: %s",
		    r->node->name, r->batch->methods[0], http->why);
	if (success && r->reply.bytes == 0)
		return nonsense(r, "sends an empty reply");
	err = reply_end(&r->reply, doc, &fault);
	if (!success)
		return read_failure(r, http,
				    err == OK ? json_doc_root(*doc) : NULL);
	if (err == OK)
		return read_root(r, json_doc_root(*doc));
	if (err == ERR_NONSENSE && r->reply.kept.data[0] == '<')
		return nonsense(r, "sends a web page (HTML): check its URL");
	redact(fault.text, r->node->url); /* it quotes the reply */
	return fault_set(&r->fault, err, "node %s, asked for %s, sends %s",
			 r->node->name, r->batch->methods[0], fault.text);
}

static void request_free(struct rpc_request *r)
{
	reply_free(&r->reply);
	free(r->results);
	free(r);
}

/* What comes with another status than 2xx is kept as it is. */
static enum err on_body(void *arg, long status, const char *data, size_t len)
{
	struct rpc_request *r = arg;

	if (status / 100 != 2)
		r->reply.reader = NULL;
	return reply_add(&r->reply, data, len);
}

static void on_http(void *arg, const struct http_reply *http)
{
	struct rpc_request *r = arg;
	struct json_doc *doc = NULL;
	struct rpc_reply reply = {
	    .results = r->results,
	    .n = r->batch->n,
	    .node = r->node,
	    .batch = r->batch,
	    .fault = &r->fault,
	    .bytes = r->reply.bytes,
	    .seconds = http->seconds,
	};

	reply.err = read_reply(r, http, &doc);
	reply.refusal = r->refusal;
	r->cb(r->arg, &reply);
	json_doc_free(doc);
	request_free(r);
}

static struct rpc_request *request_new(const struct rpc_node *node,
				       const struct rpc_batch *batch,
				       const struct http_limits *limits)
{
	struct rpc_request *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->node = node;
	r->batch = batch;
	r->results = calloc(batch->n, sizeof(*r->results));
	if (!r->results ||
	    reply_init(&r->reply, batch->reader, limits->body_cap) != OK) {
		free(r->results);
		free(r);
		return NULL;
	}
	return r;
}

enum err rpc_send(struct http *http, const struct rpc_node *node,
		  struct rpc_batch *batch, const struct http_limits *limits,
		  rpc_cb cb, void *arg, struct rpc_request **out)
{
	const struct buf *body = &batch->body;
	const char *text = body->data;
	size_t len = body->len;
	struct rpc_request *r;
	enum err err;

	if (body->err != OK)
		return body->err;
	if (batch->n == 0)
		return ERR_BUG;
	r = request_new(node, batch, limits);
	if (!r)
		return ERR_NOMEM;
	r->cb = cb;
	r->arg = arg;
	if (batch->n == 1) {
		text++;
		len -= 2;
	}
	err = http_post(http, node->url, text, len, limits, on_body, on_http, r,
			&r->post);
	if (err == OK)
		*out = r;
	else
		request_free(r);
	return err;
}

void rpc_cancel(struct rpc_request *request)
{
	if (!request)
		return;
	http_cancel(request->post);
	request_free(request);
}
