#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/node/text.h"
#include "tests/unit/lib_chain.h"

void made_block_json(struct buf *out, const struct made_block *block, bool full)
{
	text_block(out, &block->header, &block->transactions, block->tx_hashes,
		   NULL, full);
}

/* Each receipt has one log. */
static struct text_place place_of(const struct made_block *block, size_t i)
{
	return (struct text_place){
	    .header = &block->header,
	    .hash = &block->tx_hashes[i],
	    .tx_index = i,
	    .log_index = i,
	    .gas_before =
		i > 0 ? block->receipts.list[i - 1].cumulative_gas : 0,
	};
}

static void put_log(struct buf *out, const struct made_block *block, size_t i)
{
	const struct text_place place = place_of(block, i);

	text_log(out, &place, &block->receipts.list[i].logs[0], 0);
}

static void put_receipt(struct buf *out, const struct made_block *block,
			size_t i)
{
	const struct text_place place = place_of(block, i);

	text_receipt(out, &place, &block->transactions.list[i],
		     &block->receipts.list[i]);
}

void made_receipts_json(struct buf *out, const struct made_block *block)
{
	buf_puts(out, "[");
	for (size_t i = 0; i < block->receipts.n; i++) {
		buf_puts(out, i > 0 ? "," : "");
		put_receipt(out, block, i);
	}
	buf_puts(out, "]");
}

static void put_receipt_of(struct buf *out, const struct made_chain *chain,
			   const char *tx_hash)
{
	struct hash hash;

	assert_int_equal(hash_parse(&hash, tx_hash), OK);
	for (size_t n = 0; n < chain->n; n++)
		for (size_t i = 0; i < chain->blocks[n].receipts.n; i++)
			if (hash_eq(&chain->blocks[n].tx_hashes[i], &hash)) {
				put_receipt(out, &chain->blocks[n], i);
				return;
			}
	buf_puts(out, "null");
}

/* A number, a tag or a hash; NULL where there is no such block. */
static const struct made_block *find(const struct made_chain *chain,
				     const char *text)
{
	uint64_t number = chain->n - 1;
	struct hash hash;

	if (strlen(text) == HASH_TEXT_SIZE - 1) {
		assert_int_equal(hash_parse(&hash, text), OK);
		return made_by_hash(chain, &hash);
	}
	if (strcmp(text, "finalized") == 0)
		return chain->has_final ? &chain->blocks[chain->final] : NULL;
	if (strcmp(text, "latest") != 0)
		assert_int_equal(quantity_parse(&number, text), OK);
	return number < chain->n ? &chain->blocks[number] : NULL;
}

/* Whether a filter's value, one text or an array of them, names text. */
static bool names(const struct json *value, const char *text)
{
	const char *one = json_text(value, NULL);

	if (json_kind(value) == JSON_KIND_ABSENT ||
	    json_kind(value) == JSON_KIND_NULL)
		return true;
	if (one)
		return strcmp(one, text) == 0;
	for (size_t i = 0; i < json_count(value); i++) {
		one = json_text(json_element(value, i), NULL);
		if (one && strcmp(one, text) == 0)
			return true;
	}
	return false;
}

static bool passes(const struct json *filter, const struct raw_log *log)
{
	const struct json *topics = json_member(filter, "topics");
	char text[HASH_TEXT_SIZE];

	if (!names(json_member(filter, "address"),
		   address_format(text, &log->address)))
		return false;
	for (size_t i = 0; i < json_count(topics); i++)
		if (i >= log->n_topics ||
		    !names(json_element(topics, i),
			   hash_format(text, &log->topics[i])))
			return false;
	return true;
}

static uint64_t bound(const struct json *filter, const char *name)
{
	uint64_t number;

	assert_int_equal(
	    quantity_parse(&number, json_text(json_member(filter, name), NULL)),
	    OK);
	return number;
}

static void put_logs(struct buf *out, const struct made_chain *chain,
		     const struct json *filter)
{
	const char *hash = json_text(json_member(filter, "blockHash"), NULL);
	uint64_t from, to;
	const char *comma = "";

	if (hash) {
		from = to = find(chain, hash)->header.number;
	} else {
		from = bound(filter, "fromBlock");
		to = bound(filter, "toBlock");
	}
	buf_puts(out, "[");
	for (uint64_t n = from; n <= to && n < chain->n; n++) {
		const struct made_block *block = &chain->blocks[n];

		for (size_t i = 0; i < block->receipts.n; i++) {
			if (!passes(filter, block->receipts.list[i].logs))
				continue;
			buf_puts(out, comma);
			put_log(out, block, i);
			comma = ",";
		}
	}
	buf_puts(out, "]");
}

void made_call(void *arg, const char *method, const struct json *params,
	       struct buf *out)
{
	const struct made_chain *chain = arg;
	const struct json *first = json_element(params, 0);
	const struct made_block *block;
	bool full = false;

	buf_puts(out, "\"result\":");
	if (strcmp(method, "eth_chainId") == 0) {
		buf_puts(out, "\"0x7a69\"");
	} else if (strcmp(method, "eth_getLogs") == 0) {
		put_logs(out, chain, first);
	} else if (strcmp(method, "eth_getTransactionReceipt") == 0) {
		put_receipt_of(out, chain, json_text(first, NULL));
	} else if (strncmp(method, "eth_getBlock", 12) == 0) {
		block = find(chain, json_text(first, NULL));
		if (!block)
			buf_puts(out, "null");
		else if (strcmp(method, "eth_getBlockReceipts") == 0)
			made_receipts_json(out, block);
		else if (json_bool(&full, json_element(params, 1)))
			made_block_json(out, block, full);
	} else {
		out->len -= strlen("\"result\":");
		buf_puts(out, "\"error\":{\"code\":-32601,\"message\":"
			      "\"Method not found\"}");
	}
}
