#include "chain/header.h"

#include "chain/rlp.h"
#include "common/keccak.h"

/* All fields but extra_data, generously. */
#define REST_OF_HEADER 2048

static void put_hash(struct buf *out, const struct hash *hash)
{
	rlp_put_bytes(out, hash->b, sizeof(hash->b));
}

/* What forks appended. */
static void put_optional(struct buf *out, const struct header *h)
{
	if (h->n_fields >= HEADER_BASE_FEE)
		rlp_put_u256(out, &h->base_fee);
	if (h->n_fields >= HEADER_WITHDRAWALS_ROOT)
		put_hash(out, &h->withdrawals_root);
	if (h->n_fields >= HEADER_BLOB_GAS_USED)
		rlp_put_u64(out, h->blob_gas_used);
	if (h->n_fields >= HEADER_EXCESS_BLOB_GAS)
		rlp_put_u64(out, h->excess_blob_gas);
	if (h->n_fields >= HEADER_BEACON_ROOT)
		put_hash(out, &h->beacon_root);
	if (h->n_fields >= HEADER_REQUESTS_HASH)
		put_hash(out, &h->requests_hash);
	if (h->n_fields >= HEADER_ACCESS_LIST_HASH)
		put_hash(out, &h->access_list_hash);
	if (h->n_fields >= HEADER_SLOT_NUMBER)
		rlp_put_u64(out, h->slot_number);
}

void header_encode(struct buf *out, const struct header *h)
{
	size_t list = rlp_open_list(out);

	put_hash(out, &h->parent_hash);
	put_hash(out, &h->ommers_hash);
	rlp_put_bytes(out, h->miner.b, sizeof(h->miner.b));
	put_hash(out, &h->state_root);
	put_hash(out, &h->transactions_root);
	put_hash(out, &h->receipts_root);
	rlp_put_bytes(out, h->logs_bloom.b, sizeof(h->logs_bloom.b));
	rlp_put_u256(out, &h->difficulty);
	rlp_put_u64(out, h->number);
	rlp_put_u64(out, h->gas_limit);
	rlp_put_u64(out, h->gas_used);
	rlp_put_u64(out, h->timestamp);
	rlp_put_bytes(out, h->extra_data.data, h->extra_data.len);
	put_hash(out, &h->mix_hash);
	rlp_put_bytes(out, h->nonce, sizeof(h->nonce));
	put_optional(out, h);
	rlp_close_list(out, list);
}

enum err header_hash(struct hash *out, const struct header *header)
{
	struct buf text;
	enum err err;

	buf_init(&text, HEADER_MAX_EXTRA + REST_OF_HEADER);
	header_encode(&text, header);
	err = text.err;
	if (err == OK)
		*out = keccak256(text.data, text.len);
	buf_free(&text);
	return err;
}

enum err header_ref(struct block_ref *out, const struct header *header)
{
	if (header->timestamp > INT64_MAX || header->number > INT64_MAX)
		return ERR_RANGE;
	*out = (struct block_ref){
	    .number = header->number,
	    .hash = header->hash,
	    .parent_hash = header->parent_hash,
	    .timestamp = (int64_t)header->timestamp,
	};
	return OK;
}
