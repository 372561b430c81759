#ifndef GS_CHAIN_BLOCK_H
#define GS_CHAIN_BLOCK_H

#include "common/address.h"
#include "common/arena.h"
#include "contracts-abi/catalog.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What travels from the chain to the rest: proven (or believed) blocks. */

/* A block's place in the chain. */
struct block_ref {
	uint64_t number;
	struct hash hash;
	struct hash parent_hash;
	int64_t timestamp; /* Unix seconds */
};

/* A log that concerns us, at its computed place. */
struct block_log {
	uint32_t log_index; /* within the block */
	uint32_t tx_index;
	struct hash tx_hash;
	struct raw_log raw; /* data lives in the span's arena */
	/* Recovered from the transaction's signature, in spans of up to 8
	 * blocks under VERIFY_RECEIPTS: near the head a transaction may have to
	 * be known again in another block. The nonce is known with it. */
	bool has_sender;
	struct address sender;
	uint64_t nonce;
};

struct block {
	struct block_ref ref;
	struct block_log *logs; /* by log index */
	size_t n_logs;
};

/* The blocks from..to, as far as they matter: in order, every block with logs
 * of ours, and always the first and the last of the span. Under
 * VERIFY_RECEIPTS and at the head every block of the span is present. */
struct span {
	uint64_t from, to;
	struct block *blocks;
	size_t n_blocks;
	const char *verified_by; /* "receipts", "bloom", "logs" */
};

#endif
