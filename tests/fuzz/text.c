#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain/redact.h"
#include "common/utf8.h"
#include "daemon/command/output.h"
#include "daemon/serve/json_put.h"
#include "tests/fuzz/fuzz.h"

/* Reads: a URL, a NUL byte, and a text that somebody else wrote.
 *
 * Holds: utf8_length accepts what a decoder written another way accepts; a text
 * as a JSON string reads back as itself; as a terminal gets it, it steers
 * nothing; and made fit to be shown it holds no part of the URL. */

/* RFC 3629, 3: by the number that the bytes make. */
static size_t decoded_length(const char *text)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)text;
	size_t len = s[0] < 0x80	     ? 1
		     : (s[0] & 0xe0) == 0xc0 ? 2
		     : (s[0] & 0xf0) == 0xe0 ? 3
		     : (s[0] & 0xf8) == 0xf0 ? 4
					     : 0;
	uint32_t point = len > 1 ? s[0] & (0x7fu >> len) : s[0];

	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3f);
	}
	if (len == 0 || point < least[len] || point > 0x10ffff ||
	    (point >= 0xd800 && point <= 0xdfff))
		return 0;
	return len;
}

/* Whether all of it is UTF-8. */
static bool check_utf8(const char *text)
{
	bool good = true;

	while (*text) {
		size_t len = utf8_length(text);

		CHECK(len == decoded_length(text));
		good &= len > 0;
		text += len ? len : 1;
	}
	return good;
}

static void check_json(const char *text, bool is_utf8)
{
	struct buf out;
	json_t *read;

	buf_init(&out, 1u << 20);
	json_put_string(&out, text);
	CHECK(out.err == OK);
	read = json_loadb(out.data, out.len, JSON_DECODE_ANY, NULL);
	CHECK(json_is_string(read));
	CHECK((strcmp(json_string_value(read), text) == 0) == is_utf8);
	json_decref(read);
	buf_free(&out);
}

static void check_shown(const char *text)
{
	while (*text) {
		size_t len = utf8_length(text);

		CHECK(len > 0 && !utf8_is_control(text));
		text += len;
	}
}

static void check_output(const char *text)
{
	char *shown = NULL;
	size_t len;
	FILE *out = open_memstream(&shown, &len);

	CHECK(out);
	output_text(out, text);
	CHECK(fclose(out) == 0);
	check_shown(shown);
	free(shown);
}

/* No part of a URL (plain ASCII: config/urls.c) of REDACT_LEAST bytes is left,
 * but for one that is made of the asterisks that hide. */
static void check_redacted(const char *text, const char *url)
{
	static const char separators[] = "/?#&=@:";
	const char *part = strstr(url, "://");
	char copy[256];

	for (const char *at = url; *at; at++)
		if (*at <= ' ' || *at >= 0x7f)
			return;
	for (part = part ? part + 3 : url; *part;) {
		size_t len = strcspn(part, separators);

		if (len >= REDACT_LEAST && len < sizeof(copy)) {
			memcpy(copy, part, len);
			copy[len] = '\0';
			CHECK(copy[strspn(copy, "*")] == '\0' ||
			      !strcasestr(text, copy));
		}
		part += len;
		part += strspn(part, separators);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	char *url = input_text(&in, '\0', NULL);
	char *text = input_text(&in, '\0', NULL);
	bool is_utf8 = check_utf8(text);

	(void)check_utf8(url);
	check_json(text, is_utf8);
	check_output(text);
	redact(text, url);
	check_shown(text);
	check_redacted(text, url);
	free(text);
	free(url);
	return 0;
}
