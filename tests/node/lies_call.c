#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node/lies.h"
#include "tests/node/must.h"

/* Lies about one call: its text becomes another. */

#define RESULT "\"result\":"
#define RESULT_LEN (sizeof(RESULT) - 1)

static void restart(struct lie_hand *hand)
{
	hand->out->len = hand->start;
	hand->out->data[hand->start] = '\0';
}

static bool say(struct lie_hand *hand, const char *json)
{
	if (strncmp(hand->out->data + hand->start + RESULT_LEN, json,
		    strlen(json)) == 0 &&
	    hand->out->len == hand->start + RESULT_LEN + strlen(json))
		return false;
	restart(hand);
	buf_printf(hand->out, RESULT "%s", json);
	return true;
}

static bool refuse(struct lie_hand *hand, int code, const char *message)
{
	restart(hand);
	buf_printf(hand->out, "\"error\":{\"code\":%d,\"message\":\"%s\"}",
		   code, message);
	return true;
}

bool lie_null(struct lie_hand *hand)
{
	return say(hand, "null");
}

bool lie_empty_array(struct lie_hand *hand)
{
	return say(hand, "[]");
}

bool lie_empty_object(struct lie_hand *hand)
{
	return say(hand, "{}");
}

bool lie_number(struct lie_hand *hand)
{
	return say(hand, "7");
}

bool lie_boolean(struct lie_hand *hand)
{
	return say(hand, "true");
}

bool lie_word(struct lie_hand *hand)
{
	return say(hand, "\"later\"");
}

static void repeat(struct buf *out, char c, uint64_t n)
{
	char piece[4096];

	memset(piece, c, sizeof(piece));
	for (; n > sizeof(piece); n -= sizeof(piece))
		buf_add(out, piece, sizeof(piece));
	buf_add(out, piece, (size_t)n);
}

bool lie_long_text(struct lie_hand *hand)
{
	(void)say(hand, "\"");
	repeat(hand->out, 'x', hand->size);
	buf_putc(hand->out, '"');
	return true;
}

bool lie_deep(struct lie_hand *hand)
{
	(void)say(hand, "");
	repeat(hand->out, '[', hand->size);
	repeat(hand->out, ']', hand->size);
	return true;
}

bool lie_nothing_said(struct lie_hand *hand)
{
	restart(hand);
	buf_puts(hand->out, "\"said\":null");
	return true;
}

bool lie_result_and_error(struct lie_hand *hand)
{
	buf_puts(hand->out, hand->out->data[hand->start + 1] == 'r'
				? ",\"error\":{\"code\":1,\"message\":\"no\"}"
				: ",\"result\":[]");
	return true;
}

/* The text of the answer, which is written anew; owned by the caller. */
static char *taken(struct lie_hand *hand)
{
	char *text = strdup(hand->out->data + hand->start);

	must(text);
	restart(hand);
	return text;
}

/* A QUANTITY of up to 13 digits, so that it is a number of JSON's: the length
 * of its text with the quotes; 0: it is none. */
static size_t quantity_at(const char *text, uint64_t *value)
{
	char *end;

	if (strncmp(text, "\"0x", 3) != 0)
		return 0;
	*value = strtoull(text + 3, &end, 16);
	if (*end != '"' || end == text + 3 || end - text > 16)
		return 0;
	return (size_t)(end - text) + 1;
}

static bool rewrite_quantities(struct lie_hand *hand, const char *format)
{
	char *text = taken(hand);
	bool is_told = false;

	for (const char *at = text; *at;) {
		uint64_t value;
		size_t len = *at == '"' ? quantity_at(at, &value) : 0;

		if (len > 0) {
			char number[40];

			(void)snprintf(number, sizeof(number),
				       *format == 'd' ? "%" PRIu64
						      : "\"0x0%" PRIx64 "\"",
				       value);
			buf_puts(hand->out, number);
			at += len;
			is_told = true;
		} else {
			buf_putc(hand->out, *at++);
		}
	}
	free(text);
	return is_told;
}

bool lie_plain_numbers(struct lie_hand *hand)
{
	return rewrite_quantities(hand, "d");
}

