#include "tests/node/lies.h"

#include <string.h>

#define BLOCKS "eth_getBlockByNumber eth_getBlockByHash"
#define BODIES BLOCKS
#define RECEIPTS "eth_getBlockReceipts eth_getTransactionReceipt"
#define LOGS "eth_getLogs"

#define TWISTED(name, what, methods, size, twist)                              \
	{                                                                      \
		name, what, LIE_TWIST, methods, size, TWIST_##twist, NULL      \
	}
#define TOLD(level, name, what, methods, size)                                 \
	{                                                                      \
#name, what, LIE_##level, methods, size, TWIST_NONE,           \
		    lie_##name                                                 \
	}

const struct lie lies[] = {
    TWISTED("other_block", "the block before", BLOCKS, 0, OTHER_BLOCK),
    TWISTED("other_branch", "a block of that number that was forked away",
	    BLOCKS, 0, OTHER_BRANCH),
    TWISTED("other_hash", "a hash that is not the header's", BLOCKS, 0,
	    OTHER_HASH),
    TWISTED("other_parent", "a parent that the hash does not cover", BLOCKS, 0,
	    OTHER_PARENT),
    TWISTED("other_time", "a timestamp that the hash does not cover", BLOCKS, 0,
	    OTHER_TIME),
    TWISTED("stale_head", "the head of `size` blocks ago",
	    BLOCKS " eth_blockNumber", 3, STALE_HEAD),
    TWISTED("final_ahead", "the latest block is said to be final", BLOCKS, 0,
	    FINAL_AHEAD),
    TWISTED("final_null", "null for what is final", BLOCKS, 0, FINAL_NULL),
    TWISTED("final_error", "the tag is not known yet (-39001)", BLOCKS, 0,
	    FINAL_ERROR),
    TWISTED("behind", "null for the newest `size` blocks", BLOCKS " " RECEIPTS,
	    3, BLOCK_BEHIND),
    TWISTED("transaction_missing", "a transaction is missing", BODIES, 0,
	    TX_MISSING),
    TWISTED("transaction_twice", "a transaction in another one's place", BODIES,
	    0, TX_TWICE),
    TWISTED("transaction_changed", "a transaction's nonce is another", BODIES,
	    0, TX_CHANGED),
    TWISTED("transactions_other", "the transactions of the block before",
	    BODIES, 0, TXS_OTHER),
    TWISTED("receipt_missing", "a receipt is missing", RECEIPTS, 0,
	    RECEIPT_MISSING),
    TWISTED("receipt_twice", "a receipt in another one's place", RECEIPTS, 0,
	    RECEIPT_TWICE),
    TWISTED("receipt_failed", "a status is the other one", RECEIPTS, 0,
	    RECEIPT_FAILED),
    TWISTED("receipts_swapped", "two receipts in each other's place", RECEIPTS,
	    0, RECEIPTS_SWAPPED),
    TWISTED("receipts_other", "the receipts of the block before", RECEIPTS, 0,
	    RECEIPTS_OTHER),
    TWISTED("bloom_changed", "a bit of a receipt's bloom", RECEIPTS, 0,
	    BLOOM_CHANGED),
    TWISTED("log_missing", "a log is missing", RECEIPTS " " LOGS, 0,
	    LOG_MISSING),
    TWISTED("logs_missing", "all logs of a block are missing",
	    RECEIPTS " " LOGS, 0, LOGS_MISSING),
    TWISTED("log_changed", "a log says something else", RECEIPTS " " LOGS, 0,
	    LOG_CHANGED),
    TWISTED("log_twice", "a log comes twice", LOGS, 0, LOG_TWICE),
    TWISTED("log_stale", "a log of another block's hash", LOGS, 0, LOG_STALE),
    TWISTED("log_removed", "a log with removed: true", LOGS, 0, LOG_REMOVED),
    TWISTED("log_foreign", "a log that was not asked for", LOGS, 0,
	    LOG_FOREIGN),

    TOLD(CALL, null, "null", NULL, 0),
    TOLD(CALL, empty_array, "[]", NULL, 0),
    TOLD(CALL, empty_object, "{}", NULL, 0),
    TOLD(CALL, number, "a number", NULL, 0),
    TOLD(CALL, boolean, "true", NULL, 0),
    TOLD(CALL, word, "a text", NULL, 0),
    TOLD(CALL, long_text, "a text of `size` bytes", NULL, 1u << 20),
    TOLD(CALL, deep, "arrays in arrays, `size` deep", NULL, 3000),
    TOLD(CALL, nothing_said, "neither result nor error", NULL, 0),
    TOLD(CALL, result_and_error, "a result and an error", NULL, 0),
    TOLD(CALL, plain_numbers, "quantities as numbers", NULL, 0),
    TOLD(CALL, padded_numbers, "quantities with a zero before", NULL, 0),
    TOLD(CALL, field_renamed, "a field has another name", NULL, 0),
    TOLD(CALL, field_null, "a field is null", NULL, 0),
    TOLD(CALL, not_hex, "a digit is none", NULL, 0),
    TOLD(CALL, short_hex, "a digit is missing", NULL, 0),
    TOLD(CALL, internal, "-32603 internal error", NULL, 0),
    TOLD(CALL, not_found, "-32000 header not found", NULL, 0),
    TOLD(CALL, unknown_method, "-32601 the method does not exist", NULL, 0),
    TOLD(CALL, pruned, "4444 pruned history unavailable", NULL, 0),
    TOLD(CALL, rate, "-32005 rate limit, with backoff_seconds", NULL, 0),
    TOLD(CALL, rate_429, "code 429 in HTTP 200", NULL, 0),
    TOLD(CALL, range_cap, "-32602 for more than `size` blocks", LOGS, 1000),
    TOLD(CALL, range_hint,
	 "-32602 for more than `size` blocks, with a hint that does not help",
	 LOGS, 1000),
    TOLD(CALL, result_cap, "-32005 for more than `size` logs", LOGS, 10000),

    TOLD(BATCH, id_wrong, "an answer to a question that was not asked", NULL,
	 0),
    TOLD(BATCH, id_text, "ids as texts", NULL, 0),
    TOLD(BATCH, id_null, "an id that is null", NULL, 0),
    TOLD(BATCH, entry_missing, "an answer is missing", NULL, 0),
    TOLD(BATCH, entry_twice, "an answer comes twice", NULL, 0),
    TOLD(BATCH, entries_reversed, "the answers in another order", NULL, 0),
    TOLD(BATCH, entries_none, "no answers: []", NULL, 0),
    TOLD(BATCH, object_for_batch, "one answer for all, and no array", NULL, 0),
    TOLD(BATCH, batch_cap, "-32600 for more than `size` calls", NULL, 100),

    TOLD(HTTP, busy, "429, and no word when to come back", NULL, 0),
    TOLD(HTTP, busy_for, "429, Retry-After: `size` seconds", NULL, 1),
    TOLD(HTTP, busy_until, "429, Retry-After: a date in `size` seconds", NULL,
	 1),
    TOLD(HTTP, broken, "500", NULL, 0),
    TOLD(HTTP, bad_gateway, "502, a web page", NULL, 0),
    TOLD(HTTP, unavailable, "503", NULL, 0),
    TOLD(HTTP, forbidden, "403", NULL, 0),
    TOLD(HTTP, garbage, "bytes that are no text", NULL, 0),
    TOLD(HTTP, web_page, "a web page with 200", NULL, 0),
    TOLD(HTTP, empty_body, "an empty body", NULL, 0),
    TOLD(HTTP, cut, "half a body, then the end", NULL, 0),
    TOLD(HTTP, hang_up, "the end before an answer", NULL, 0),
    TOLD(HTTP, silent, "no answer, ever", NULL, 0),
    TOLD(HTTP, slow, "in twenty pieces, `size` ms before each", NULL, 50),
    TOLD(HTTP, late, "after `size` ms", NULL, 300),
    TOLD(HTTP, chunked, "with Transfer-Encoding: chunked", NULL, 0),
    TOLD(HTTP, huge, "a body of `size` bytes", NULL, 100u << 20),
    TOLD(HTTP, deep_body, "arrays in arrays, `size` deep", NULL, 1u << 20),
};
const size_t n_lies = sizeof(lies) / sizeof(lies[0]);

const struct lie *lie_named(const char *name)
{
	for (size_t i = 0; i < n_lies; i++)
		if (strcmp(lies[i].name, name) == 0)
			return &lies[i];
	return NULL;
}

bool lie_fits(const struct lie *lie, const char *method)
{
	size_t len = strlen(method);

	if (!lie->methods)
		return true;
	for (const char *at = lie->methods; (at = strstr(at, method));
	     at += len)
		if (at[len] == ' ' || at[len] == '\0')
			return true;
	return false;
}
