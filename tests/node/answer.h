#ifndef GS_TESTS_NODE_ANSWER_H
#define GS_TESTS_NODE_ANSWER_H

#include "chain/json.h"
#include "tests/node/dice.h"
#include "tests/node/synth.h"

/* What an Ethereum node answers about a synthetic chain: eth_chainId,
 * eth_blockNumber, eth_syncing, eth_getCode and eth_call (as far as the daemon
 * checks its contracts), eth_getTransactionCount, eth_getBlockByNumber,
 * eth_getBlockByHash, eth_getBlockReceipts, eth_getTransactionByHash,
 * eth_getTransactionReceipt, eth_getLogs. A block that is not there is null; a
 * range beyond the head is silently cut. */

/* How an answer may differ from the truth, as far as that takes knowing what
 * the answer says; tests/node/lies.h gives them names. */
enum twist {
	TWIST_NONE,
	/* eth_getBlockBy* */
	TWIST_OTHER_BLOCK,
	TWIST_OTHER_BRANCH,
	TWIST_OTHER_HASH,
	TWIST_OTHER_PARENT,
	TWIST_OTHER_TIME,
	TWIST_STALE_HEAD,   /* its tags are `size` blocks behind */
	TWIST_FINAL_AHEAD,  /* what is final is the latest */
	TWIST_FINAL_NULL,   /* nothing is */
	TWIST_FINAL_ERROR,  /* the tag is not known yet: -39001 */
	TWIST_BLOCK_BEHIND, /* null for the newest `size` blocks */
	TWIST_TX_MISSING,
	TWIST_TX_TWICE,
	TWIST_TX_CHANGED,
	TWIST_TXS_OTHER, /* the block before's */
	/* eth_getBlockReceipts */
	TWIST_RECEIPT_MISSING,
	TWIST_RECEIPT_TWICE,
	TWIST_RECEIPT_FAILED, /* its status is the other one */
	TWIST_RECEIPTS_SWAPPED,
	TWIST_RECEIPTS_OTHER, /* the block before's */
	TWIST_BLOOM_CHANGED,
	/* eth_getBlockReceipts and eth_getLogs */
	TWIST_LOG_MISSING,
	TWIST_LOGS_MISSING, /* all of a block */
	TWIST_LOG_CHANGED,
	/* eth_getLogs */
	TWIST_LOG_TWICE,
	TWIST_LOG_STALE, /* of another block's hash */
	TWIST_LOG_REMOVED,
	TWIST_LOG_FOREIGN, /* one that was not asked for */
};

struct question {
	struct synth *synth;
	synth_index tip; /* the newest block that this endpoint has */
	const char *method;
	const struct json *params; /* may be NULL */
	enum twist twist;
	uint64_t size;	  /* of the twist */
	struct dice dice; /* for what a twist leaves open */
	bool *told;	  /* set when the twist did change something */
};

/* Appends `"result":...` or `"error":...`. */
void answer_call(struct buf *out, struct question *question);

/* The blocks that it is about; false: it names none that there is. */
bool answer_blocks(const struct question *question, uint64_t *from,
		   uint64_t *to);

/* The block that a parameter names: a number, a tag, a hash, or an object with
 * one of them (EIP-1898). False: there is none. */
bool answer_block(const struct question *question, const struct json *name,
		  synth_index *out);
/* eth_getLogs. */
void answer_logs(struct buf *out, struct question *question);

#endif
