#ifndef GS_TESTS_NODE_SYNTH_H
#define GS_TESTS_NODE_SYNTH_H

#include "chain/header.h"
#include "chain/receipt.h"
#include "tests/node/content.h"

/* A synthetic chain: true hashes, roots, blooms and signatures, of any size.
 * Of a block only its place and what its header needs is kept; what stands in
 * it is made again whenever somebody asks. Blocks that a fork replaced stay
 * known by their hash. Whatever fails ends the program. */
struct synth;

struct synth_rules {
	uint64_t seed;
	uint64_t chain_id;
	uint32_t ours, strangers; /* wallets; see cast_new() */
	uint64_t first_time;	  /* of block 0, Unix seconds */
	uint32_t block_time;	  /* seconds, > 0 */
	unsigned header_fields;	  /* enum header_fields */
	struct density density;	  /* unless mining says otherwise */
	bool keep; /* what stands in the blocks, instead of making it again */
};
/* Chain 31337, 32 wallets of ours and 32 strangers, Prague's headers, a few of
 * everything in a block. */
struct synth_rules synth_rules_of(uint64_t seed);

/* An index into the blocks ever made: stays valid, as opposed to a pointer,
 * which is valid until the next block is mined. */
typedef uint32_t synth_index;

struct synth_block {
	struct hash hash;
	struct hash transactions_root, receipts_root;
	struct bloom bloom;
	uint64_t number, timestamp, gas_used;
	uint64_t branch; /* tells the branches apart */
	synth_index parent;
	uint32_t n_txs, n_logs;
	uint32_t carried, n_carried; /* included again after a fork */
	uint32_t density;
};

/* With block 0. */
struct synth *synth_new(const struct synth_rules *rules);
void synth_free(struct synth *synth);
const struct cast *synth_cast(const struct synth *synth);
const struct synth_rules *synth_rules_in(const struct synth *synth);

/* n blocks on top; density NULL: the rules'. */
void synth_mine(struct synth *synth, uint64_t n, const struct density *density);
/* Forgets the newest `depth` blocks of the chain: what is mined next is another
 * branch. Of their payments, `carry` in a thousand wait to be included again, in
 * the next `depth` + 2 blocks, the same block's number included. Finality is
 * not looked at, and moves back to the new head if it was above. */
void synth_fork(struct synth *synth, uint64_t depth, unsigned carry);
/* Makes a block that was forked away, with those below it, the chain again;
 * carry as above. */
void synth_switch(struct synth *synth, synth_index head, unsigned carry);
/* Nothing is final before the first call; never above the head. */
void synth_finalize(struct synth *synth, uint64_t number);
bool synth_final(const struct synth *synth, uint64_t *number);

const struct synth_block *synth_block(const struct synth *synth,
				      synth_index index);
synth_index synth_head(const struct synth *synth);
/* The block of that number on the way from tip to block 0. False: tip is below
 * it. */
bool synth_at(const struct synth *synth, synth_index tip, uint64_t number,
	      synth_index *out);
bool synth_by_hash(const struct synth *synth, const struct hash *hash,
		   synth_index *out);
/* A block of that number that is not on the chain; false: there is none. */
bool synth_other(const struct synth *synth, uint64_t number, synth_index *out);
/* How many blocks were ever made. */
synth_index synth_count(const struct synth *synth);

void synth_header(struct header *out, const struct synth *synth,
		  synth_index index);

/* What stands in a block. */
struct synth_body {
	struct transactions transactions;
	struct receipts receipts; /* as many */
	struct hash *hashes;	  /* of the transactions */
	const struct address **senders;
	const struct content_item *items;
};
/* Makes it, in arena, for the caller to change at will; with synth_rules.keep it
 * was made already and must not be changed. */
void synth_body(struct synth_body *out, const struct synth *synth,
		synth_index index, struct arena *arena);

/* The transaction of that hash on the way from tip to block 0: its block, and
 * its index there. The first call, and the first after many blocks, takes as
 * long as making all of them. */
bool synth_transaction(struct synth *synth, synth_index tip,
		       const struct hash *hash, synth_index *block, size_t *i);
/* The first nonce that the account has not used at block `at`, and will not
 * leave out (eth_getTransactionCount). */
uint64_t synth_nonce(const struct synth *synth, unsigned account,
		     synth_index at);

#endif
