#include "chain/header.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "chain/proof.h"
#include "common/keccak.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/lib_raw.h"

/* Reads: a block as eth_getBlockByNumber gives it.
 *
 * Holds: a header that is read encodes to canonical RLP of as many items as it
 * has fields, which decodes to the same header; and it is proven by the hash
 * of that, and by no other. */

#define TEXT_CAP (1u << 20)

static bool same_front(const struct header *a, const struct header *b)
{
	return hash_eq(&a->parent_hash, &b->parent_hash) &&
	       hash_eq(&a->ommers_hash, &b->ommers_hash) &&
	       address_eq(&a->miner, &b->miner) &&
	       hash_eq(&a->state_root, &b->state_root) &&
	       hash_eq(&a->transactions_root, &b->transactions_root) &&
	       hash_eq(&a->receipts_root, &b->receipts_root) &&
	       bloom_eq(&a->logs_bloom, &b->logs_bloom) &&
	       u256_cmp(&a->difficulty, &b->difficulty) == 0 &&
	       a->number == b->number && a->gas_limit == b->gas_limit &&
	       a->gas_used == b->gas_used && a->timestamp == b->timestamp &&
	       a->extra_data.len == b->extra_data.len &&
	       hash_eq(&a->mix_hash, &b->mix_hash) &&
	       memcmp(a->nonce, b->nonce, sizeof(a->nonce)) == 0;
}

static bool same_rest(const struct header *a, const struct header *b)
{
	return a->n_fields == b->n_fields &&
	       u256_cmp(&a->base_fee, &b->base_fee) == 0 &&
	       hash_eq(&a->withdrawals_root, &b->withdrawals_root) &&
	       a->blob_gas_used == b->blob_gas_used &&
	       a->excess_blob_gas == b->excess_blob_gas &&
	       hash_eq(&a->beacon_root, &b->beacon_root) &&
	       hash_eq(&a->requests_hash, &b->requests_hash) &&
	       hash_eq(&a->access_list_hash, &b->access_list_hash) &&
	       a->slot_number == b->slot_number;
}

static void check_encoding(const struct buf *text, const struct header *header)
{
	const struct bytes rlp = {(const uint8_t *)text->data, text->len};
	struct header again;
	struct buf other;

	CHECK(text->err == OK);
	CHECK(rlp_check(rlp) == OK);
	raw_header(&again, rlp);
	CHECK(same_front(&again, header) && same_rest(&again, header));
	buf_init(&other, TEXT_CAP);
	header_encode(&other, &again);
	CHECK(other.len == text->len);
	CHECK(memcmp(other.data, text->data, text->len) == 0);
	buf_free(&other);
}

/* The block with another hash, held against what it hashes to. */
static enum err prove(json_t *block, const struct hash *hash,
		      struct arena *arena, struct fault *fault)
{
	char name[HASH_TEXT_SIZE], *text;
	struct json_doc *doc;
	struct header header;
	enum err err;

	CHECK(json_object_set_new(block, "hash",
				  json_string(hash_format(name, hash))) == 0);
	text = json_dumps(block, JSON_COMPACT);
	CHECK(text);
	doc = input_json((const uint8_t *)text, strlen(text));
	CHECK(doc);
	err = proof_header(&header, json_doc_root(doc), arena, fault);
	if (err == OK)
		CHECK(hash_eq(&header.hash, hash));
	json_doc_free(doc);
	free(text);
	return err;
}

static void check_proof(const uint8_t *data, size_t size,
			const struct hash *right, const struct header *header,
			struct arena *arena)
{
	json_t *block =
	    json_loadb((const char *)data, size, JSON_ALLOW_NUL, NULL);
	struct hash wrong = *right;
	struct fault fault = {0};
	struct block_ref ref;

	CHECK(block);
	wrong.b[header->number % sizeof(wrong.b)] ^= 1;
	CHECK(prove(block, right, arena, &fault) == OK);
	CHECK(prove(block, &wrong, arena, &fault) == ERR_UNPROVEN);
	check_fault(ERR_UNPROVEN, &fault);
	CHECK((header_ref(&ref, header) == OK) ==
	      (header->number <= INT64_MAX && header->timestamp <= INT64_MAX));
	json_decref(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc *doc = input_json(data, size);
	struct arena *arena = fuzz_arena();
	struct header header;
	struct fault fault = {0};
	struct hash hash;
	struct buf text;
	enum err err;

	if (!doc) {
		arena_free(arena);
		return 0;
	}
	err = parse_header(&header, json_doc_root(doc), arena, &fault);
	if (err == OK) {
		buf_init(&text, TEXT_CAP);
		header_encode(&text, &header);
		check_encoding(&text, &header);
		CHECK(header_hash(&hash, &header) == OK);
		CHECK(keccak256(text.data, text.len).b[7] == hash.b[7]);
		buf_free(&text);
		check_proof(data, size, &hash, &header, arena);
	} else {
		check_fault(err, &fault);
	}
	json_doc_free(doc);
	arena_free(arena);
	return 0;
}
