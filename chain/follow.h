#ifndef GS_CHAIN_FOLLOW_H
#define GS_CHAIN_FOLLOW_H

#include "chain/block.h"

/* Our tip and a header of the node: apply, roll back or wait. Pure. */

/* The recent blocks we stand on, ascending by number, gaps allowed below the
 * final block; the last one is the tip. Owned by whoever made it. */
struct follow {
	struct block_ref *blocks;
	size_t n, room;
	uint64_t finalized; /* nothing at or below it may be rolled back */
	bool has_finalized;
	uint64_t start_block; /* the first block we care for */
};

void follow_init(struct follow *follow, uint64_t start_block);
void follow_free(struct follow *follow);
/* NULL when nothing is indexed yet. */
const struct block_ref *follow_tip(const struct follow *follow);
const struct block_ref *follow_at(const struct follow *follow, uint64_t number);
/* Adds a block above the tip or into a gap (an equal one is there already);
 * ERR_CONFLICT for another hash at a number we have. */
enum err follow_add(struct follow *follow,
		    const struct block_ref *ref) MUST_CHECK;
/* Moves finality, never back, and forgets. */
void follow_set_final(struct follow *follow, uint64_t number);
/* Forgets blocks more than FOLLOW_KEEP below the final one, but not the tip. */
#define FOLLOW_KEEP 128
void follow_forget(struct follow *follow);
/* Forgets every block above number. */
void follow_truncate(struct follow *follow, uint64_t number);
/* Takes finality back to number, for a reorg that an operator accepted. */
void follow_unset_final(struct follow *follow, uint64_t number);

enum follow_step {
	FOLLOW_WAIT,	 /* nothing new, or the node is behind us */
	FOLLOW_APPLY,	 /* fetch and commit from..to next */
	FOLLOW_COMPARE,	 /* ask the node for header `number` and decide again */
	FOLLOW_ROLLBACK, /* `number` is the last block both chains share */
	FOLLOW_HALT,	 /* the fork is below what is final or remembered */
};

struct follow_decision {
	enum follow_step step;
	uint64_t from, to; /* APPLY */
	uint64_t number;   /* COMPARE, ROLLBACK; HALT: where they differ */
	struct hash ours,
	    theirs; /* HALT, ROLLBACK: the hashes at that height */
};

/* A node without the block that is final here has nothing to say about what
 * stands: it is still syncing, or was left behind (by hours, or by a block). Its
 * latest header, and what it has below, decide nothing. */
bool follow_is_behind(const struct follow *follow,
		      const struct block_ref *theirs);

/* What to do about the node's latest header; WAIT for one that is behind. */
struct follow_decision follow_decide(const struct follow *follow,
				     const struct block_ref *theirs);

/* Once the chains are known to differ: the first block to COMPARE, the highest
 * of ours that is not above the node's; WAIT when there is none. */
struct follow_decision follow_search(const struct follow *follow,
				     uint64_t theirs);
/* What to do about a header that COMPARE asked for. differs: the last COMPARE
 * of this search found another hash (without one there is nothing to undo). */
struct follow_decision follow_compare(const struct follow *follow,
				      const struct block_ref *theirs,
				      bool differs);

/* Whether blocks (ascending) may be added: each equals ours where we have its
 * number, and the parent links fit at both ends. A false means a fork. */
bool follow_fits(const struct follow *follow, const struct block_ref *blocks,
		 size_t n);

#endif
