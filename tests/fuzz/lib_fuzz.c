#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_CAP (64u << 20)
#define TEXT_CAP (1u << 20)

_Noreturn void fuzz_broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

uint8_t input_byte(struct input *in)
{
	uint8_t byte = 0;

	input_take(in, &byte, 1);
	return byte;
}

void input_take(struct input *in, void *out, size_t len)
{
	size_t n = len < in->left ? len : in->left;

	memset(out, 0, len);
	if (n > 0)
		memcpy(out, in->at, n);
	in->at += n;
	in->left -= n;
}

char *input_text(struct input *in, int end, size_t *len)
{
	const uint8_t *found = end == INPUT_ALL || !in->left
				   ? NULL
				   : memchr(in->at, end, in->left);
	size_t n = found ? (size_t)(found - in->at) : in->left;
	char *text = malloc(n + 1);

	CHECK(text);
	input_take(in, text, n);
	text[n] = '\0';
	if (found)
		(void)input_byte(in);
	if (len)
		*len = n;
	return text;
}

struct buf with_secret(const char *text, size_t len, const char *secret)
{
	struct buf out;

	buf_init(&out, TEXT_CAP);
	for (size_t i = 0; i < len; i++) {
		if (text[i] == 1)
			buf_puts(&out, secret);
		else
			buf_putc(&out, text[i]);
	}
	CHECK(out.err == OK);
	return out;
}

struct json_doc *input_json(const uint8_t *data, size_t size)
{
	struct fault fault = {0};
	struct json_doc *doc = NULL;
	enum err err = json_doc_parse(&doc, (const char *)data, size, &fault);

	if (err != OK)
		check_fault(err, &fault);
	CHECK((err == OK) == (doc != NULL));
	return doc;
}

struct arena *fuzz_arena(void)
{
	struct arena *arena = arena_new(ARENA_CAP);

	CHECK(arena);
	return arena;
}

void check_fault(enum err err, const struct fault *fault)
{
	CHECK(err != OK);
	CHECK(err != ERR_BUG && err != ERR_NOMEM);
	CHECK(fault->code == err);
	CHECK(fault->text[0] != '\0');
}

bool same_raw_log(const struct raw_log *a, const struct raw_log *b)
{
	return address_eq(&a->address, &b->address) &&
	       a->n_topics == b->n_topics &&
	       memcmp(a->topics, b->topics,
		      a->n_topics * sizeof(a->topics[0])) == 0 &&
	       a->data.len == b->data.len &&
	       memcmp(a->data.data, b->data.data, a->data.len) == 0;
}

bool same_receipt(const struct receipt *a, const struct receipt *b)
{
	bool same = a->type == b->type && a->has_root == b->has_root &&
		    a->status == b->status && hash_eq(&a->root, &b->root) &&
		    a->cumulative_gas == b->cumulative_gas &&
		    bloom_eq(&a->bloom, &b->bloom) && a->n_logs == b->n_logs;

	for (size_t i = 0; same && i < a->n_logs; i++)
		same = same_raw_log(&a->logs[i], &b->logs[i]);
	return same;
}