bool lie_padded_numbers(struct lie_hand *hand)
{
	return rewrite_quantities(hand, "x");
}

/* Where any of the answer's `:"0x` stands; NULL: there is none. */
static char *any_hex(struct lie_hand *hand, const char *what)
{
	char *text = hand->out->data + hand->start, *found = text;
	size_t n = 0;
	uint64_t left;

	while ((found = strstr(found, what))) {
		found++;
		n++;
	}
	if (n == 0)
		return NULL;
	left = dice_below(&hand->dice, n);
	for (found = strstr(text, what); left > 0; left--)
		found = strstr(found + 1, what);
	return found;
}

bool lie_field_renamed(struct lie_hand *hand)
{
	char *colon = any_hex(hand, "\":\"0x");

	if (colon)
		colon[-1] = colon[-1] == '_' ? '-' : '_';
	return colon != NULL;
}

bool lie_field_null(struct lie_hand *hand)
{
	char *colon = any_hex(hand, "\":\"0x"), *end, *tail;

	if (!colon)
		return false;
	end = strchr(colon + 3, '"');
	must(end);
	tail = strdup(end + 1);
	must(tail);
	hand->out->len = (size_t)(colon + 2 - hand->out->data);
	buf_puts(hand->out, "null");
	buf_puts(hand->out, tail);
	free(tail);
	return true;
}

bool lie_not_hex(struct lie_hand *hand)
{
	char *hex = any_hex(hand, "\"0x");

	if (hex)
		hex[hex[3] == '"' ? 2 : 3] = 'g';
	return hex != NULL;
}

bool lie_short_hex(struct lie_hand *hand)
{
	char *hex = any_hex(hand, "\"0x"), *end;

	if (!hex)
		return false;
	end = strchr(hex + 1, '"');
	must(end);
	memmove(end - 1, end, strlen(end) + 1);
	hand->out->len--;
	return true;
}

bool lie_internal(struct lie_hand *hand)
{
	return refuse(hand, -32603, "internal error");
}

bool lie_not_found(struct lie_hand *hand)
{
	return refuse(hand, -32000, "header not found");
}

bool lie_unknown_method(struct lie_hand *hand)
{
	return refuse(hand, -32601, "the method does not exist");
}

bool lie_pruned(struct lie_hand *hand)
{
	return refuse(hand, 4444, "pruned history unavailable");
}

bool lie_rate(struct lie_hand *hand)
{
	restart(hand);
	buf_puts(hand->out,
		 "\"error\":{\"code\":-32005,\"message\":\"daily request count "
		 "exceeded, request rate limited\",\"data\":{\"rate\":{"
		 "\"backoff_seconds\":1}}}");
	return true;
}

bool lie_rate_429(struct lie_hand *hand)
{
	return refuse(hand, 429, "too many requests");
}

static bool is_wide(const struct lie_hand *hand)
{
	return hand->has_blocks && hand->to >= hand->from &&
	       hand->to - hand->from >= hand->size;
}

bool lie_range_cap(struct lie_hand *hand)
{
	char text[80];

	(void)snprintf(text, sizeof(text),
		       "query exceeds max block range %" PRIu64, hand->size);
	return is_wide(hand) && refuse(hand, -32602, text);
}

bool lie_range_hint(struct lie_hand *hand)
{
	char text[120];

	(void)snprintf(text, sizeof(text),
		       "query exceeds max results %" PRIu64
		       ", retry with the range %" PRIu64 "-%" PRIu64,
		       hand->size, hand->from, hand->to);
	return is_wide(hand) && refuse(hand, -32602, text);
}

bool lie_result_cap(struct lie_hand *hand)
{
	const char *at = hand->out->data + hand->start;
	char text[80];
	uint64_t n = 0;

	while ((at = strstr(at, "\"logIndex\""))) {
		at++;
		n++;
	}
	(void)snprintf(text, sizeof(text),
		       "query returned more than %" PRIu64 " results",
		       hand->size);
	return n > hand->size && refuse(hand, -32005, text);
}
