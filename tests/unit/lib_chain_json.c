#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_chain.h"

static void put_hash(struct buf *out, const char *name, const struct hash *hash)
{
	char text[HASH_TEXT_SIZE];

	buf_printf(out, "\"%s\":\"%s\",", name, hash_format(text, hash));
}

static void put_address(struct buf *out, const char *name,
			const struct address *address)
{
	char text[ADDRESS_TEXT_SIZE];

	buf_printf(out, "\"%s\":\"%s\",", name, address_format(text, address));
}

static void put_data(struct buf *out, const char *name, const void *data,
		     size_t len)
{
	buf_printf(out, "\"%s\":\"0x", name);
	buf_hex(out, data, len);
	buf_puts(out, "\",");
}

static void put_u64(struct buf *out, const char *name, uint64_t value)
{
	buf_printf(out, "\"%s\":\"0x%" PRIx64 "\",", name, value);
}

/* Of those that fit 64 bits. */
static void put_u256(struct buf *out, const char *name, const struct u256 *v)
{
	uint64_t value;

	assert_true(u256_to_u64(&value, v));
	put_u64(out, name, value);
}

static void put_header(struct buf *out, const struct header *h)
{
	put_hash(out, "hash", &h->hash);
	put_hash(out, "parentHash", &h->parent_hash);
	put_hash(out, "sha3Uncles", &h->ommers_hash);
	put_address(out, "miner", &h->miner);
	put_hash(out, "stateRoot", &h->state_root);
	put_hash(out, "transactionsRoot", &h->transactions_root);
	put_hash(out, "receiptsRoot", &h->receipts_root);
	put_data(out, "logsBloom", h->logs_bloom.b, sizeof(h->logs_bloom.b));
	put_u256(out, "difficulty", &h->difficulty);
	put_u64(out, "number", h->number);
	put_u64(out, "gasLimit", h->gas_limit);
	put_u64(out, "gasUsed", h->gas_used);
	put_u64(out, "timestamp", h->timestamp);
	put_data(out, "extraData", h->extra_data.data, h->extra_data.len);
	put_hash(out, "mixHash", &h->mix_hash);
	put_data(out, "nonce", h->nonce, sizeof(h->nonce));
	put_u256(out, "baseFeePerGas", &h->base_fee);
}

static void put_transaction(struct buf *out, const struct transaction *tx)
{
	buf_puts(out, "{");
	put_u64(out, "nonce", tx->nonce);
	put_u256(out, "gasPrice", &tx->gas_price);
	put_u64(out, "gas", tx->gas);
	put_address(out, "to", &tx->to);
	put_u256(out, "value", &tx->value);
	put_data(out, "input", tx->input.data, tx->input.len);
	put_u64(out, "v", tx->v);
	put_u256(out, "r", &tx->r);
	put_u256(out, "s", &tx->s);
	buf_puts(out, "\"type\":\"0x0\"}");
}

void made_block_json(struct buf *out, const struct made_block *block, bool full)
{
	char text[HASH_TEXT_SIZE];

	buf_puts(out, "{");
	put_header(out, &block->header);
	buf_puts(out, "\"transactions\":[");
	for (size_t i = 0; i < block->transactions.n; i++) {
		buf_puts(out, i > 0 ? "," : "");
		if (full)
			put_transaction(out, &block->transactions.list[i]);
		else
			buf_printf(out, "\"%s\"",
				   hash_format(text, &block->tx_hashes[i]));
	}
	buf_puts(out, "]}");
}

/* Log 0 of receipt i, which is log i of the block. */
static void put_log(struct buf *out, const struct made_block *block, size_t i)
{
	const struct raw_log *log = &block->receipts.list[i].logs[0];
	char text[HASH_TEXT_SIZE];

	buf_puts(out, "{");
	put_address(out, "address", &log->address);
	put_data(out, "data", log->data.data, log->data.len);
	put_hash(out, "blockHash", &block->header.hash);
	put_u64(out, "blockNumber", block->header.number);
	put_hash(out, "transactionHash", &block->tx_hashes[i]);
	put_u64(out, "transactionIndex", i);
	put_u64(out, "logIndex", i);
	buf_puts(out, "\"removed\":false,\"topics\":[");
	for (size_t t = 0; t < log->n_topics; t++)
		buf_printf(out, "%s\"%s\"", t > 0 ? "," : "",
			   hash_format(text, &log->topics[t]));
	buf_puts(out, "]}");
}

static void put_receipt(struct buf *out, const struct made_block *block,
			size_t i)
{
	const struct receipt *receipt = &block->receipts.list[i];

	buf_puts(out, "{");
	put_u64(out, "status", receipt->status);
	put_u64(out, "cumulativeGasUsed", receipt->cumulative_gas);
	put_data(out, "logsBloom", receipt->bloom.b, sizeof(receipt->bloom.b));
	put_u64(out, "type", receipt->type);
	buf_puts(out, "\"logs\":[");
	put_log(out, block, i);
	buf_puts(out, "]}");
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
