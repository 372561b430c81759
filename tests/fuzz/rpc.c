#include "chain/rpc.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/utf8.h"
#include "tests/fuzz/fuzz.h"

/* Reads: a byte for the number of calls (1 to 4, with ids from 7 on), a byte
 * for the HTTP status, and the body of the reply, in which the byte 0x01 stands
 * for the key in the node's URL. HTTP itself is left out: http_post here gives
 * that reply.
 *
 * Holds: each call has an answer of its own, which is the one the body gives to
 * its id, or the whole reply is refused; whatever is refused says why, and
 * neither shows the key, nor a beginning of it, nor steers a terminal. */

#define FIRST_ID 7
#define KEY "c0ffee5ecret0123456789abcdef"
#define KEY_START "c0ffee"

static const struct rpc_node node = {
    .name = "fuzzed",
    .url = "https://someone:pa55word@node.example:8545/v3/" KEY,
};
static const char *const methods[] = {"eth_chainId", "eth_getBlockByNumber",
				      "eth_getLogs", "eth_getBlockReceipts"};

static const struct http_limits any = {0, 0, 1u << 20};

static struct {
	http_body_cb on_body;
	http_cb cb;
	void *arg;
} sent;

/* In place of chain/http.c. */
enum err http_post(struct http *http, const char *url, const char *body,
		   size_t len, const struct http_limits *limits,
		   http_body_cb on_body, http_cb cb, void *arg,
		   struct http_post **out)
{
	struct json_doc *doc =
	    input_json((const uint8_t *)body, len); /* what we ask is JSON */

	CHECK(doc);
	json_doc_free(doc);
	CHECK(!http && limits == &any && url == node.url);
	sent.on_body = on_body;
	sent.cb = cb;
	sent.arg = arg;
	*out = NULL;
	return OK;
}

void http_cancel(struct http_post *post)
{
	CHECK(!post);
}

/* What was in the body before the key was put into it. */
static struct {
	struct buf text;
	bool shows_key;
} body;

static void fill_body(struct input *in)
{
	char *raw;
	size_t len;

	raw = input_text(in, INPUT_ALL, &len);
	body.shows_key = strcasestr(raw, KEY_START) || strlen(raw) != len ||
			 strcasestr(raw, "\\u");
	body.text = with_secret(raw, len, KEY);
	free(raw);
}

static void check_sentence(const struct fault *fault)
{
	const char *at = fault->text;
	bool is_cut = strlen(at) == sizeof(fault->text) - 1;

	CHECK(body.shows_key || !strcasestr(at, KEY_START));
	CHECK(strncmp(at, "node fuzzed", strlen("node fuzzed")) == 0);
	while (*at) {
		size_t len = utf8_length(at);

		CHECK(len > 0 || (is_cut && strlen(at) < 4));
		CHECK(!utf8_is_control(at));
		at += len ? len : 1;
	}
}

static json_t *entry_for(json_t *root, size_t i)
{
	json_t *entry, *found = NULL;
	size_t k;

	if (json_is_object(root))
		return root;
	json_array_foreach(root, k, entry)
	{
		json_t *id = json_object_get(entry, "id");

		if (!json_is_integer(id) ||
		    json_integer_value(id) != FIRST_ID + (json_int_t)i)
			continue;
		CHECK(!found);
		found = entry;
	}
	return found;
}

/* An accepted reply, held against the body. */
static void check_answers(const struct rpc_reply *reply)
{
	json_t *root = json_loadb(body.text.data, body.text.len,
				  JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

	CHECK(root);
	CHECK(json_is_object(root) || json_array_size(root) == reply->n);
	for (size_t i = 0; i < reply->n; i++) {
		const struct rpc_result *result = &reply->results[i];
		json_t *entry = entry_for(root, i);
		json_t *error = json_object_get(entry, "error");
		struct fault fault = {0};

		CHECK(entry);
		CHECK((result->err == OK) == !(error && !json_is_null(error)));
		CHECK((result->err == OK) == (result->value != NULL));
		CHECK((result->err != OK) == (result->error != NULL));
		if (result->err == OK)
			continue;
		CHECK(result->refusal.err == result->err);
		CHECK(rpc_fault(&fault, reply, i) == result->err);
		check_fault(result->err, &fault);
		check_sentence(&fault);
	}
	json_decref(root);
}

static void on_reply(void *arg, const struct rpc_reply *reply)
{
	bool *done = arg;

	*done = true;
	CHECK(reply->refusal.retry_after_ms <= 60000);
	if (reply->err == OK) {
		check_answers(reply);
		return;
	}
	check_fault(reply->err, reply->fault);
	check_sentence(reply->fault);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const long statuses[] = {200, 200, 201, 429, 500, 404, 301, 403};
	struct input in = {data, size};
	struct rpc_request *request;
	struct http_reply reply = {.why = ""};
	struct rpc_batch batch;
	size_t n = 1 + input_byte(&in) % 4;
	bool done = false;

	reply.status = statuses[input_byte(&in) % 8];
	reply.retry_after_ms = reply.status == 429 ? 1000 : 0;
	fill_body(&in);
	rpc_batch_init(&batch);
	rpc_batch_reset(&batch, FIRST_ID);
	for (size_t i = 0; i < n; i++)
		rpc_batch_add(&batch, methods[i], "[%zu]", i);
	CHECK(rpc_send(NULL, &node, &batch, &any, on_reply, &done, &request) ==
	      OK);
	CHECK(sent.on_body(sent.arg, reply.status, body.text.data,
			   body.text.len) == OK);
	sent.cb(sent.arg, &reply);
	CHECK(done);
	rpc_batch_free(&batch);
	buf_free(&body.text);
	return 0;
}
