#include "tests/unit/lib_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BODY_CAP (64u << 20)
#define PATIENCE_MS 10000u

struct guest {
	uv_tcp_t tcp;
	struct node *node;
	struct guest *next, **link;
	struct buf in;
};

struct node {
	uv_tcp_t listener;
	const struct node_script *script;
	struct guest *guests;
	unsigned requests;
	char url[64];
};

struct sending {
	uv_write_t write;
	struct buf data;
	bool hang_up;
};

static void on_guest_closed(uv_handle_t *handle)
{
	struct guest *guest = handle->data;

	buf_free(&guest->in);
	free(guest);
}

static void guest_close(struct guest *guest)
{
	if (uv_is_closing((uv_handle_t *)&guest->tcp))
		return;
	*guest->link = guest->next;
	if (guest->next)
		guest->next->link = guest->link;
	uv_close((uv_handle_t *)&guest->tcp, on_guest_closed);
}

static void on_sent(uv_write_t *write, int status)
{
	struct sending *sending = write->data;

	if (sending->hang_up || status < 0)
		guest_close(write->handle->data);
	buf_free(&sending->data);
	free(sending);
}

static void send_reply(struct guest *guest, const struct node_reply *reply)
{
	struct sending *sending = calloc(1, sizeof(*sending));
	size_t len = reply->body.len;
	uv_buf_t piece;

	assert_non_null(sending);
	if (reply->manner == NODE_CUTS)
		len /= 2;
	sending->hang_up = reply->manner == NODE_CUTS;
	buf_init(&sending->data, BODY_CAP);
	buf_printf(&sending->data,
		   "HTTP/1.1 %d Whatever\r\nContent-Type: application/json\r\n"
		   "%sContent-Length: %zu\r\n\r\n",
		   reply->status, reply->headers, reply->body.len);
	buf_add(&sending->data, reply->body.data, len);
	assert_int_equal(sending->data.err, OK);
	piece = uv_buf_init(sending->data.data, (unsigned)sending->data.len);
	sending->write.data = sending;
	assert_int_equal(uv_write(&sending->write, (uv_stream_t *)&guest->tcp,
				  &piece, 1, on_sent),
			 0);
}

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

static void answer(struct guest *guest, const char *body, size_t len)
{
	struct node *node = guest->node;
	struct node_reply reply = {.status = 200, .headers = ""};
	struct json_doc *doc;
	const struct json *root;

	node->requests++;
	assert_int_equal(json_doc_parse(&doc, body, len, NULL), OK);
	root = json_doc_root(doc);
	buf_init(&reply.body, BODY_CAP);
	if (json_kind(root) == JSON_KIND_ARRAY) {
		for (size_t i = 0; i < json_count(root); i++) {
			buf_puts(&reply.body, i > 0 ? "," : "[");
			answer_call(node, json_element(root, i), &reply.body);
		}
		buf_puts(&reply.body, "]");
	} else {
		answer_call(node, root, &reply.body);
	}
	if (node->script->reply)
		node->script->reply(node->script->arg, root, &reply);
	if (reply.manner == NODE_HANGS_UP)
		guest_close(guest);
	else if (reply.manner != NODE_SILENT)
		send_reply(guest, &reply);
	buf_free(&reply.body);
	json_doc_free(doc);
}

/* The length of the body that the header announces. */
static size_t length_of(const char *header)
{
	const char *found = strcasestr(header, "\r\nContent-Length:");

	assert_non_null(found);
	return strtoul(found + 17, NULL, 10);
}

static void on_data(uv_stream_t *stream, ssize_t n, const uv_buf_t *data)
{
	struct guest *guest = stream->data;
	const char *end;
	size_t head, body;

	if (n > 0)
		buf_add(&guest->in, data->base, (size_t)n);
	free(data->base);
	if (n < 0) {
		guest_close(guest);
		return;
	}
	end = strstr(guest->in.data, "\r\n\r\n");
	if (!end)
		return;
	head = (size_t)(end - guest->in.data) + 4;
	body = length_of(guest->in.data);
	if (guest->in.len < head + body)
		return;
	assert_int_equal(guest->in.len, head + body); /* no pipelining */
	answer(guest, guest->in.data + head, body);
	buf_reset(&guest->in);
}

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
	(void)handle;
	*out = uv_buf_init(malloc(size), (unsigned)size);
	assert_non_null(out->base);
}

static void on_guest(uv_stream_t *listener, int status)
{
	struct node *node = listener->data;
	struct guest *guest = calloc(1, sizeof(*guest));

	assert_int_equal(status, 0);
	assert_non_null(guest);
	guest->node = node;
	guest->next = node->guests;
	guest->link = &node->guests;
	if (guest->next)
		guest->next->link = &guest->next;
	node->guests = guest;
	buf_init(&guest->in, BODY_CAP);
	assert_int_equal(uv_tcp_init(listener->loop, &guest->tcp), 0);
	guest->tcp.data = guest;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&guest->tcp), 0);
	assert_int_equal(
	    uv_read_start((uv_stream_t *)&guest->tcp, on_room, on_data), 0);
}

struct node *node_new(uv_loop_t *loop, const struct node_script *script)
{
	struct node *node = calloc(1, sizeof(*node));
	struct sockaddr_in address;
	int size = sizeof(address);

	assert_non_null(node);
	node->script = script;
	assert_int_equal(uv_ip4_addr("127.0.0.1", 0, &address), 0);
	assert_int_equal(uv_tcp_init(loop, &node->listener), 0);
	node->listener.data = node;
	assert_int_equal(
	    uv_tcp_bind(&node->listener, (const struct sockaddr *)&address, 0),
	    0);
	assert_int_equal(
	    uv_listen((uv_stream_t *)&node->listener, 16, on_guest), 0);
	assert_int_equal(uv_tcp_getsockname(&node->listener,
					    (struct sockaddr *)&address, &size),
			 0);
	(void)snprintf(node->url, sizeof(node->url),
		       "http://127.0.0.1:%u/v3/secretkey",
		       ntohs(address.sin_port));
	return node;
}

const char *node_url(const struct node *node)
{
	return node->url;
}

unsigned node_requests(const struct node *node)
{
	return node->requests;
}

static void on_node_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void node_close(struct node *node)
{
	while (node->guests)
		guest_close(node->guests);
	uv_close((uv_handle_t *)&node->listener, on_node_closed);
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
