#include "tests/node/web.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node/must.h"

#define REQUEST_CAP (64u << 20)
#define PIECES 20

struct guest {
	uv_tcp_t tcp;
	uv_timer_t timer; /* of a reply that takes its time */
	unsigned open;	  /* handles */
	struct web *web;
	struct guest *next, **link;
	struct buf in;
	struct sending *later;
};

struct web {
	uv_tcp_t listener;
	web_answer answer;
	void *arg;
	struct guest *guests;
	unsigned requests;
	uint16_t port;
};

/* A reply on its way out. */
struct sending {
	uv_write_t write;
	struct guest *guest;
	struct buf head, body;
	size_t sent, piece; /* of the body; at once: all of it */
	bool hang_up;
	uint32_t pause_ms;
};

static void sending_free(struct sending *sending)
{
	buf_free(&sending->head);
	buf_free(&sending->body);
	free(sending);
}

static void on_guest_closed(uv_handle_t *handle)
{
	struct guest *guest = handle->data;

	if (--guest->open > 0)
		return;
	if (guest->later)
		sending_free(guest->later);
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
	uv_close((uv_handle_t *)&guest->timer, on_guest_closed);
}

static void send_some(struct sending *sending);

static void on_due(uv_timer_t *timer)
{
	struct guest *guest = timer->data;
	struct sending *sending = guest->later;

	guest->later = NULL;
	send_some(sending);
}

static void send_later(struct sending *sending)
{
	struct guest *guest = sending->guest;

	guest->later = sending;
	must(uv_timer_start(&guest->timer, on_due, sending->pause_ms, 0) == 0);
}

static void on_sent(uv_write_t *write, int status)
{
	struct sending *sending = write->data;
	struct guest *guest = sending->guest;
	bool is_done = sending->sent == sending->body.len;

	if (status < 0 || (is_done && sending->hang_up))
		guest_close(guest);
	if (status < 0 || is_done || uv_is_closing((uv_handle_t *)&guest->tcp))
		sending_free(sending);
	else
		send_later(sending);
}

static void send_some(struct sending *sending)
{
	size_t left = sending->body.len - sending->sent;
	size_t n = left < sending->piece ? left : sending->piece;
	uv_buf_t pieces[2] = {
	    uv_buf_init(sending->head.data, (unsigned)sending->head.len),
	    uv_buf_init(sending->body.data + sending->sent, (unsigned)n),
	};
	bool first = sending->sent == 0;

	sending->sent += n;
	must(uv_write(&sending->write, (uv_stream_t *)&sending->guest->tcp,
		      first ? pieces : pieces + 1, first ? 2 : 1,
		      on_sent) == 0);
}

