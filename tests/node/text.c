#include "tests/node/text.h"

#include <string.h>

static void name_of(struct buf *out, const char *name)
{
	buf_putc(out, '"');
	buf_puts(out, name);
	buf_add(out, "\":\"0x", 5);
}

void text_data(struct buf *out, const char *name, const void *data, size_t len)
{
	name_of(out, name);
	buf_hex(out, data, len);
	buf_add(out, "\",", 2);
}

void text_quantity(struct buf *out, const char *name, uint64_t value)
{
	char digits[16];
	size_t n = sizeof(digits);

	name_of(out, name);
	do
		digits[--n] = "0123456789abcdef"[value & 15];
	while (value >>= 4);
	buf_add(out, digits + n, sizeof(digits) - n);
	buf_add(out, "\",", 2);
}

static void put_hash(struct buf *out, const char *name, const struct hash *hash)
{
	text_data(out, name, hash->b, sizeof(hash->b));
}

static void put_address(struct buf *out, const char *name,
			const struct address *address)
{
	text_data(out, name, address->b, sizeof(address->b));
}

static void put_u256(struct buf *out, const char *name, const struct u256 *v)
{
	uint8_t bytes[32];
	char digits[65];
	const char *text = digits;

	u256_to_be(bytes, v);
	hex_encode(digits, bytes, sizeof(bytes));
	while (text[0] == '0' && text[1])
		text++;
	name_of(out, name);
	buf_puts(out, text);
	buf_add(out, "\",", 2);
}

static void put_hashes(struct buf *out, const char *name,
		       const struct hash *hashes, size_t n)
{
	buf_printf(out, "\"%s\":[", name);
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, i > 0 ? ",\"0x" : "\"0x");
		buf_hex(out, hashes[i].b, sizeof(hashes[i].b));
		buf_putc(out, '"');
	}
	buf_puts(out, "],");
}

static void put_newer_fields(struct buf *out, const struct header *h)
{
	if (h->n_fields >= HEADER_BASE_FEE)
		put_u256(out, "baseFeePerGas", &h->base_fee);
	if (h->n_fields >= HEADER_WITHDRAWALS_ROOT)
		put_hash(out, "withdrawalsRoot", &h->withdrawals_root);
	if (h->n_fields >= HEADER_BLOB_GAS_USED)
		text_quantity(out, "blobGasUsed", h->blob_gas_used);
	if (h->n_fields >= HEADER_EXCESS_BLOB_GAS)
		text_quantity(out, "excessBlobGas", h->excess_blob_gas);
	if (h->n_fields >= HEADER_BEACON_ROOT)
		put_hash(out, "parentBeaconBlockRoot", &h->beacon_root);
	if (h->n_fields >= HEADER_REQUESTS_HASH)
		put_hash(out, "requestsHash", &h->requests_hash);
	if (h->n_fields >= HEADER_ACCESS_LIST_HASH)
		put_hash(out, "blockAccessListHash", &h->access_list_hash);
	if (h->n_fields >= HEADER_SLOT_NUMBER)
		text_quantity(out, "slotNumber", h->slot_number);
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
	text_data(out, "logsBloom", h->logs_bloom.b, sizeof(h->logs_bloom.b));
	put_u256(out, "difficulty", &h->difficulty);
	text_quantity(out, "number", h->number);
	text_quantity(out, "gasLimit", h->gas_limit);
	text_quantity(out, "gasUsed", h->gas_used);
	text_quantity(out, "timestamp", h->timestamp);
	text_data(out, "extraData", h->extra_data.data, h->extra_data.len);
	put_hash(out, "mixHash", &h->mix_hash);
	text_data(out, "nonce", h->nonce, sizeof(h->nonce));
	put_newer_fields(out, h);
	buf_puts(out, "\"size\":\"0x220\",\"uncles\":[],");
	if (h->n_fields >= HEADER_WITHDRAWALS_ROOT)
		buf_puts(out, "\"withdrawals\":[],");
}

static void put_typed(struct buf *out, const struct transaction *tx)
{
	if (tx->type <= TRANSACTION_ACCESS_LIST) {
		put_u256(out, "gasPrice", &tx->gas_price);
	} else {
		put_u256(out, "maxPriorityFeePerGas", &tx->max_priority_fee);
		put_u256(out, "maxFeePerGas", &tx->max_fee);
	}
	if (tx->type >= TRANSACTION_ACCESS_LIST) {
		text_quantity(out, "chainId", tx->chain_id);
		buf_puts(out, "\"accessList\":[],");
		text_quantity(out, "yParity", tx->v);
	}
	if (tx->type == TRANSACTION_BLOB) {
		put_u256(out, "maxFeePerBlobGas", &tx->max_blob_fee);
		put_hashes(out, "blobVersionedHashes", tx->blob_hashes,
			   tx->n_blob_hashes);
	}
}

