#include "chain/refusal.h"

#include <string.h>

/* Of a wait that a node names. */
#define LONGEST_WAIT_MS 60000u
#define DATA_CAP 4096

/* The first row whose code fits and whose text stands in data or message (in
 * any case) decides; so what is narrow stands before what is wide. Who says
 * what: the makers' documentation and issues, in their words. */
struct row {
	int64_t code;	  /* ANY_CODE: whatever it is */
	const char *text; /* NULL: whatever it says */
	enum err err;
	enum {
		PLAIN,
		TOO_OFTEN,
		UNKNOWN_METHOD,
		REVERTED,
		PRUNED,
		TOPICS
	} note;
};
#define ANY_CODE 0

static const struct row rows[] = {
    /* For good, whatever else the sentence holds. */
    {3, NULL, ERR_REFUSED, REVERTED}, /* eth_call reverted */
    {ANY_CODE, "execution reverted", ERR_REFUSED, REVERTED},
    {4444, NULL, ERR_REFUSED, PRUNED}, /* EIP-4444: pruned history */
    {ANY_CODE, "pruned", ERR_REFUSED, PRUNED},
    {ANY_CODE, "pruning", ERR_REFUSED, PRUNED},
    {ANY_CODE, "missing trie node", ERR_REFUSED, PRUNED},
    {ANY_CODE, "historical state", ERR_REFUSED, PRUNED},
    {ANY_CODE, "state is not available", ERR_REFUSED, PRUNED},
    {ANY_CODE, "state not available", ERR_REFUSED, PRUNED},
    {ANY_CODE, "state unavailable", ERR_REFUSED, PRUNED},
    {ANY_CODE, "no state available", ERR_REFUSED, PRUNED},
    {ANY_CODE, "maximum proof window", ERR_REFUSED, PRUNED},
    {ANY_CODE, "archive requests require", ERR_REFUSED, PRUNED},
    {-32601, NULL, ERR_REFUSED, UNKNOWN_METHOD},
    {ANY_CODE, "method not found", ERR_REFUSED, UNKNOWN_METHOD},
    {ANY_CODE, "method not supported", ERR_REFUSED, UNKNOWN_METHOD},
    {ANY_CODE, "unsupported method", ERR_REFUSED, UNKNOWN_METHOD},
    {ANY_CODE, "does not exist/is not available", ERR_REFUSED, UNKNOWN_METHOD},
    {ANY_CODE, "invalid block range params", ERR_REFUSED, PLAIN},

    /* The node is behind: its head, not our range, is the trouble. */
    {ANY_CODE, "beyond current head", ERR_NOT_YET, PLAIN},
    {ANY_CODE, "beyond the latest block", ERR_NOT_YET, PLAIN},
    {ANY_CODE, "after last accepted block", ERR_NOT_YET, PLAIN},
    {ANY_CODE, "not yet imported", ERR_NOT_YET, PLAIN},
    {ANY_CODE, "requested data not available", ERR_NOT_YET, PLAIN},
    {ANY_CODE, "unknown block", ERR_NOT_YET, PLAIN},
    {ANY_CODE, "header not found", ERR_NOT_YET, PLAIN},
    {ANY_CODE, "header for hash not found", ERR_NOT_YET, PLAIN},
    {ANY_CODE, "block not found", ERR_NOT_YET, PLAIN},
    {ANY_CODE, "cannot find block", ERR_NOT_YET, PLAIN},
    {-39001, NULL, ERR_NOT_YET, PLAIN},
    {-32014, NULL, ERR_NOT_YET, PLAIN},

    /* Too often. */
    {429, NULL, ERR_BUSY, TOO_OFTEN},
    {ANY_CODE, "compute units per second", ERR_BUSY, TOO_OFTEN},
    {ANY_CODE, "credits limited to", ERR_BUSY, TOO_OFTEN},
    {ANY_CODE, "too many requests", ERR_BUSY, TOO_OFTEN},
    {ANY_CODE, "rate limit", ERR_BUSY, TOO_OFTEN},
    {ANY_CODE, "ratelimit", ERR_BUSY, TOO_OFTEN},
    {ANY_CODE, "request rate", ERR_BUSY, TOO_OFTEN},
    {ANY_CODE, "requests per", ERR_BUSY, TOO_OFTEN},
    {ANY_CODE, "request limit", ERR_BUSY, TOO_OFTEN},
    {ANY_CODE, "request count exceeded", ERR_BUSY, TOO_OFTEN},
    {ANY_CODE, "capacity exceeded", ERR_BUSY, TOO_OFTEN},
    {ANY_CODE, "server is busy", ERR_BUSY, PLAIN},
    {ANY_CODE, "server busy", ERR_BUSY, PLAIN},
    {ANY_CODE, "overloaded", ERR_BUSY, PLAIN},
    {-32605, NULL, ERR_BUSY, TOO_OFTEN},

    /* Too long. */
    {ANY_CODE, "timed out", ERR_TIMEOUT, PLAIN},
    {ANY_CODE, "timeout", ERR_TIMEOUT, PLAIN},
    {ANY_CODE, "deadline exceeded", ERR_TIMEOUT, PLAIN},
    {408, NULL, ERR_TIMEOUT, PLAIN},

    /* Too much: blocks, results, bytes or calls at once. */
    {ANY_CODE, "max topics", ERR_TOO_LARGE, TOPICS}, /* go-ethereum */
    {ANY_CODE, "topics per search position", ERR_TOO_LARGE,
     TOPICS}, /* Erigon */
    {ANY_CODE, "too many topics", ERR_TOO_LARGE, TOPICS},
    {ANY_CODE, "query returned more than", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "block range", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "blocks range", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "ranges over", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "range too", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "exceeds range", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "exceeds limit", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "exceeds the limit", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "exceeds max results", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "too many blocks", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "too many results", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "blocks distance", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "smaller than size", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "response size", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "response too", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "response is too", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "request too", ERR_TOO_LARGE, PLAIN},
    {ANY_CODE, "batch", ERR_TOO_LARGE, PLAIN},
    {-32614, NULL, ERR_TOO_LARGE, PLAIN},
    {-32701, NULL, ERR_TOO_LARGE, PLAIN},
    {-32047, NULL, ERR_TOO_LARGE, PLAIN},
    {-32020, NULL, ERR_TOO_LARGE, PLAIN},
    {-32008, NULL, ERR_TOO_LARGE, PLAIN},
    {-32010, NULL, ERR_TOO_LARGE, PLAIN},
    {-32011, NULL, ERR_TOO_LARGE, PLAIN},
    {413, NULL, ERR_TOO_LARGE, PLAIN},
    {-32005, "limit exceeded", ERR_TOO_LARGE, PLAIN},

    /* What a code alone says, where the words say nothing. */
    {-32001, NULL, ERR_NOT_YET, PLAIN},	  /* EIP-1474: not found */
    {-32002, NULL, ERR_BUSY, PLAIN},	  /* EIP-1474: unavailable */
    {-32005, NULL, ERR_BUSY, TOO_OFTEN},  /* EIP-1474: limit exceeded */
    {-32009, NULL, ERR_BUSY, PLAIN},	  /* jsonrpsee: server busy */
    {-32007, NULL, ERR_TOO_LARGE, PLAIN}, /* jsonrpsee: request too big */
    {-32012, NULL, ERR_BUSY, TOO_OFTEN},  /* QuickNode: credits */
    {-32603, NULL, ERR_BUSY, PLAIN},	  /* JSON-RPC: internal error */
};

