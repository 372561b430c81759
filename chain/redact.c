#include "chain/redact.h"

#include <string.h>

#include "common/utf8.h"

/* Parts of a URL: RFC 3986, 3. */
static const char separators[] = "/?#&=@:";

static void hide(char *text, const char *part, size_t len)
{
	size_t left = strlen(text);

	for (; left >= len; text++, left--)
		if (strncasecmp(text, part, len) == 0)
			memset(text, '*', len);
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

	make_printable(text);
	for (part = part ? part + 3 : url; *part;) {
		size_t len = strcspn(part, separators);

		if (len >= REDACT_LEAST)
			hide(text, part, len);
		part += len;
		part += strspn(part, separators);
	}
}
