#include <endian.h>
#include <string.h>

#include "chain/json_index.h"
#include "common/utf8.h"

/* A string being decoded in place: what it means never takes more bytes than
 * how it is written. */
struct string {
	char *at;	 /* the next byte to be read */
	char *to;	 /* where the next one goes */
	const char *why; /* it is refused */
};

static bool refuse(struct string *s, const char *why)
{
	s->why = why;
	return false;
}

/* To the first byte that is a quote, a backslash, below a blank or no ASCII:
 * eight at a time. In each byte of special the high bit is set for one of those,
 * and perhaps in those behind it. */
static char *skip_plain(char *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);
	uint64_t word, special;

	for (;; at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		word = le64toh(word);
		special = word | (word - ones * ' ') |
			  ((word ^ ones * '"') - ones) |
			  ((word ^ ones * '\\') - ones);
		special &= ones * 0x80;
		if (special)
			return at + __builtin_ctzll(special) / 8;
	}
}

/* The four digits behind \u; negative when they are none. */
static int32_t code_unit(const char *digits)
{
	uint8_t bytes[2];

	if (hex_decode(bytes, 2, digits, 4) != OK)
		return -1;
	return bytes[0] << 8 | bytes[1];
}

/* Behind \u: one code unit, or two that make a pair (RFC 8259, 7). */
static bool read_code_point(struct string *s, uint32_t *out)
{
	int32_t high = code_unit(s->at), low;

	if (high < 0)
		return refuse(s, "\\u without four hex digits");
	s->at += 4;
	*out = (uint32_t)high;
	if (high < 0xd800 || high > 0xdfff)
		return true;
	low = s->at[0] == '\\' && s->at[1] == 'u' ? code_unit(s->at + 2) : -1;
	if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return refuse(s, "half of a surrogate pair");
	s->at += 6;
	*out = 0x10000 + ((uint32_t)(high - 0xd800) << 10) +
	       (uint32_t)(low - 0xdc00);
	return true;
}

/* RFC 3629, 3. */
static void put_utf8(struct string *s, uint32_t c)
{
	unsigned more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char first[] = {0, 0xc0, 0xe0, 0xf0};

	*s->to++ = (char)(first[more] | c >> 6 * more);
	while (more-- > 0)
		*s->to++ = (char)(0x80 | (c >> 6 * more & 0x3f));
}

/* At a backslash. */
static bool read_escape(struct string *s)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *name;
	uint32_t point;

	if (s->at[1] == 'u') {
		s->at += 2;
		if (!read_code_point(s, &point))
			return false;
		put_utf8(s, point);
		return true;
	}
	name = s->at[1] ? strchr(names, s->at[1]) : NULL;
	if (!name)
		return refuse(s, "an unknown escape");
	*s->to++ = bytes[name - names];
	s->at += 2;
	return true;
}

/* At what is not plain, and not the end. */
static bool read_special(struct string *s)
{
	size_t len;

	if (*s->at == '\\')
		return read_escape(s);
	if (!*s->at)
		return refuse(s, "a string without an end, or a NUL in it");
	if ((unsigned char)*s->at < ' ')
		return refuse(s, "a control character in a string");
	len = utf8_length(s->at);
	if (len == 0)
		return refuse(s, "bad UTF-8");
	memmove(s->to, s->at, len);
	s->to += len;
	s->at += len;
	return true;
}

const char *json_unquote(char **at, struct json *entry)
{
	char *from = *at + 1, *plain = skip_plain(from);
	struct string s = {.at = plain, .to = plain};

	while (*s.at != '"' && read_special(&s)) {
		plain = s.at;
		s.at = skip_plain(plain);
		memmove(s.to, plain, (size_t)(s.at - plain));
		s.to += s.at - plain;
	}
	*at = s.at;
	if (s.why)
		return s.why;
	*s.to = '\0';
	++*at;
	entry->text = from;
	entry->n = (uint32_t)(s.to - from);
	return NULL;
}
