#ifndef GS_TESTS_LIB_CHAIN_H
#define GS_TESTS_LIB_CHAIN_H

#include "chain/parse.h"

/* A chain made from nothing, with true hashes, roots and blooms, and the JSON
 * a node would say of it. Every function asserts that there is memory. */

struct made_block {
	struct header header;
	struct transactions transactions;
	struct receipts receipts; /* as many */
	struct hash *tx_hashes;
};

struct made_chain {
	struct arena *arena;
	struct made_block *blocks; /* block i is blocks[i] */
	size_t n, room;
	bool has_final;
	uint64_t final;
};

/* What stands in a block: transfers of ours (one transaction each), and
 * others' logs; fork tells blocks of one height and content apart. */
struct made_plan {
	size_t transfers;
	size_t others;
	unsigned fork;
};

#define MADE_TOKEN "0x1c7d4b196cb0c7b01d743fbc6116a902379c7238"

struct made_chain *made_new(void);
void made_free(struct made_chain *chain);
void made_add(struct made_chain *chain, const struct made_plan *plan);
void made_add_many(struct made_chain *chain, size_t n,
		   const struct made_plan *plan);
/* Takes away block `number` and all above it. */
void made_cut(struct made_chain *chain, uint64_t number);

/* The n-th holder; transfer i of block b goes from holder b to b + i + 1. */
struct address made_holder(uint64_t n);
const struct made_block *made_by_hash(const struct made_chain *chain,
				      const struct hash *hash);

void made_block_json(struct buf *out, const struct made_block *block,
		     bool full);
void made_receipts_json(struct buf *out, const struct made_block *block);

/* A node's `call` (tests/unit/lib_node.h) for a struct made_chain: blocks,
 * receipts, logs, chain id 31337. */
void made_call(void *chain, const char *method, const struct json *params,
	       struct buf *out);

#endif
