#include "contracts-abi/abi.h"

#include <stdio.h>
#include <string.h>

#include "common/buf.h"
#include "common/keccak.h"
#include "tests/fuzz/fuzz.h"

/* Reads: the text of an ABI JSON.
 *
 * Holds: an event that is read has the signature that its name and parameters
 * make, is hashed to topic0, counts its topics and words of data, stands once;
 * and a log of it with a clean word for each parameter decodes. */

static void put_type(struct buf *out, const struct abi_type *type)
{
	switch (type->kind) {
	case ABI_UINT:
		buf_printf(out, "uint%d", type->bytes * 8);
		break;
	case ABI_INT:
		buf_printf(out, "int%d", type->bytes * 8);
		break;
	case ABI_ADDRESS:
		buf_puts(out, "address");
		break;
	case ABI_BOOL:
		buf_puts(out, "bool");
		break;
	case ABI_BYTES:
		buf_printf(out, "bytes%d", type->bytes);
		break;
	}
}

static void check_signature(const struct abi_event *event)
{
	struct hash hash =
	    keccak256(event->signature, strlen(event->signature));
	size_t n_topics = 1, n_words = 0;
	struct buf text;

	buf_init(&text, 4096);
	buf_printf(&text, "%s(", event->name);
	for (size_t i = 0; i < event->n_params; i++) {
		const struct abi_param *param = &event->params[i];

		CHECK(param->name);
		CHECK(param->type.bytes >= 1 && param->type.bytes <= 32);
		if (i > 0)
			buf_putc(&text, ',');
		put_type(&text, &param->type);
		n_topics += param->indexed;
		n_words += !param->indexed;
	}
	buf_putc(&text, ')');
	CHECK(text.err == OK);
	CHECK(strcmp(text.data, event->signature) == 0);
	CHECK(hash_eq(&hash, &event->topic0));
	CHECK(event->n_topics == n_topics && n_topics <= 4);
	CHECK(event->data_len == 32 * n_words);
	buf_free(&text);
}

/* All words zero are clean; one bit in the wrong place is not. */
static void check_decoding(const struct abi_event *event)
{
	uint8_t zeros[32 * ABI_MAX_PARAMS] = {0};
	struct hash topics[4] = {event->topic0}, words[ABI_MAX_PARAMS];
	struct bytes data = {zeros, event->data_len};
	const char *why = NULL;
	const struct abi_type *last;

	CHECK(abi_decode(event, topics, event->n_topics, data, words, &why) ==
	      OK);
	data.len++;
	CHECK(abi_decode(event, topics, event->n_topics, data, words, &why) ==
	      ERR_SYNTAX);
	CHECK(why && *why);
	data.len--;
	if (data.len == 0 || event->params[event->n_params - 1].indexed)
		return;
	last = &event->params[event->n_params - 1].type;
	if (last->bytes == 32)
		return;
	zeros[last->kind == ABI_BYTES ? data.len - 1 : data.len - 32] = 1;
	CHECK(abi_decode(event, topics, event->n_topics, data, words, &why) ==
	      ERR_SYNTAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = fuzz_arena();
	struct fault fault = {0};
	struct abi abi = {0};
	enum err err =
	    abi_parse(&abi, arena, "fuzzed", (const char *)data, size, &fault);

	if (err != OK) {
		check_fault(err, &fault);
		CHECK(!abi.events);
	}
	for (size_t i = 0; i < abi.n_events; i++) {
		const struct abi_event *event = &abi.events[i];

		check_signature(event);
		check_decoding(event);
		CHECK(abi_event_named(&abi, event->name));
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(abi.events[k].signature,
				     event->signature) != 0);
	}
	arena_free(arena);
	return 0;
}
