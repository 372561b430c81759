#ifndef GS_CHAIN_PROOF_H
#define GS_CHAIN_PROOF_H

#include "chain/parse.h"

/* Holds a node's replies against the hashes of a block. Pure. In this order:
 *
 *   proof_header        a header is what its hash says
 *   proof_may_concern   no: the block is proven empty for us; proof_block
 *   proof_receipts      the receipts are the header's
 *   proof_count         0: nothing of ours in them; proof_block
 *   proof_transactions  the transactions are the header's
 *   proof_block         the block, every place in it computed
 *
 * Errors are those of chain/parse.h and ERR_UNPROVEN, whose fault names both
 * hashes: the node lies, is broken, or the head moved between two replies. */

/* What every proof of a chain needs; all borrowed. */
struct prover {
	const struct catalog_interest *interests;
	size_t n_interests;
	/* NULL: senders are left out (one costs some 50 us). */
	const struct secp256k1_context_struct *secp;
	/* No bloom excludes a block: to see its receipts, whatever they hold. */
	bool whole;
};

/* Parses a header and proves header->hash by hashing its RLP. extra_data
 * lives in arena. */
enum err proof_header(struct header *out, const struct json *block,
		      struct arena *arena, struct fault *fault) MUST_CHECK;
/* Is it what was asked for? ERR_NONSENSE else. */
enum err proof_is_number(const struct header *header, uint64_t number,
			 struct fault *fault) MUST_CHECK;
enum err proof_is_hash(const struct header *header, const struct hash *hash,
		       struct fault *fault) MUST_CHECK;
/* Does child stand directly on parent? ERR_UNPROVEN else. */
enum err proof_is_child(const struct header *child,
			const struct block_ref *parent,
			struct fault *fault) MUST_CHECK;

/* False proves that no log of the block concerns us. */
bool proof_may_concern(const struct prover *prover,
		       const struct header *header);

/* Parses the block's receipts, proves them by receiptsRoot, and that their
 * logs make the blooms. They live in arena, which may be one for this block
 * only: proof_block copies what it keeps. */
enum err proof_receipts(struct receipts *out, const struct header *header,
			const struct json *result, struct arena *arena,
			struct fault *fault) MUST_CHECK;
/* The same of receipts that were parsed one by one. */
enum err proof_receipt_list(const struct receipts *receipts,
			    const struct header *header, struct arena *arena,
			    struct fault *fault) MUST_CHECK;
/* How many of their logs concern us: (address, topic0) in the interests. */
size_t proof_count(const struct prover *prover,
		   const struct receipts *receipts);

/* Parses the transactions of block, the reply with full transactions, and
 * proves them by header's transactionsRoot. They live in arena. */
enum err proof_transactions(struct transactions *out,
			    const struct header *header,
			    const struct json *block, struct arena *arena,
			    struct fault *fault) MUST_CHECK;

/* The block with the logs that concern us; log and transaction indexes
 * counted, hashes computed, senders recovered. receipts is NULL where the
 * bloom excludes us; transactions may be NULL where proof_count is 0. All of
 * out lives in arena. */
enum err proof_block(struct block *out, const struct prover *prover,
		     const struct header *header,
		     const struct receipts *receipts,
		     const struct transactions *transactions,
		     struct arena *arena, struct fault *fault) MUST_CHECK;

#endif
