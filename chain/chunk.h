#ifndef GS_CHAIN_CHUNK_H
#define GS_CHAIN_CHUNK_H

#include "chain/source_request.h"

/* A few blocks, from the question to the proof.
 *
 *            n blocks            headers proven       all of ours proven
 *   IDLE ──► AT_ONCE ──────────────────────────────────────► IDLE
 *     │         │ anything does not fit                        ▲
 *     │         ▼                                              │
 *     └─────► HEADERS ──────────► BODIES or SINGLE ────────────┘
 *                ▲                   │ does not prove: first see whether
 *                └───────────────────┘ the header still stands
 *
 * IDLE     nothing is asked, nothing is held
 * AT_ONCE  near the head: header, transactions and receipts by number in one
 *          round trip; they fit each other unless the head moved in between
 * HEADERS  headers by number; `filled` of them are proven
 * BODIES   all headers stand; of those whose bloom does not exclude us,
 *          receipts and transactions by hash, `pending` tells which are left
 * SINGLE   the same, where the node does not offer eth_getBlockReceipts, or
 *          the answer is too much for it: one block after the other, receipt
 *          by receipt (chunk_single.c)
 */
enum chunk_state {
	CHUNK_IDLE,
	CHUNK_AT_ONCE,
	CHUNK_HEADERS,
	CHUNK_BODIES,
	CHUNK_SINGLE,
};

/* Receipts or transactions that did not prove, while it is not known yet
 * whether the block was still there. */
struct suspect {
	bool is_set;
	uint64_t number;
	struct hash hash;
	struct endpoint *endpoint;
	struct fault fault;
};

/* The block whose receipts come one by one. */
struct single {
	struct arena *arena;
	size_t i;	       /* which block of the chunk */
	bool has_transactions; /* they are proven: their hashes are known */
	struct transactions transactions;
	struct receipts receipts;
	size_t got; /* of them */
};

struct chunk {
	struct source *source;
	const struct prover *prover;
	struct arena *out;    /* the caller's: what is found */
	struct block *blocks; /* where it goes, n of them; ref.number: which */
	enum chunk_state state;
	struct ask ask;
	struct arena *headers_arena;
	struct arena *scratch; /* for one answer */
	size_t n;
	struct header *headers;
	size_t filled;
	bool *pending;
	size_t asked[BODY_BATCH_MOST]; /* blocks of the question under way */
	size_t n_asked;
	bool by_transaction; /* SINGLE, not BODIES */
	struct single single;
	unsigned failures;
	struct suspect suspect;
	/* When it is idle again: OK, or why it gave up. */
	void (*done)(void *arg, enum err err, const struct fault *fault);
	void *arg;
};

/* done is called later, never from inside chunk_start. */
enum err chunk_init(struct chunk *chunk, struct source *source,
		    const struct prover *prover, struct arena *out,
		    void (*done)(void *arg, enum err err,
				 const struct fault *fault),
		    void *arg) MUST_CHECK;
void chunk_free(struct chunk *chunk); /* harmless when zeroed */

/* Fetches n blocks, those that blocks[i].ref.number name, each proven by
 * itself: whether they are linked is for the owner to check. The chunk must be
 * idle. */
enum err chunk_start(struct chunk *chunk, struct block *blocks, size_t n,
		     bool at_once, uint64_t delay_ms) MUST_CHECK;

/* Reads block->ref.number from an answer that somebody else has had, to what
 * AT_ONCE asks: results of the header with transactions, and of the receipts,
 * read by chunk_reader; endpoint: who gave it. The chunk must be idle, and is
 * used for nothing else. */
enum err chunk_take(struct chunk *chunk, struct block *block,
		    struct endpoint *endpoint, const struct rpc_result *results,
		    struct fault *fault) MUST_CHECK;

/* Reads the receipts of AT_ONCE and BODIES. */
extern const struct reply_reader chunk_reader;
/* Between the parts. The number of block i. */
static inline uint64_t chunk_number(const struct chunk *chunk, size_t i)
{
	return chunk->blocks[i].ref.number;
}
/* What a reply says of the blocks that were asked for: OK,
 * or why it does not count. */
enum err chunk_read_at_once(struct chunk *chunk, const struct rpc_reply *reply,
			    struct fault *fault) MUST_CHECK;
enum err chunk_read_headers(struct chunk *chunk, const struct rpc_reply *reply,
			    struct fault *fault) MUST_CHECK;
enum err chunk_read_bodies(struct chunk *chunk, const struct rpc_reply *reply,
			   struct fault *fault) MUST_CHECK;
enum err chunk_read_single(struct chunk *chunk, const struct rpc_reply *reply,
			   struct fault *fault) MUST_CHECK;
/* All headers are proven: blocks that do not concern us are done with that. */
enum err chunk_read_excluded(struct chunk *chunk,
			     struct fault *fault) MUST_CHECK;
/* Block i is proven, but what came under its header does not fit. Returns
 * fault->code. */
enum err chunk_suspect(struct chunk *chunk, size_t i, struct fault *fault);
/* The next question of CHUNK_SINGLE. */
void chunk_ask_single(struct chunk *chunk);
/* Forgets a block whose receipts were coming. */
void chunk_reset_single(struct chunk *chunk);

#endif
