#ifndef GS_CHAIN_TRANSACTION_H
#define GS_CHAIN_TRANSACTION_H

#include <stdbool.h>

#include "common/address.h"
#include "common/arena.h"
#include "common/buf.h"
#include "common/u256.h"

struct secp256k1_context_struct;

/* Transactions as a block's body holds them (EIP-2718); a blob transaction
 * there has no sidecar. */
enum transaction_type {
	TRANSACTION_LEGACY = 0,	     /* with and without EIP-155 */
	TRANSACTION_ACCESS_LIST = 1, /* EIP-2930 */
	TRANSACTION_DYNAMIC_FEE = 2, /* EIP-1559 */
	TRANSACTION_BLOB = 3,	     /* EIP-4844 */
	TRANSACTION_SET_CODE = 4,    /* EIP-7702 */
	TRANSACTION_TYPES
};

struct access {
	struct address address;
	struct hash *keys;
	size_t n_keys;
};

struct authorization {
	struct u256 chain_id;
	struct address address;
	uint64_t nonce;
	uint64_t y_parity;
	struct u256 r, s;
};

/* A field its type does not have is zero. Pointers are borrowed. */
struct transaction {
	enum transaction_type type;
	uint64_t chain_id; /* not of a legacy one: it is inside v */
	uint64_t nonce;
	struct u256 gas_price;
	struct u256 max_priority_fee, max_fee;
	uint64_t gas;
	bool has_to; /* false: it creates a contract */
	struct address to;
	struct u256 value;
	struct bytes input;
	struct access *access_list;
	size_t n_access;
	struct u256 max_blob_fee;
	struct hash *blob_hashes;
	size_t n_blob_hashes;
	struct authorization *authorizations;
	size_t n_authorizations;
	uint64_t
	    v; /* legacy: 27, 28 or 35 + 2 * chain id + parity; else 0, 1 */
	struct u256 r, s;
};

/* All transactions of a block, in its order. */
struct transactions {
	struct transaction *list;
	struct bytes *encoded; /* by transactions_root; NULL before */
	size_t n;
};

/* Appends the transaction as transactionsRoot holds it; its keccak256 is the
 * transaction's hash. */
void transaction_encode(struct buf *out, const struct transaction *tx);

/* What its sender signs; of a legacy one, v says whether EIP-155 protects it.
 * ERR_NOMEM, ERR_LIMIT. */
enum err transaction_signing_hash(struct hash *out,
				  const struct transaction *tx) MUST_CHECK;

/* Who signed. ERR_MISSING when the signature yields nobody (a chain's own
 * system transactions are like that), ERR_NOMEM. secp is any context of
 * libsecp256k1. */
enum err
transaction_sender(struct address *out, const struct transaction *tx,
		   const struct secp256k1_context_struct *secp) MUST_CHECK;

/* Encodes them all into arena (transactions->encoded) and hashes the trie. */
enum err transactions_root(struct hash *out, struct transactions *transactions,
			   struct arena *arena) MUST_CHECK;

#endif
