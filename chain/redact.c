#include "chain/redact.h"

#include <string.h>

#include "common/utf8.h"

/* Parts of a URL: RFC 3986, 3. */
static const char separators[] = "/?#&=@:";

/* At its end, where text may have been cut, a beginning of part is enough. */
static void hide(char *text, const char *part, size_t len)
{
	for (size_t left = strlen(text); left >= REDACT_LEAST; text++, left--) {
		size_t n = left < len ? left : len;

		if (strncasecmp(text, part, n) == 0)
			memset(text, '*', n);
	}
}

static void make_printable(char *text)
{
	while (*text) {
		size_t len = utf8_length(text);

		if (len == 0)
			*text++ = '?';
		else if (utf8_is_control(text))
			for (; len > 0; len--)
				*text++ = ' ';
		else
			text += len;
	}
}

void redact(char *text, const char *url)
{
	const char *part = strstr(url, "://");

	for (part = part ? part + 3 : url; *part;) {
		size_t len = strcspn(part, separators);

		if (len >= REDACT_LEAST)
			hide(text, part, len);
		part += len;
		part += strspn(part, separators);
	}
	make_printable(text);
}
