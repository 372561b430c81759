#ifndef GS_CHAIN_RECEIPT_H
#define GS_CHAIN_RECEIPT_H

#include "chain/bloom.h"
#include "common/arena.h"
#include "common/buf.h"

/* What a transaction left behind, as far as consensus hashes it: Yellow Paper
 * 4.3.1 and EIP-2718. Its transaction's hash and all indexes are not in it:
 * they follow from where it stands. */
struct receipt {
	uint8_t type;  /* 0..RECEIPT_MAX_TYPE */
	bool has_root; /* before Byzantium (EIP-658): root, and no status */
	bool status;
	struct hash root;
	uint64_t cumulative_gas;
	struct bloom bloom;   /* as the node says */
	struct raw_log *logs; /* borrowed, as is their data */
	size_t n_logs;
};

/* 0 legacy, 1 EIP-2930, 2 EIP-1559, 3 EIP-4844, 4 EIP-7702. */
#define RECEIPT_MAX_TYPE 4

/* All receipts of a block, in its order. */
struct receipts {
	struct receipt *list;
	size_t n;
};

/* Appends the receipt as receiptsRoot holds it. */
void receipt_encode(struct buf *out, const struct receipt *receipt);
/* The bloom of its logs, computed. */
void receipt_bloom(struct bloom *out, const struct receipt *receipt);
/* Takes scratch memory from arena. */
enum err receipts_root(struct hash *out, const struct receipts *receipts,
		       struct arena *arena) MUST_CHECK;

#endif
