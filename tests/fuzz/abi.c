#include "contracts-abi/abi.h"

#include <string.h>

#include "common/buf.h"
#include "common/keccak.h"
#include "common/u256.h"
#include "tests/fuzz/fuzz.h"

/* Reads: the text of an ABI JSON; after a NUL, the data of logs and
 * answers.
 *
 * Holds: an event that is read is hashed to topic0 by its signature, counts its
 * topics, and stands once; a log of it whose every array and string is empty and
 * whose every word is zero decodes, and not with a word more, a byte less or a
 * bit set where none may be. Data that decodes has what the event says at
 * least. The same of what a function returns that is read, and its selector is
 * its signature's. */

#define LOG_CAP (1 << 20)

static void check_signature(const struct abi_event *event)
{
	struct hash hash =
	    keccak256(event->signature, strlen(event->signature));
	size_t n_topics = 1, head = 0;

	for (size_t i = 0; i < event->n_params; i++) {
		const struct abi_param *param = &event->params[i];

		CHECK(param->name);
		CHECK(!abi_is_word(param) ||
		      (param->type.bytes >= 1 && param->type.bytes <= 32));
		n_topics += param->indexed;
	}
	for (size_t i = 0; i < event->data.n; i++)
		head += event->data.types[i].head;
	CHECK(hash_eq(&hash, &event->topic0));
	CHECK(event->n_topics == n_topics && n_topics <= 4);
	CHECK(event->data.len == head);
}

static void put_number(struct buf *out, size_t number)
{
	struct u256 wide = u256_from_u64(number);
	uint8_t word[32];

	u256_to_be(word, &wide);
	buf_add(out, word, sizeof(word));
}

/* How long the value of a type is that is empty throughout. */
static size_t size_of(const struct abi_type *type)
{
	size_t size = 0;

	if (!type->dynamic)
		return type->head;
	if (type->kind == ABI_BLOB || (type->kind == ABI_ARRAY && type->n == 0))
		return 32;
	for (size_t i = 0; i < type->n; i++) {
		const struct abi_type *part =
		    &type->parts[type->kind == ABI_ARRAY ? 0 : i];

		size += part->head + (part->dynamic ? size_of(part) : 0);
	}
	return size;
}

static void put_empty(struct buf *out, const struct abi_type *type);

static void put_sequence(struct buf *out, const struct abi_type *types,
			 size_t n, bool alike)
{
	size_t tail = 0;

	for (size_t i = 0; i < n; i++)
		tail += types[alike ? 0 : i].head;
	for (size_t i = 0; i < n && out->err == OK; i++) {
		const struct abi_type *type = &types[alike ? 0 : i];

		if (type->dynamic)
			put_number(out, tail);
		else
			put_empty(out, type);
		tail += type->dynamic ? size_of(type) : 0;
	}
	for (size_t i = 0; i < n && out->err == OK; i++)
		if (types[alike ? 0 : i].dynamic)
			put_empty(out, &types[alike ? 0 : i]);
}

static void put_empty(struct buf *out, const struct abi_type *type)
{
	if (type->kind == ABI_TUPLE || (type->kind == ABI_ARRAY && type->n > 0))
		put_sequence(out, type->parts, type->n,
			     type->kind == ABI_ARRAY);
	else
		put_number(out, 0);
}

/* A log's data, or an answer. */
struct subject {
	const struct abi_event *event; /* NULL: the function's */
	const struct abi_function *function;
	const struct abi_values *values;
};

static enum err decode(const struct subject *s, const void *data, size_t len)
{
	struct hash topics[4] = {{{0}}}, words[ABI_MAX_PARAMS];
	struct bytes bytes = {data, len};
	const char *why = NULL;
	enum err err;

	if (s->event) {
		topics[0] = s->event->topic0;
		err = abi_decode(s->event, topics, s->event->n_topics, bytes,
				 words, &why);
	} else {
		err = abi_decode_answer(s->function, bytes, words, &why);
	}
	CHECK(err == OK || (why && *why));
	CHECK(err != OK || len >= s->values->len);
	return err;
}

static void check_decoding(const struct subject *s)
{
	const struct abi_type *first = s->values->types;
	struct buf log;

	buf_init(&log, LOG_CAP);
	put_sequence(&log, s->values->types, s->values->n, false);
	if (log.err == OK) {
		CHECK(decode(s, log.data, log.len) == OK);
		if (log.len > 0)
			CHECK(decode(s, log.data, log.len - 1) == ERR_SYNTAX);
	}
	if (log.err == OK && s->values->n > 0 &&
	    (first->dynamic || first->kind == ABI_BOOL)) {
		log.data[first->dynamic ? 31 : 0] ^= 1;
		CHECK(decode(s, log.data, log.len) == ERR_SYNTAX);
		log.data[first->dynamic ? 31 : 0] ^= 1;
	}
	put_number(&log, 0);
	if (log.err == OK)
		CHECK(decode(s, log.data, log.len) == ERR_SYNTAX);
	buf_free(&log);
}

/* data: NULL, or a NUL and an answer. */
static void check_function(const struct abi *abi, const struct abi_function *f,
			   const uint8_t *data, size_t size)
{
	const struct subject s = {NULL, f, &f->outputs};
	size_t head = 0;
	struct hash hash;

	CHECK(abi_function_named(abi, f->name, strlen(f->name)));
	if (f->unreadable) {
		CHECK(f->unreadable[0] && !f->signature && f->n_results == 0);
		return;
	}
	CHECK(abi_function_named(abi, f->signature, strlen(f->signature)));
	hash = keccak256(f->signature, strlen(f->signature));
	CHECK(memcmp(hash.b, f->selector, sizeof(f->selector)) == 0);
	for (size_t i = 0; i < f->outputs.n; i++)
		head += f->outputs.types[i].head;
	CHECK(f->outputs.len == head && f->n_results <= ABI_MAX_PARAMS);
	for (size_t i = 0; i < f->n_results; i++)
		CHECK(f->results[i].name && !f->results[i].indexed);
	check_decoding(&s);
	if (data)
		(void)decode(&s, data + 1, size - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, 0, size) : NULL;
	size_t len = end ? (size_t)(end - data) : size;
	struct arena *arena = fuzz_arena();
	struct fault fault = {0};
	struct abi abi = {0};
	enum err err =
	    abi_parse(&abi, arena, "fuzzed", (const char *)data, len, &fault);

	if (err != OK) {
		check_fault(err, &fault);
		CHECK(!abi.events);
	}
	for (size_t i = 0; i < abi.n_events; i++) {
		const struct abi_event *event = &abi.events[i];
		const struct subject s = {event, NULL, &event->data};

		check_signature(event);
		check_decoding(&s);
		if (end)
			(void)decode(&s, end + 1, size - len - 1);
		CHECK(abi_event_named(&abi, event->name));
		CHECK(abi_event_named(&abi, event->signature) == event);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(abi.events[k].signature,
				     event->signature) != 0);
	}
	for (size_t i = 0; i < abi.n_functions; i++)
		check_function(&abi, &abi.functions[i], end,
			       end ? size - len : 0);
	arena_free(arena);
	return 0;
}
