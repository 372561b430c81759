#include "chain/reply.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "chain/parse.h"
#include "tests/fuzz/fuzz.h"

/* Reads: a byte for what arrays are read as (even: logs, odd: receipts), a byte
 * for the size of the pieces (but for 0, which is one piece), and the body of a
 * reply.
 *
 * Holds: a reply that is read while it arrives is refused where jansson refuses
 * the whole, but for nesting, which is counted anew in each element; else every
 * array becomes what the array of the whole becomes, with the same fault. */

static void take_log(const void *arg, void *out, const struct json *element,
		     struct arena *arena)
{
	struct found_log log;

	(void)arg;
	if (parse_next_log(&log, out, element, arena) == OK)
		parse_keep_log(out, &log, arena);
}

static void take_receipt(const void *arg, void *out, const struct json *element,
			 struct arena *arena)
{
	(void)arg;
	parse_next_receipt(out, element, arena);
}

static const struct reply_reader readers[] = {
    {sizeof(struct found_logs), take_log, NULL},
    {sizeof(struct read_receipts), take_receipt, NULL},
};

static bool same_log(const struct found_log *a, const struct found_log *b)
{
	return a->block_number == b->block_number &&
	       hash_eq(&a->block_hash, &b->block_hash) &&
	       hash_eq(&a->tx_hash, &b->tx_hash) &&
	       a->tx_index == b->tx_index && a->log_index == b->log_index &&
	       a->removed == b->removed && same_raw_log(&a->raw, &b->raw);
}

static void check_logs(const struct found_logs *got, const struct json *whole,
		       struct arena *arena)
{
	struct fault fault = {0};
	struct found_logs want;
	enum err err = parse_logs(&want, whole, arena, &fault);

	CHECK(err == got->err);
	if (err != OK) {
		CHECK(strcmp(fault.text, got->fault.text) == 0);
		return;
	}
	CHECK(got->n == want.n);
	for (size_t i = 0; i < got->n; i++)
		CHECK(same_log(&got->list[i], &want.list[i]));
}

static void check_receipts(const struct read_receipts *got,
			   const struct json *whole, struct arena *arena)
{
	struct fault fault = {0};
	struct receipts want;
	enum err err = parse_receipts(&want, whole, arena, &fault);

	CHECK(err == got->err);
	if (err != OK) {
		CHECK(strcmp(fault.text, got->fault.text) == 0);
		return;
	}
	CHECK(got->receipts.n == want.n);
	for (size_t i = 0; i < want.n; i++)
		CHECK(same_receipt(&got->receipts.list[i], &want.list[i]));
}

/* Answer i, as it was kept and in the whole. */
static void check_answer(struct reply *reply, size_t i, const struct json *kept,
			 const struct json *whole, struct arena *arena)
{
	const struct json *result = json_member(whole, "result");
	void *array;

	CHECK(json_count(kept) == json_count(whole));
	CHECK(reply_array(&array, reply, i, json_member(kept, "result")) == OK);
	CHECK((array != NULL) == (json_kind(result) == JSON_KIND_ARRAY));
	if (!array)
		return;
	if (reply->reader == &readers[0])
		check_logs(array, result, arena);
	else
		check_receipts(array, result, arena);
}

static void check_answers(struct reply *reply, const struct json *kept,
			  const struct json *whole)
{
	struct arena *arena = fuzz_arena();

	if (json_kind(whole) == JSON_KIND_OBJECT)
		check_answer(reply, 0, kept, whole, arena);
	CHECK(json_kind(kept) == json_kind(whole));
	CHECK(json_count(kept) == json_count(whole));
	for (size_t i = 0; i < REPLY_ARRAYS_MOST; i++) {
		const struct json *answer = json_element(whole, i);

		if (json_kind(answer) != JSON_KIND_OBJECT)
			break; /* refused by rpc.c */
		check_answer(reply, i, json_element(kept, i), answer, arena);
	}
	arena_free(arena);
}

static bool jansson_accepts(const char *body, size_t len, bool *nested)
{
	json_error_t error = {0};
	json_t *root = json_loadb(
	    body, len,
	    JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
	bool accepts = root && !memchr(body, '\0', len);

	*nested = strstr(error.text, "depth") != NULL;
	json_decref(root);
	return accepts;
}

static enum err stream(struct reply *reply, const char *body, size_t len,
		       size_t piece, struct json_doc **kept)
{
	struct fault fault = {0};
	enum err err;

	for (size_t at = 0; at < len; at += piece)
		CHECK(reply_add(reply, body + at,
				len - at < piece ? len - at : piece) == OK);
	err = reply_end(reply, kept, &fault);
	if (err != OK)
		check_fault(err, &fault);
	return err;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	const struct reply_reader *reader = &readers[input_byte(&in) % 2];
	size_t piece = input_byte(&in), len;
	char *body = input_text(&in, INPUT_ALL, &len);
	struct json_doc *kept = NULL, *whole;
	struct reply reply;
	bool nested, accepts = jansson_accepts(body, len, &nested);

	CHECK(reply_init(&reply, reader, 1u << 20) == OK);
	if (stream(&reply, body, len, piece ? piece : len + 1, &kept) != OK) {
		CHECK(!accepts);
	} else if (accepts) {
		whole = input_json((const uint8_t *)body, len);
		CHECK(whole);
		check_answers(&reply, json_doc_root(kept),
			      json_doc_root(whole));
		json_doc_free(whole);
	} else {
		CHECK(nested);
	}
	json_doc_free(kept);
	reply_free(&reply);
	free(body);
	return 0;
}
