#include "chain/transaction.h"

#include "chain/rlp.h"
#include "chain/trie.h"
#include "common/keccak.h"
#include <secp256k1_recovery.h>
#include <string.h>

/* Of one transaction: its input costs gas by the byte. */
#define MAX_ENCODED (64u << 20)

/* EIP-155: v = 35 + 2 * chain id + parity; before it, 27 + parity. */
#define V_UNPROTECTED 27
#define V_PROTECTED 35

static void put_hashes(struct buf *out, const struct hash *hashes, size_t n)
{
	size_t list = rlp_open_list(out);

	for (size_t i = 0; i < n; i++)
		rlp_put_bytes(out, hashes[i].b, sizeof(hashes[i].b));
	rlp_close_list(out, list);
}

static void put_access_list(struct buf *out, const struct transaction *tx)
{
	size_t list = rlp_open_list(out);

	for (size_t i = 0; i < tx->n_access; i++) {
		const struct access *access = &tx->access_list[i];
		size_t tuple = rlp_open_list(out);

		rlp_put_bytes(out, access->address.b,
			      sizeof(access->address.b));
		put_hashes(out, access->keys, access->n_keys);
		rlp_close_list(out, tuple);
	}
	rlp_close_list(out, list);
}

static void put_authorizations(struct buf *out, const struct transaction *tx)
{
	size_t list = rlp_open_list(out);

	for (size_t i = 0; i < tx->n_authorizations; i++) {
		const struct authorization *a = &tx->authorizations[i];
		size_t tuple = rlp_open_list(out);

		rlp_put_u256(out, &a->chain_id);
		rlp_put_bytes(out, a->address.b, sizeof(a->address.b));
		rlp_put_u64(out, a->nonce);
		rlp_put_u64(out, a->y_parity);
		rlp_put_u256(out, &a->r);
		rlp_put_u256(out, &a->s);
		rlp_close_list(out, tuple);
	}
	rlp_close_list(out, list);
}

/* What stands between the fees and the signature in every type. */
static void put_call(struct buf *out, const struct transaction *tx)
{
	rlp_put_u64(out, tx->gas);
	rlp_put_bytes(out, tx->to.b, tx->has_to ? sizeof(tx->to.b) : 0);
	rlp_put_u256(out, &tx->value);
	rlp_put_bytes(out, tx->input.data, tx->input.len);
}

static void put_legacy(struct buf *out, const struct transaction *tx)
{
	rlp_put_u64(out, tx->nonce);
	rlp_put_u256(out, &tx->gas_price);
	put_call(out, tx);
}

static void put_typed(struct buf *out, const struct transaction *tx)
{
	rlp_put_u64(out, tx->chain_id);
	rlp_put_u64(out, tx->nonce);
	if (tx->type == TRANSACTION_ACCESS_LIST) {
		rlp_put_u256(out, &tx->gas_price);
	} else {
		rlp_put_u256(out, &tx->max_priority_fee);
		rlp_put_u256(out, &tx->max_fee);
	}
	put_call(out, tx);
	put_access_list(out, tx);
	if (tx->type == TRANSACTION_BLOB) {
		rlp_put_u256(out, &tx->max_blob_fee);
		put_hashes(out, tx->blob_hashes, tx->n_blob_hashes);
	}
	if (tx->type == TRANSACTION_SET_CODE)
		put_authorizations(out, tx);
}

/* The type byte and the fields without the signature; the list stays open. */
static size_t put_unsigned(struct buf *out, const struct transaction *tx)
{
	size_t list;

	if (tx->type != TRANSACTION_LEGACY)
		buf_putc(out, (char)tx->type);
	list = rlp_open_list(out);
	if (tx->type == TRANSACTION_LEGACY)
		put_legacy(out, tx);
	else
		put_typed(out, tx);
	return list;
}

void transaction_encode(struct buf *out, const struct transaction *tx)
{
	size_t list = put_unsigned(out, tx);

	rlp_put_u64(out, tx->v);
	rlp_put_u256(out, &tx->r);
	rlp_put_u256(out, &tx->s);
	rlp_close_list(out, list);
}

/* EIP-155: a protected legacy transaction signs (chain id, 0, 0) in place of
 * the signature. */
enum err transaction_signing_hash(struct hash *out,
				  const struct transaction *tx)
{
	struct buf text;
	size_t list;
	enum err err;

	buf_init(&text, MAX_ENCODED);
	list = put_unsigned(&text, tx);
	if (tx->type == TRANSACTION_LEGACY && tx->v >= V_PROTECTED) {
		rlp_put_u64(&text, (tx->v - V_PROTECTED) / 2);
		rlp_put_u64(&text, 0);
		rlp_put_u64(&text, 0);
	}
	rlp_close_list(&text, list);
	err = text.err;
	if (err == OK)
		*out = keccak256(text.data, text.len);
	buf_free(&text);
	return err;
}

/* The parity of the signature's point; false when v holds none. */
static bool parity_of(int *out, const struct transaction *tx)
{
	uint64_t parity = tx->v;

	if (tx->type == TRANSACTION_LEGACY) {
		if (tx->v < V_UNPROTECTED)
			return false;
		parity = tx->v < V_PROTECTED ? tx->v - V_UNPROTECTED
					     : (tx->v - V_PROTECTED) % 2;
	}
	if (parity > 1)
		return false;
	*out = (int)parity;
	return true;
}

/* An address is the end of the hash of the public key: Yellow Paper,
 * appendix F. */
static void address_of_key(struct address *out, const secp256k1_context *secp,
			   const secp256k1_pubkey *key)
{
	uint8_t point[65]; /* 0x04, x, y */
	size_t len = sizeof(point);
	struct hash hash;

	(void)secp256k1_ec_pubkey_serialize(secp, point, &len, key,
					    SECP256K1_EC_UNCOMPRESSED);
	hash = keccak256(point + 1, sizeof(point) - 1);
	memcpy(out->b, hash.b + sizeof(hash.b) - sizeof(out->b),
	       sizeof(out->b));
}

enum err transaction_sender(struct address *out, const struct transaction *tx,
			    const secp256k1_context *secp)
{
	secp256k1_ecdsa_recoverable_signature signature;
	secp256k1_pubkey key;
	struct hash hash;
	uint8_t rs[64];
	int parity;
	enum err err;

	if (!parity_of(&parity, tx))
		return ERR_MISSING;
	u256_to_be(rs, &tx->r);
	u256_to_be(rs + 32, &tx->s);
	err = transaction_signing_hash(&hash, tx);
	if (err != OK)
		return err;
	if (!secp256k1_ecdsa_recoverable_signature_parse_compact(
		secp, &signature, rs, parity) ||
	    !secp256k1_ecdsa_recover(secp, &key, &signature, hash.b))
		return ERR_MISSING;
	address_of_key(out, secp, &key);
	return OK;
}

static void encode_item(struct buf *out, const void *transaction)
{
	transaction_encode(out, transaction);
}

enum err transactions_root(struct hash *out, struct transactions *transactions,
			   struct arena *arena)
{
	struct bytes *values;
	enum err err = trie_values(&values, transactions->list, transactions->n,
				   sizeof(*transactions->list), encode_item,
				   MAX_ENCODED, arena);

	if (err == OK)
		err = trie_ordered_root(out, values, transactions->n, arena);
	if (err == OK)
		transactions->encoded = values;
	return err;
}
