#include <secp256k1.h>
#include <string.h>

#include "chain/proof.h"
#include "common/keccak.h"
#include "tests/fuzz/fuzz.h"

/* Reads: {"block": as eth_getBlockByNumber gives it with its transactions,
 * "receipts": as eth_getBlockReceipts gives them}. The roots and the bloom that
 * the header ought to have are put into it; the first log of the last receipt that has
 * one concerns us.
 *
 * Holds: the block has those logs of its receipts that concern us, each at the
 * place and in the transaction where it stands; and none without as many
 * transactions as receipts. */

static secp256k1_context *secp;

struct pieces {
	struct header header;
	struct receipts receipts;
	struct transactions txs;
	struct catalog_interest interest;
	struct prover prover;
};

static enum err read_pieces(struct pieces *p, const struct json *root,
			    struct arena *arena)
{
	const struct json *block = json_member(root, "block");
	const struct json *receipts = json_member(root, "receipts");
	enum err err = parse_header(&p->header, block, arena, NULL);

	if (err == OK)
		err = parse_receipts(&p->receipts, receipts, arena, NULL);
	if (err == OK)
		err = parse_transactions(&p->txs, block, arena, NULL);
	if (err != OK)
		return err;
	memset(&p->header.logs_bloom, 0, sizeof(p->header.logs_bloom));
	for (size_t i = 0; i < p->receipts.n; i++)
		bloom_merge(&p->header.logs_bloom, &p->receipts.list[i].bloom);
	CHECK(receipts_root(&p->header.receipts_root, &p->receipts, arena) ==
	      OK);
	CHECK(transactions_root(&p->header.transactions_root, &p->txs, arena) ==
	      OK);
	err = proof_receipts(&p->receipts, &p->header, receipts, arena, NULL);
	if (err == OK)
		CHECK(proof_transactions(&p->txs, &p->header, block, arena,
					 NULL) == OK);
	return err;
}

static void choose_interest(struct pieces *p)
{
	p->prover = (struct prover){
	    .interests = &p->interest, .n_interests = 1, .secp = secp};
	for (size_t i = 0; i < p->receipts.n; i++) {
		const struct receipt *receipt = &p->receipts.list[i];

		if (receipt->n_logs == 0 || receipt->logs[0].n_topics == 0)
			continue;
		p->interest.address = receipt->logs[0].address;
		p->interest.topic0 = receipt->logs[0].topics[0];
	}
}

static bool concerns(const struct pieces *p, const struct raw_log *log)
{
	return log->n_topics > 0 &&
	       address_eq(&log->address, &p->interest.address) &&
	       hash_eq(&log->topics[0], &p->interest.topic0);
}

static void check_log(const struct block_log *got, const struct pieces *p,
		      const struct raw_log *want, uint32_t log_index,
		      uint32_t tx_index)
{
	const struct bytes *tx = &p->txs.encoded[tx_index];
	const struct hash hash = keccak256(tx->data, tx->len);

	CHECK(got->log_index == log_index);
	CHECK(got->tx_index == tx_index);
	CHECK(hash_eq(&got->tx_hash, &hash));
	CHECK(got->raw.data.len == want->data.len);
	CHECK(memcmp(got->raw.data.data, want->data.data, want->data.len) == 0);
}

static void check_places(const struct block *block, const struct pieces *p)
{
	uint32_t log_index = 0;
	size_t n = 0;

	for (size_t tx = 0; tx < p->receipts.n; tx++) {
		const struct receipt *receipt = &p->receipts.list[tx];

		for (size_t i = 0; i < receipt->n_logs; i++, log_index++) {
			if (!concerns(p, &receipt->logs[i]))
				continue;
			CHECK(n < block->n_logs);
			check_log(&block->logs[n++], p, &receipt->logs[i],
				  log_index, (uint32_t)tx);
		}
	}
	CHECK(n == block->n_logs);
}

static void check_block(struct pieces *p, struct arena *arena)
{
	struct fault fault = {0};
	struct block block;
	enum err err;

	choose_interest(p);
	err = proof_block(&block, &p->prover, &p->header, &p->receipts, &p->txs,
			  arena, &fault);
	if (err != OK) {
		check_fault(err, &fault);
		return;
	}
	check_places(&block, p);
	CHECK(proof_count(&p->prover, &p->receipts) == block.n_logs);
	if (block.n_logs == 0)
		return;
	CHECK(p->txs.n == p->receipts.n);
	CHECK(proof_may_concern(&p->prover, &p->header));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc *doc = input_json(data, size);
	struct arena *arena = fuzz_arena();
	struct pieces pieces = {0};

	if (!secp)
		secp = secp256k1_context_create(SECP256K1_CONTEXT_VERIFY);
	CHECK(secp);
	if (doc && read_pieces(&pieces, json_doc_root(doc), arena) == OK)
		check_block(&pieces, arena);
	json_doc_free(doc);
	arena_free(arena);
	return 0;
}
