#include "chain/receipt.h"

#include <string.h>

#include "chain/proof.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/lib_raw.h"

/* Reads: receipts as eth_getBlockReceipts gives them.
 *
 * Holds: receipts that are read encode to what decodes to the same; they prove
 * the root that they hash to, if their logs make their blooms, and no other;
 * and one bit less in one of them makes another root. */

#define TEXT_CAP (1u << 20)

static void check_encoding(const struct receipt *receipt, struct arena *arena)
{
	struct receipt again;
	struct buf text, other;
	struct bytes rlp;

	buf_init(&text, TEXT_CAP);
	buf_init(&other, TEXT_CAP);
	receipt_encode(&text, receipt);
	rlp = (struct bytes){(const uint8_t *)text.data, text.len};
	raw_receipt(&again, rlp, arena);
	CHECK(same_receipt(&again, receipt));
	receipt_encode(&other, &again);
	CHECK(text.err == OK && other.err == OK && other.len == text.len);
	CHECK(memcmp(other.data, text.data, text.len) == 0);
	buf_free(&other);
	buf_free(&text);
}

static void check_bloom(const struct bloom *bloom, const struct raw_log *log)
{
	CHECK(bloom_has(bloom, log->address.b, sizeof(log->address.b)));
	for (size_t i = 0; i < log->n_topics; i++)
		CHECK(bloom_has(bloom, log->topics[i].b,
				sizeof(log->topics[i].b)));
}

/* What the header of their block would say. Returns whether each receipt's
 * bloom is that of its logs. */
static bool claim(struct header *header, const struct receipts *receipts,
		  struct arena *arena)
{
	bool right = true;

	*header = (struct header){0};
	CHECK(receipts_root(&header->receipts_root, receipts, arena) == OK);
	for (size_t i = 0; i < receipts->n; i++) {
		const struct receipt *receipt = &receipts->list[i];
		struct bloom bloom;

		receipt_bloom(&bloom, receipt);
		for (size_t k = 0; k < receipt->n_logs; k++)
			check_bloom(&bloom, &receipt->logs[k]);
		right &= bloom_eq(&bloom, &receipt->bloom);
		bloom_merge(&header->logs_bloom, &receipt->bloom);
	}
	return right;
}

static void check_proof(const struct json *result, struct header *header,
			bool right, struct arena *arena)
{
	struct fault fault = {0};
	struct receipts receipts;
	enum err err = proof_receipts(&receipts, header, result, arena, &fault);

	CHECK(err == (right ? OK : ERR_UNPROVEN));
	if (err != OK)
		check_fault(err, &fault);
	header->receipts_root.b[3] ^= 0x10;
	CHECK(proof_receipts(&receipts, header, result, arena, &fault) ==
	      ERR_UNPROVEN);
	check_fault(ERR_UNPROVEN, &fault);
	header->receipts_root.b[3] ^= 0x10;
}

/* Bends the receipt that which names; the root must change. */
static void check_change(struct receipts *receipts, size_t which,
			 const struct header *header, struct arena *arena)
{
	struct receipt *receipt = &receipts->list[which % receipts->n];
	struct hash root;

	if (receipt->n_logs > 0 && which % 3 == 0)
		receipt->logs[which % receipt->n_logs].address.b[19] ^= 1;
	else if (receipt->n_logs > 0 && which % 3 == 1)
		receipt->n_logs--;
	else
		receipt->cumulative_gas ^= 1;
	CHECK(receipts_root(&root, receipts, arena) == OK);
	CHECK(!hash_eq(&root, &header->receipts_root));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc *doc = input_json(data, size);
	struct arena *arena = fuzz_arena();
	struct receipts receipts;
	struct fault fault = {0};
	struct header header;
	enum err err;
	bool right;

	if (!doc) {
		arena_free(arena);
		return 0;
	}
	err = parse_receipts(&receipts, json_doc_root(doc), arena, &fault);
	if (err == OK) {
		for (size_t i = 0; i < receipts.n; i++)
			check_encoding(&receipts.list[i], arena);
		right = claim(&header, &receipts, arena);
		check_proof(json_doc_root(doc), &header, right, arena);
		if (receipts.n > 0)
			check_change(&receipts, size, &header, arena);
	} else {
		check_fault(err, &fault);
	}
	json_doc_free(doc);
	arena_free(arena);
	return 0;
}
