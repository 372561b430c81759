#include "chain/transaction.h"

#include <secp256k1.h>
#include <string.h>

#include "chain/proof.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/lib_raw.h"

/* Reads: a block with its transactions as eth_getBlockByNumber gives it.
 *
 * Holds: transactions that are read encode to what decodes to the same; they
 * prove the root that they hash to, and no other; who signed is found again,
 * and is not who signed something else. */

static secp256k1_context *secp;

/* But for the lists, whose encoding tells. */
static bool same_call(const struct transaction *a, const struct transaction *b)
{
	return a->type == b->type && a->chain_id == b->chain_id &&
	       a->nonce == b->nonce && a->gas == b->gas &&
	       u256_cmp(&a->gas_price, &b->gas_price) == 0 &&
	       u256_cmp(&a->max_fee, &b->max_fee) == 0 &&
	       u256_cmp(&a->max_priority_fee, &b->max_priority_fee) == 0 &&
	       u256_cmp(&a->max_blob_fee, &b->max_blob_fee) == 0 &&
	       a->has_to == b->has_to && address_eq(&a->to, &b->to) &&
	       u256_cmp(&a->value, &b->value) == 0 &&
	       a->input.len == b->input.len && a->v == b->v &&
	       u256_cmp(&a->r, &b->r) == 0 && u256_cmp(&a->s, &b->s) == 0 &&
	       a->n_access == b->n_access &&
	       a->n_blob_hashes == b->n_blob_hashes &&
	       a->n_authorizations == b->n_authorizations;
}

static void check_encoding(const struct transaction *tx, struct bytes text,
			   struct arena *arena)
{
	struct rlp_item item = {.payload = text, .whole = text};
	struct bytes rest = text;
	struct transaction again;
	struct buf other;

	CHECK(text.len > 0);
	if (text.data[0] >= 0xc0)
		CHECK(rlp_next(&item, &rest) == OK && rest.len == 0);
	raw_transaction(&again, &item, arena);
	CHECK(same_call(&again, tx));
	buf_init(&other, 1u << 20);
	transaction_encode(&other, &again);
	CHECK(other.err == OK && other.len == text.len);
	CHECK(memcmp(other.data, text.data, text.len) == 0);
	buf_free(&other);
}

static void check_sender(const struct transaction *tx)
{
	struct transaction other = *tx;
	struct address one, two;
	enum err err = transaction_sender(&one, tx, secp);

	CHECK(err == OK || err == ERR_MISSING);
	if (err != OK)
		return;
	CHECK(transaction_sender(&two, tx, secp) == OK);
	CHECK(address_eq(&one, &two));
	other.nonce ^= 1;
	if (transaction_sender(&two, &other, secp) == OK)
		CHECK(!address_eq(&one, &two));
}

static void check_proof(const struct json *block, const struct hash *root,
			struct arena *arena)
{
	struct header header = {.transactions_root = *root};
	struct fault fault = {0};
	struct transactions txs;

	CHECK(proof_transactions(&txs, &header, block, arena, &fault) == OK);
	header.transactions_root.b[31] ^= 0x80;
	CHECK(proof_transactions(&txs, &header, block, arena, &fault) ==
	      ERR_UNPROVEN);
	check_fault(ERR_UNPROVEN, &fault);
}

static void check_transactions(struct transactions *txs,
			       const struct json *block, struct arena *arena)
{
	struct hash root, other;

	CHECK(transactions_root(&root, txs, arena) == OK);
	for (size_t i = 0; i < txs->n; i++)
		check_encoding(&txs->list[i], txs->encoded[i], arena);
	check_proof(block, &root, arena);
	if (txs->n == 0)
		return;
	check_sender(&txs->list[0]);
	txs->list[txs->n - 1].gas ^= 1;
	CHECK(transactions_root(&other, txs, arena) == OK);
	CHECK(!hash_eq(&root, &other));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc *doc = input_json(data, size);
	struct arena *arena = fuzz_arena();
	struct transactions txs;
	struct fault fault = {0};
	enum err err;

	if (!secp)
		secp = secp256k1_context_create(SECP256K1_CONTEXT_VERIFY);
	CHECK(secp);
	if (!doc) {
		arena_free(arena);
		return 0;
	}
	err = parse_transactions(&txs, json_doc_root(doc), arena, &fault);
	if (err == OK)
		check_transactions(&txs, json_doc_root(doc), arena);
	else
		check_fault(err, &fault);
	json_doc_free(doc);
	arena_free(arena);
	return 0;
}
