#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* Reads: any bytes.
 *
 * Holds: chain/json.h accepts what jansson accepts, but for a NUL byte in the
 * text and for a name that stands twice in one object; it then gives the same
 * values; and what it prints reads back as the same. */

#define TEXT_CAP (1u << 20)

static void same(const json_t *want, const struct json *got);

static void same_object(const json_t *want, const struct json *got)
{
	const char *name;
	json_t *value;

	CHECK(json_kind(got) == JSON_KIND_OBJECT);
	CHECK(json_count(got) == json_object_size(want));
	CHECK(!json_element(got, 0));
	json_object_foreach((json_t *)(uintptr_t)want, name, value)
	    same(value, json_member(got, name));
}

static void same_array(const json_t *want, const struct json *got)
{
	size_t n = json_array_size(want);

	CHECK(json_kind(got) == JSON_KIND_ARRAY);
	CHECK(json_count(got) == n);
	CHECK(!json_element(got, n));
	CHECK(!json_member(got, "a"));
	for (size_t i = 0; i < n; i++)
		same(json_array_get(want, i), json_element(got, i));
}

static void same_string(const json_t *want, const struct json *got)
{
	const char *text = json_string_value(want);
	size_t n = json_string_length(want), len;
	const char *ours = json_text(got, &len);

	CHECK(json_kind(got) == JSON_KIND_STRING);
	if (memchr(text, '\0', n)) {
		CHECK(!ours);
		return;
	}
	CHECK(ours && len == n && memcmp(ours, text, n + 1) == 0);
}

static void same_number(const json_t *want, const struct json *got)
{
	int64_t number = 7;

	if (!json_is_integer(want)) {
		CHECK(json_kind(got) == JSON_KIND_REAL);
		CHECK(!json_int(&number, got) && number == 7);
		return;
	}
	CHECK(json_kind(got) == JSON_KIND_INTEGER);
	CHECK(json_int(&number, got));
	CHECK(number == json_integer_value(want));
}

static void same(const json_t *want, const struct json *got)
{
	bool truth = false;

	if (json_is_object(want))
		same_object(want, got);
	else if (json_is_array(want))
		same_array(want, got);
	else if (json_is_string(want))
		same_string(want, got);
	else if (json_is_number(want))
		same_number(want, got);
	else if (json_is_null(want))
		CHECK(json_kind(got) == JSON_KIND_NULL);
	else
		CHECK(json_bool(&truth, got) && truth == json_is_true(want));
}

static void check_printing(const json_t *want, const struct json *got)
{
	struct json_doc *again;
	struct buf text;

	buf_init(&text, TEXT_CAP);
	json_print(&text, got);
	CHECK(text.err == OK);
	again = input_json((const uint8_t *)text.data, text.len);
	CHECK(again);
	same(want, json_doc_root(again));
	json_doc_free(again);
	buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc *doc = input_json(data, size);
	json_error_t error;
	json_t *lax = NULL, *strict = NULL;

	if (size == 0 || !memchr(data, '\0', size)) {
		lax = json_loadb((const char *)data, size,
				 JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
		strict = json_loadb((const char *)data, size,
				    JSON_DECODE_ANY | JSON_ALLOW_NUL |
					JSON_REJECT_DUPLICATES,
				    &error);
	}
	CHECK(!strict || lax);
	CHECK((doc != NULL) == (strict != NULL));
	if (doc) {
		same(lax, json_doc_root(doc));
		check_printing(lax, json_doc_root(doc));
	}
	json_decref(lax);
	json_decref(strict);
	json_doc_free(doc);
	return 0;
}
