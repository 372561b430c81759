#include "common/uuid.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

bool uuid_is_nil(const struct uuid *u)
{
	static const struct uuid nil;

	return uuid_eq(u, &nil);
}

bool uuid_eq(const struct uuid *a, const struct uuid *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

/* 8-4-4-4-12 digits (RFC 9562, 4): is there a hyphen before byte i? */
static bool hyphen_before(size_t i)
{
	return i == 4 || i == 6 || i == 8 || i == 10;
}

const char *uuid_format(char text[UUID_TEXT_SIZE], const struct uuid *u)
{
	char *at = text;

	for (size_t i = 0; i < sizeof(u->b); i++) {
		if (hyphen_before(i))
			*at++ = '-';
		hex_encode(at, &u->b[i], 1);
		at += 2;
	}
	return text;
}

enum err uuid_parse(struct uuid *out, const char *text)
{
	struct uuid u;

	if (strlen(text) != UUID_TEXT_SIZE - 1)
		return ERR_SYNTAX;
	for (size_t i = 0; i < sizeof(u.b); i++) {
		if (hyphen_before(i) && *text++ != '-')
			return ERR_SYNTAX;
		if (hex_decode(&u.b[i], 1, text, 2) != OK)
			return ERR_SYNTAX;
		text += 2;
	}
	*out = u;
	return OK;
}

enum err uuid_v7(struct uuid *out, uint64_t unix_ms)
{
	struct uuid u;
	ssize_t got;

	if (unix_ms >> 48)
		return ERR_RANGE;
	do {
		got = getrandom(u.b, sizeof(u.b), 0);
	} while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(u.b))
		return ERR_IO;
	for (size_t i = 0; i < 6; i++)
		u.b[i] = (uint8_t)(unix_ms >> (40 - 8 * i));
	u.b[6] = (uint8_t)(0x70 | (u.b[6] & 0x0f)); /* version 7 */
	u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f)); /* variant 10 */
	*out = u;
	return OK;
}