static void put_authorizations(struct buf *out, const struct transaction *tx)
{
	buf_puts(out, "\"authorizationList\":[");
	for (size_t i = 0; i < tx->n_authorizations; i++) {
		const struct authorization *a = &tx->authorizations[i];

		buf_puts(out, i > 0 ? ",{" : "{");
		put_u256(out, "chainId", &a->chain_id);
		put_address(out, "address", &a->address);
		text_quantity(out, "nonce", a->nonce);
		text_quantity(out, "yParity", a->y_parity);
		put_u256(out, "r", &a->r);
		put_u256(out, "s", &a->s);
		out->len--;
		buf_puts(out, "}");
	}
	buf_puts(out, "],");
}

void text_transaction(struct buf *out, const struct text_place *place,
		      const struct transaction *tx, const struct address *from)
{
	buf_putc(out, '{');
	put_hash(out, "hash", place->hash);
	put_hash(out, "blockHash", &place->header->hash);
	text_quantity(out, "blockNumber", place->header->number);
	text_quantity(out, "transactionIndex", place->tx_index);
	if (from)
		put_address(out, "from", from);
	text_quantity(out, "nonce", tx->nonce);
	text_quantity(out, "gas", tx->gas);
	put_address(out, "to", &tx->to);
	put_u256(out, "value", &tx->value);
	text_data(out, "input", tx->input.data, tx->input.len);
	put_typed(out, tx);
	if (tx->type == TRANSACTION_SET_CODE)
		put_authorizations(out, tx);
	text_quantity(out, "v", tx->v);
	put_u256(out, "r", &tx->r);
	put_u256(out, "s", &tx->s);
	text_quantity(out, "type", tx->type);
	out->len--;
	buf_putc(out, '}');
}

void text_block(struct buf *out, const struct header *header,
		const struct transactions *transactions,
		const struct hash *hashes, const struct address *const *senders,
		bool full)
{
	char text[HASH_TEXT_SIZE];

	buf_putc(out, '{');
	put_header(out, header);
	buf_puts(out, "\"transactions\":[");
	for (size_t i = 0; i < transactions->n; i++) {
		buf_puts(out, i > 0 ? "," : "");
		if (full)
			text_transaction(
			    out,
			    &(struct text_place){.header = header,
						 .hash = &hashes[i],
						 .tx_index = i},
			    &transactions->list[i],
			    senders ? senders[i] : NULL);
		else
			buf_printf(out, "\"%s\"",
				   hash_format(text, &hashes[i]));
	}
	buf_puts(out, "]}");
}

void text_log(struct buf *out, const struct text_place *place,
	      const struct raw_log *log, size_t i)
{
	buf_putc(out, '{');
	put_address(out, "address", &log->address);
	put_hashes(out, "topics", log->topics, log->n_topics);
	text_data(out, "data", log->data.data, log->data.len);
	put_hash(out, "blockHash", &place->header->hash);
	text_quantity(out, "blockNumber", place->header->number);
	text_quantity(out, "blockTimestamp", place->header->timestamp);
	put_hash(out, "transactionHash", place->hash);
	text_quantity(out, "transactionIndex", place->tx_index);
	text_quantity(out, "logIndex", place->log_index + i);
	buf_puts(out, "\"removed\":false}");
}

void text_receipt(struct buf *out, const struct text_place *place,
		  const struct transaction *tx, const struct receipt *receipt)
{
	buf_putc(out, '{');
	put_hash(out, "transactionHash", place->hash);
	text_quantity(out, "transactionIndex", place->tx_index);
	put_hash(out, "blockHash", &place->header->hash);
	text_quantity(out, "blockNumber", place->header->number);
	put_address(out, "to", &tx->to);
	text_quantity(out, "cumulativeGasUsed", receipt->cumulative_gas);
	text_quantity(out, "gasUsed",
		      receipt->cumulative_gas - place->gas_before);
	buf_puts(out,
		 "\"effectiveGasPrice\":\"0x7\",\"contractAddress\":null,");
	text_quantity(out, "status", receipt->status);
	text_quantity(out, "type", receipt->type);
	text_data(out, "logsBloom", receipt->bloom.b, sizeof(receipt->bloom.b));
	buf_puts(out, "\"logs\":[");
	for (size_t i = 0; i < receipt->n_logs; i++) {
		buf_puts(out, i > 0 ? "," : "");
		text_log(out, place, &receipt->logs[i], i);
	}
	buf_puts(out, "]}");
}
