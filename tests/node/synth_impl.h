#ifndef GS_TESTS_NODE_SYNTH_IMPL_H
#define GS_TESTS_NODE_SYNTH_IMPL_H

#include "tests/node/synth.h"

/* The inside of synth.h; for synth*.c alone. */

/* A payment without a block, and the block it will be in. */
struct synth_waiting {
	struct content_item item;
	uint64_t due;
};

struct synth_tx {
	uint64_t key;	   /* of its hash; 0: free */
	synth_index block; /* one of those it is in */
};

struct synth {
	struct synth_rules rules;
	struct cast *cast;
	struct arena *scratch; /* for one block */
	struct arena *kept; /* with synth_rules.keep: of all that were made */
	struct synth_body *bodies; /* in it; by synth_index */
	size_t bodies_room;

	struct synth_block *blocks; /* all that ever were, by synth_index */
	synth_index n;
	size_t room;
	synth_index *chain; /* by number */
	size_t length, chain_room;
	uint64_t branch, branches;
	bool has_final;
	uint64_t final;

	uint32_t *by_hash;
	size_t by_hash_size;
	struct density *densities;
	size_t n_densities, density_room;

	struct content_item *carried; /* by block */
	size_t n_carried, carried_room;
	struct synth_waiting *waiting;
	size_t n_waiting, waiting_room;

	struct synth_tx *by_tx;
	size_t by_tx_size, n_tx;
	synth_index txs_of; /* the blocks below it are in by_tx */
};

/* Room for one more in a list that realloc() made. */
void *synth_grow(void *list, size_t n, size_t *room, size_t size);
/* Moves what is due at the block from waiting to carried. */
void synth_carry_due(struct synth *s, struct synth_block *block);

#endif
