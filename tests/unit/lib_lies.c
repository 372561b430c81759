#include "tests/unit/lib_lies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool lie_again(struct rig *rig)
{
	return rig->lies++ < rig->most;
}

const struct made_block *lie_asked(const struct rig *rig,
				   const struct json *params)
{
	const char *text = json_text(json_element(params, 0), NULL);
	struct hash hash;
	uint64_t number;

	if (strlen(text) == HASH_TEXT_SIZE - 1) {
		assert_int_equal(hash_parse(&hash, text), OK);
		return made_by_hash(rig->chain, &hash);
	}
	assert_int_equal(quantity_parse(&number, text), OK);
	return number < rig->chain->n ? &rig->chain->blocks[number] : NULL;
}

static void say(struct node_reply *reply, const char *text)
{
	buf_reset(&reply->body);
	buf_puts(&reply->body, text);
}

LIE_REPLY(garbage)
{
	(void)request;
	if (lie_again(rig))
		say(reply, "\x7f"
			   "ELF garbage");
}

LIE_REPLY(web_page)
{
	(void)request;
	if (lie_again(rig))
		say(reply, "<!DOCTYPE html><html>502</html>");
}

LIE_REPLY(nothing)
{
	(void)request;
	if (lie_again(rig))
		say(reply, "");
}

LIE_REPLY(half)
{
	(void)request;
	if (lie_again(rig))
		reply->manner = WEB_CUTS;
}

LIE_REPLY(hangs_up)
{
	(void)request;
	if (lie_again(rig))
		reply->manner = WEB_HANGS_UP;
}