/* The body as one chunk and the last one. */
static void make_chunks(struct sending *sending)
{
	struct buf all;

	buf_init(&all, WEB_BODY_CAP + 64);
	if (sending->body.len > 0)
		buf_printf(&all, "%zx\r\n", sending->body.len);
	buf_add(&all, sending->body.data, sending->body.len);
	buf_puts(&all, sending->body.len > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
	buf_free(&sending->body);
	sending->body = all;
}

static void send_reply(struct guest *guest, struct web_reply *reply)
{
	struct sending *sending = calloc(1, sizeof(*sending));

	must(sending && reply->body.err == OK);
	sending->guest = guest;
	sending->write.data = sending;
	sending->body = reply->body;
	buf_init(&reply->body, 0);
	buf_init(&sending->head, 1024);
	buf_printf(&sending->head,
		   "HTTP/1.1 %d Whatever\r\nContent-Type: application/json\r\n"
		   "%s",
		   reply->status, reply->headers);
	if (reply->manner == WEB_CHUNKS)
		buf_puts(&sending->head, "Transfer-Encoding: chunked\r\n\r\n");
	else
		buf_printf(&sending->head, "Content-Length: %zu\r\n\r\n",
			   sending->body.len);
	if (reply->manner == WEB_CHUNKS)
		make_chunks(sending);
	if (reply->manner == WEB_CUTS) {
		sending->body.len /= 2;
		sending->hang_up = true;
	}
	must(sending->head.err == OK && sending->body.err == OK);
	sending->pause_ms = reply->pause_ms;
	sending->piece = reply->manner == WEB_DRIBBLES
			     ? sending->body.len / PIECES + 1
			     : SIZE_MAX;
	if (sending->pause_ms > 0)
		send_later(sending);
	else
		send_some(sending);
}

/* The head ends with a blank line, which is cut off here. */
static void answer(struct guest *guest, char *head, const char *body,
		   size_t len)
{
	struct web_reply reply = {.status = 200};
	struct web_request request = {.path = "/", .body = body, .len = len};
	char *path = strchr(head, ' '),
	     *end = path ? strchr(path + 1, ' ') : NULL;

	guest->web->requests++;
	if (end) {
		*end = '\0';
		request.path = path + 1;
	}
	buf_init(&reply.body, WEB_BODY_CAP);
	guest->web->answer(guest->web->arg, &request, &reply);
	if (reply.manner == WEB_HANGS_UP)
		guest_close(guest);
	else if (reply.manner != WEB_SILENT)
		send_reply(guest, &reply);
	buf_free(&reply.body);
}

/* The length of the body that the head announces. */
static size_t length_of(const char *head)
{
	const char *found = strcasestr(head, "\r\nContent-Length:");

	return found ? strtoul(found + 17, NULL, 10) : 0;
}

static void on_data(uv_stream_t *stream, ssize_t n, const uv_buf_t *data)
{
	struct guest *guest = stream->data;
	char *end;
	size_t head, body;

	if (n > 0)
		buf_add(&guest->in, data->base, (size_t)n);
	free(data->base);
	if (n < 0 || guest->in.err != OK) {
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
	must(guest->in.len == head + body); /* no pipelining */
	answer(guest, guest->in.data, guest->in.data + head, body);
	buf_reset(&guest->in);
}

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
	(void)handle;
	*out = uv_buf_init(malloc(size), (unsigned)size);
	must(out->base);
}

static void on_guest(uv_stream_t *listener, int status)
{
	struct web *web = listener->data;
	struct guest *guest = calloc(1, sizeof(*guest));

	must(status == 0 && guest);
	guest->web = web;
	guest->next = web->guests;
	guest->link = &web->guests;
	if (guest->next)
		guest->next->link = &guest->next;
	web->guests = guest;
	buf_init(&guest->in, REQUEST_CAP);
	must(uv_timer_init(listener->loop, &guest->timer) == 0);
	must(uv_tcp_init(listener->loop, &guest->tcp) == 0);
	guest->tcp.data = guest->timer.data = guest;
	guest->open = 2;
	must(uv_accept(listener, (uv_stream_t *)&guest->tcp) == 0);
	(void)uv_tcp_nodelay(&guest->tcp, 1);
	must(uv_read_start((uv_stream_t *)&guest->tcp, on_room, on_data) == 0);
}

struct web *web_new(uv_loop_t *loop, uint16_t port, web_answer answer_cb,
		    void *arg)
{
	struct web *web = calloc(1, sizeof(*web));
	struct sockaddr_in address;
	int size = sizeof(address);

	must(web);
	web->answer = answer_cb;
	web->arg = arg;
	must(uv_ip4_addr("127.0.0.1", port, &address) == 0);
	must(uv_tcp_init(loop, &web->listener) == 0);
	web->listener.data = web;
	must(uv_tcp_bind(&web->listener, (const struct sockaddr *)&address,
			 0) == 0);
	must(uv_listen((uv_stream_t *)&web->listener, 128, on_guest) == 0);
	must(uv_tcp_getsockname(&web->listener, (struct sockaddr *)&address,
				&size) == 0);
	web->port = ntohs(address.sin_port);
	return web;
}

uint16_t web_port(const struct web *web)
{
	return web->port;
}

unsigned web_requests(const struct web *web)
{
	return web->requests;
}

static void on_web_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void web_close(struct web *web)
{
	while (web->guests)
		guest_close(web->guests);
	uv_close((uv_handle_t *)&web->listener, on_web_closed);
}
