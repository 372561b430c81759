#include "tests/unit/lib_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *file_text(const char *folder, const char *name, size_t *len)
{
	char path[1024];
	FILE *file;
	char *text;
	long size;

	assert_in_range(snprintf(path, sizeof(path), "%s/%s", folder, name), 1,
			sizeof(path) - 1);
	file = fopen(path, "rb");
	if (!file)
		return NULL;
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	assert_true(size >= 0);
	rewind(file);
	text = malloc((size_t)size + 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)size, file), size);
	text[size] = '\0';
	(void)fclose(file);
	*len = (size_t)size;
	return text;
}

char *corpus_text(const char *name, size_t *len)
{
	char *text = file_text(CORPORA, name, len);

	if (!text) {
		print_message("skipped: no %s in the corpora\n", name);
		skip();
	}
	return text;
}

static struct json_doc *parse(const char *name, const char *text, size_t len)
{
	struct fault fault = {0};
	struct json_doc *doc;

	if (json_doc_parse(&doc, text, len, &fault) != OK)
		fail_msg("%s: %s", name, fault.text);
	return doc;
}

struct json_doc *json_doc_of(const char *text)
{
	return parse(text, text, strlen(text));
}

struct json_doc *corpus_json(const char *name)
{
	size_t len;
	char *text = corpus_text(name, &len);
	struct json_doc *doc = parse(name, text, len);

	free(text);
	return doc;
}

struct json_doc *corpus_reply(const char *name)
{
	size_t len;
	char *text = corpus_text(name, &len);
	char *line = strstr(text, "\n<< ");
	struct json_doc *doc;

	assert_non_null(line);
	line += 4;
	doc = parse(name, line, strcspn(line, "\n"));
	free(text);
	return doc;
}

struct json_doc *own_json(const char *name)
{
	size_t len;
	char *text = file_text(TESTS, name, &len);
	struct json_doc *doc;

	assert_non_null(text);
	doc = parse(name, text, len);
	free(text);
	return doc;
}

const struct json *json_at(const struct json *value, const char *path)
{
	char step[64];

	while (*path) {
		size_t n = strcspn(path, "/");

		assert_in_range(n, 1, sizeof(step) - 1);
		memcpy(step, path, n);
		step[n] = '\0';
		if (json_kind(value) == JSON_KIND_ARRAY)
			value = json_element(value, strtoul(step, NULL, 10));
		else
			value = json_member(value, step);
		assert_non_null(value);
		path += path[n] ? n + 1 : n;
	}
	return value;
}

struct bytes hex_bytes(struct arena *arena, const char *text)
{
	size_t skip_prefix = strncmp(text, "0x", 2) == 0 ? 2 : 0;
	size_t len = strlen(text + skip_prefix);
	uint8_t *data = arena_alloc(arena, len / 2, 1);

	assert_non_null(data);
	assert_int_equal(hex_decode(data, len / 2, text + skip_prefix, len),
			 OK);
	return (struct bytes){data, len / 2};
}

struct hash hash_from(const char *text)
{
	struct hash hash;

	assert_int_equal(hash_parse(&hash, text), OK);
	return hash;
}

/* The last digit of the hex text that begins at or behind from. */
static char *last_digit(char *from)
{
	char *hex = strstr(from, "\"0x");
	char *end;

	if (!hex)
		return NULL;
	end = strchr(hex + 3, '"');
	return end > hex + 3 ? end - 1 : NULL;
}

char *flip_bit(const struct json *value, const char *name, size_t nth)
{
	static const char digits[] = "0123456789abcdef";
	struct buf text;
	char quoted[64];
	char *digit;

	buf_init(&text, 64u << 20);
	json_print(&text, value);
	assert_int_equal(text.err, OK);
	assert_in_range(snprintf(quoted, sizeof(quoted), "\"%s\":", name), 1,
			sizeof(quoted) - 1);
	digit = strstr(text.data, quoted);
	while (digit && nth-- > 0)
		digit = strstr(digit + 1, quoted);
	digit = digit ? last_digit(digit) : NULL;
	if (!digit) {
		buf_free(&text);
		return NULL;
	}
	assert_non_null(strchr(digits, *digit));
	*digit = digits[(strchr(digits, *digit) - digits) ^ 1];
	return text.data; /* grown by realloc: the caller's to free */
}