LIE_REPLY(error_object)
{
	(void)request;
	if (lie_again(rig))
		say(reply, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{"
			   "\"code\":-32603,\"message\":\"internal\"}}");
}

LIE_REPLY(limited)
{
	(void)request;
	if (!lie_again(rig))
		return;
	say(reply, "slow down");
	reply->status = 429;
	reply->headers = "Retry-After: 1\r\n";
}

LIE_REPLY(limited_for_long)
{
	(void)request;
	if (!lie_again(rig))
		return;
	say(reply, "slow down");
	reply->status = 429;
	reply->headers = "Retry-After: 50\r\n";
}

/* After its first answer, blocks 8 and up are others. */
LIE_REPLY(moves)
{
	const struct made_plan fork = {.transfers = 1, .others = 2, .fork = 1};
	size_t n;

	(void)request;
	(void)reply;
	if (++rig->lies != 1)
		return;
	n = rig->chain->n;
	made_cut(rig->chain, 8);
	made_add_many(rig->chain, n - 8, &fork);
}

LIE_CALL(other_block)
{
	const struct made_block *block;

	if (!is(method, "eth_getBlockByNumber") || !lie_again(rig))
		return false;
	block = lie_asked(rig, params);
	buf_puts(out, "\"result\":");
	made_block_json(out, block - 1, true);
	return true;
}

LIE_CALL(other_hash)
{
	struct made_block block;

	if (!is(method, "eth_getBlockByNumber") || !lie_again(rig))
		return false;
	block = *lie_asked(rig, params);
	block.header.hash.b[31] ^= 1;
	buf_puts(out, "\"result\":");
	made_block_json(out, &block, true);
	return true;
}

/* Says all of the block but its last receipt. */
LIE_CALL(receipt_left_out)
{
	struct made_block block;

	if (!is(method, "eth_getBlockReceipts") || !lie_again(rig))
		return false;
	block = *lie_asked(rig, params);
	block.receipts.n--;
	buf_puts(out, "\"result\":");
	made_receipts_json(out, &block);
	return true;
}

/* The log is there, but its amount is another. */
LIE_CALL(receipt_changed)
{
	struct made_block block;
	struct receipt list[8];
	struct raw_log log;
	static const char amount[] = "another amount, of 32 bytes, too";

	if (!is(method, "eth_getBlockReceipts") || !lie_again(rig))
		return false;
	block = *lie_asked(rig, params);
	memcpy(list, block.receipts.list, block.receipts.n * sizeof(list[0]));
	block.receipts.list = list;
	log = list[1].logs[0];
	log.data = (struct bytes){(const uint8_t *)amount, 32};
	list[1].logs = &log;
	buf_puts(out, "\"result\":");
	made_receipts_json(out, &block);
	return true;
}

LIE_CALL(no_receipts)
{
	(void)params;
	if (!is(method, "eth_getBlockReceipts") || !lie_again(rig))
		return false;
	buf_puts(out, "\"result\":[]");
	return true;
}

LIE_CALL(null_receipts)
{
	(void)params;
	if (!is(method, "eth_getBlockReceipts") || !lie_again(rig))
		return false;
	buf_puts(out, "\"result\":null");
	return true;
}

LIE_CALL(null_blocks)
{
	(void)params;
	if (!is(method, "eth_getBlockByNumber") || !lie_again(rig))
		return false;
	buf_puts(out, "\"result\":null");
	return true;
}

LIE_CALL(unknown_method)
{
	(void)params;
	if (!is(method, "eth_getBlockReceipts") || !lie_again(rig))
		return false;
	buf_puts(out, "\"error\":{\"code\":-32601,\"message\":\"what?\"}");
	return true;
}

/* The header is right, the transactions under it are another block's. */
LIE_CALL(other_transactions)
{
	struct made_block block;
	bool full = false;

	if (strncmp(method, "eth_getBlockBy", 14) != 0 ||
	    !json_bool(&full, json_element(params, 1)) || !full ||
	    !lie_again(rig))
		return false;
	block = *lie_asked(rig, params);
	block.transactions = (&rig->chain->blocks[1])->transactions;
	buf_puts(out, "\"result\":");
	made_block_json(out, &block, true);
	return true;
}

/* Answers eth_getLogs as if the filter were another. */
static void logs_of(struct rig *rig, const char *filter, struct buf *out)
{
	struct json_doc *doc;

	assert_int_equal(json_doc_parse(&doc, filter, strlen(filter), NULL),
			 OK);
	made_call(rig->chain, "eth_getLogs", json_doc_root(doc), out);
	json_doc_free(doc);
}

LIE_CALL(other_range)
{
	(void)params;
	if (!is(method, "eth_getLogs") || !lie_again(rig))
		return false;
	logs_of(rig,
		"[{\"fromBlock\":\"0x0\",\"toBlock\":\"0xff\",\"address\":"
		"\"" MADE_TOKEN "\"}]",
		out);
	return true;
}

LIE_CALL(other_addresses)
{
	(void)params;
	if (!is(method, "eth_getLogs") || !lie_again(rig))
		return false;
	logs_of(rig, "[{\"fromBlock\":\"0x5\",\"toBlock\":\"0x9\"}]", out);
	return true;
}

/* It has not come so far, and says so only about the block. */
LIE_CALL(lags)
{
	(void)params;
	if (!lie_again(rig))
		return false;
	buf_puts(out, is(method, "eth_getLogs") ? "\"result\":[]"
						: "\"result\":null");
	return true;
}

LIE_CALL(stale_logs)
{
	struct hash kept;
	struct made_block *block = &rig->chain->blocks[9];

	if (!is(method, "eth_getLogs") || !lie_again(rig))
		return false;
	kept = block->header.hash;
	block->header.hash.b[0] ^= 1;
	made_call(rig->chain, method, params, out);
	block->header.hash = kept;
	return true;
}

LIE_CALL(logs_twice)
{
	const char *head = "\"result\":[";
	size_t start = out->len, len;
	char *copy;

	if (!is(method, "eth_getLogs") || !lie_again(rig))
		return false;
	made_call(rig->chain, method, params, out);
	copy = strdup(out->data + start + strlen(head));
	assert_non_null(copy);
	len = strlen(copy);
	out->data[out->len - 1] = ',';
	buf_add(out, copy, len);
	free(copy);
	return true;
}
