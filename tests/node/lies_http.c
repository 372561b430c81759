#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "tests/node/lies.h"

/* Lies about the reply as HTTP. */

static bool say(struct lie_hand *hand, int status, const char *text)
{
	hand->reply->status = status;
	buf_reset(&hand->reply->body);
	buf_puts(&hand->reply->body, text);
	return true;
}

bool lie_busy(struct lie_hand *hand)
{
	return say(hand, 429, "slow down");
}

bool lie_busy_for(struct lie_hand *hand)
{
	(void)snprintf(hand->reply->headers, sizeof(hand->reply->headers),
		       "Retry-After: %" PRIu64 "\r\n", hand->size);
	return say(hand, 429, "slow down");
}

/* RFC 9110, 5.6.7: IMF-fixdate. */
bool lie_busy_until(struct lie_hand *hand)
{
	time_t then = time(NULL) + (time_t)hand->size;
	struct tm parts;

	if (!gmtime_r(&then, &parts))
		return false;
	(void)strftime(hand->reply->headers, sizeof(hand->reply->headers),
		       "Retry-After: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
	return say(hand, 429, "slow down");
}

bool lie_broken(struct lie_hand *hand)
{
	return say(hand, 500, "{\"message\":\"internal\"}");
}

bool lie_bad_gateway(struct lie_hand *hand)
{
	return say(hand, 502, "<!DOCTYPE html><html>502</html>");
}

bool lie_unavailable(struct lie_hand *hand)
{
	return say(hand, 503, "no");
}

bool lie_forbidden(struct lie_hand *hand)
{
	return say(hand, 403, "who are you?");
}

bool lie_garbage(struct lie_hand *hand)
{
	return say(hand, 200,
		   "\x7f"
		   "ELF\x80\xff garbage");
}

bool lie_web_page(struct lie_hand *hand)
{
	return say(hand, 200, "<!DOCTYPE html><html>Welcome</html>");
}

bool lie_empty_body(struct lie_hand *hand)
{
	return say(hand, 200, "");
}

bool lie_cut(struct lie_hand *hand)
{
	hand->reply->manner = WEB_CUTS;
	return true;
}

bool lie_hang_up(struct lie_hand *hand)
{
	hand->reply->manner = WEB_HANGS_UP;
	return true;
}

bool lie_silent(struct lie_hand *hand)
{
	hand->reply->manner = WEB_SILENT;
	return true;
}

bool lie_slow(struct lie_hand *hand)
{
	hand->reply->manner = WEB_DRIBBLES;
	hand->reply->pause_ms = (uint32_t)hand->size;
	return true;
}

bool lie_late(struct lie_hand *hand)
{
	hand->reply->pause_ms = (uint32_t)hand->size;
	return true;
}

bool lie_chunked(struct lie_hand *hand)
{
	hand->reply->manner = WEB_CHUNKS;
	return true;
}

static void repeat(struct buf *out, char c, uint64_t n)
{
	char piece[65536];

	memset(piece, c, sizeof(piece));
	for (; n > sizeof(piece); n -= sizeof(piece))
		buf_add(out, piece, sizeof(piece));
	buf_add(out, piece, (size_t)n);
}

bool lie_huge(struct lie_hand *hand)
{
	(void)say(hand, 200, "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"");
	repeat(&hand->reply->body, 'x', hand->size);
	buf_puts(&hand->reply->body, "\"}");
	return true;
}

bool lie_deep_body(struct lie_hand *hand)
{
	(void)say(hand, 200, "");
	repeat(&hand->reply->body, '[', hand->size);
	repeat(&hand->reply->body, ']', hand->size);
	return true;
}