/* data.rate of Infura goes with any code. */
static const char rate_key[] = "\"rate\":";

static bool says(const char *text, const char *part)
{
	return text && strcasestr(text, part);
}

static bool fits(const struct row *row, int64_t code, const char *message,
		 const char *data)
{
	if (row->code != ANY_CODE && row->code != code)
		return false;
	return !row->text || says(data, row->text) || says(message, row->text);
}

struct refusal refusal_of(int64_t code, const char *message, const char *data)
{
	if (says(data, rate_key))
		return (struct refusal){.err = ERR_BUSY, .too_often = true};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (fits(&rows[i], code, message, data))
			return (struct refusal){
			    .err = rows[i].err,
			    .too_often = rows[i].note == TOO_OFTEN,
			    .unknown_method = rows[i].note == UNKNOWN_METHOD,
			    .reverted = rows[i].note == REVERTED,
			    .pruned = rows[i].note == PRUNED,
			    .topics = rows[i].note == TOPICS};
	return (struct refusal){.err = ERR_REFUSED};
}

static uint32_t wait_of(const struct json *data)
{
	const struct json *seconds =
	    json_member(json_member(data, "rate"), "backoff_seconds");
	int64_t n;

	if (!json_int(&n, seconds) || n <= 0)
		return 0;
	return n < LONGEST_WAIT_MS / 1000 ? (uint32_t)n * 1000
					  : LONGEST_WAIT_MS;
}

struct refusal refusal_of_error(const struct json *error)
{
	const struct json *data = json_member(error, "data");
	const char *text = json_text(data, NULL);
	struct refusal refusal;
	struct buf printed;
	int64_t code;

	if (!json_int(&code, json_member(error, "code")))
		code = 0;
	buf_init(&printed, DATA_CAP);
	if (!text && data) {
		json_print(&printed, data);
		text = printed.data;
	}
	refusal = refusal_of(
	    code, json_text(json_member(error, "message"), NULL), text);
	buf_free(&printed);
	if (refusal.err == ERR_BUSY)
		refusal.retry_after_ms = wait_of(data);
	return refusal;
}

struct refusal refusal_of_status(long status, uint32_t retry_after_ms)
{
	switch (status) {
	case 408: /* RFC 9110, 15.5.9: request timeout */
	case 504: /* RFC 9110, 15.6.5: gateway timeout */
	case 524: /* Cloudflare: a timeout occurred */
		return (struct refusal){.err = ERR_TIMEOUT};
	case 413: /* RFC 9110, 15.5.14: content too large */
		return (struct refusal){.err = ERR_TOO_LARGE};
	case 429: /* RFC 6585, 4: too many requests */
		return (struct refusal){.err = ERR_BUSY,
					.too_often = true,
					.retry_after_ms = retry_after_ms};
	default:
		if (status >= 500)
			return (struct refusal){
			    .err = ERR_BUSY, .retry_after_ms = retry_after_ms};
		return (struct refusal){.err = ERR_REFUSED};
	}
}
