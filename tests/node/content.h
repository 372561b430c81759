#ifndef GS_TESTS_NODE_CONTENT_H
#define GS_TESTS_NODE_CONTENT_H

#include "chain/receipt.h"
#include "tests/node/cast.h"

/* What stands in the blocks of a synthetic chain: a pure function of the seed,
 * the branch and the number, so that nothing of it has to be kept. */

/* How much of what; shares are in thousandths. */
struct density {
	uint32_t empty;	    /* of the blocks: no transaction at all */
	uint32_t busy;	    /* of the others: hold transfers of the token */
	uint32_t transfers; /* in a busy block */
	uint32_t batch;	    /* of them in one transaction; > 0 */
	uint32_t ours;	    /* of them: touch a wallet of ours */
	uint32_t payouts;   /* of those: go from a platform to a worker; the
			       others go any way there is */
	uint32_t noise;	    /* others' logs in a block, each a transaction */
	uint32_t odd;	    /* of those: ours by address and topic, malformed */
	uint32_t failed;    /* of the blocks: hold a reverted transaction */
	uint32_t streams;   /* of the blocks: begin a stream; up to 7000 */
};

/* A block and those before it, as far as streams remember. */
struct content_step {
	uint64_t branch; /* tells the branches of one seed apart */
	const struct density *density;
};
/* A stream acts in the blocks after its creation, not beyond these. */
#define CONTENT_MEMORY 32

/* What a log says, before it is one. Parties as in cast.h. */
enum content_kind {
	SAYS_TRANSFER,	/* of the token: from, to, amount */
	SAYS_CREATED,	/* id, from: platform, to: worker, total, duration,
			   interval */
	SAYS_RELEASED,	/* id, to: worker, amount, total: released so far */
	SAYS_CLAIMED,	/* id, to: worker, amount */
	SAYS_PAUSED,	/* id, from: by */
	SAYS_RESUMED,	/* id, from: by */
	SAYS_CANCELLED, /* id, from: by, amount: the refund */
	SAYS_COMPLETED, /* id, amount: the total */
	SAYS_ODD,	/* of ours, and no event: belongs into quarantine */
	SAYS_NOISE,	/* does not concern us */
	SAYS_KINDS
};

struct content_saying {
	enum content_kind kind;
	uint32_t from, to;
	uint64_t id, amount, total, duration, interval;
	uint64_t chance; /* ODD, NOISE: which */
};

enum content_deed {
	DEED_NOISE,
	DEED_FAIL,
	DEED_PAY,
	DEED_CREATE,
	DEED_RELEASE,
	DEED_COMPLETE,
	DEED_CLAIM,
	DEED_PAUSE,
	DEED_RESUME,
	DEED_CANCEL,
};

/* A stream, as far as it has come. */
struct content_stream {
	uint64_t id;
	uint32_t platform, worker;
	uint64_t total, released, claimed, duration, interval;
	enum { STREAM_RUNS, STREAM_RESTS, STREAM_DONE, STREAM_GONE } status;
};

/* One transaction: what it is, and where it was first included, which stays
 * its identity when a fork includes it again elsewhere. */
struct content_item {
	enum content_deed deed;
	uint32_t index;
	uint64_t branch, number;
	uint32_t logs, ours, payouts; /* DEED_PAY; DEED_NOISE: ours is odd */
	struct content_stream stream; /* before it; its deed */
	uint64_t amount;
};

struct content_items {
	struct content_item *list; /* in an arena */
	size_t n, room;
};

/* Appends what block `number` begins with: steps[0] is the block, steps[i] the
 * i-th before it, n_steps of them, up to CONTENT_MEMORY + 1. */
void content_items(struct content_items *out, struct arena *arena,
		   const struct cast *cast, const struct content_step *steps,
		   size_t n_steps, uint64_t number);

/* What the item's logs say, in order; at most CONTENT_SAYINGS for all but
 * DEED_PAY, which says item->logs. Returns how many. */
#define CONTENT_SAYINGS 4
size_t content_say(struct content_saying *out, const struct cast *cast,
		   const struct content_item *item);

/* Its transaction, signed, and its receipt but for cumulative_gas; all memory
 * is arena's. */
void content_make(struct transaction *tx, struct receipt *receipt,
		  const struct cast *cast, const struct content_item *item,
		  struct arena *arena);
/* Its nonce, and the account that signs it. Nonces grow with the block that a
 * transaction was first meant for: all below number << CONTENT_NONCE_BITS are
 * of earlier blocks. */
#define CONTENT_NONCE_BITS 20
uint64_t content_nonce(const struct content_item *item);
unsigned content_account(const struct cast *cast,
			 const struct content_item *item);
/* What the transaction used. */
uint64_t content_gas(const struct content_item *item);

#endif
