#ifndef GS_CHAIN_CHUNK_H
#define GS_CHAIN_CHUNK_H

#include "chain/source_request.h"

/* A few consecutive blocks of a span, from the question to the proof.
 *
 *            n blocks            headers proven       all of ours proven
 *   IDLE ──► AT_ONCE ──────────────────────────────────────► IDLE
 *     │         │ anything does not fit                        ▲
 *     │         ▼                                              │
 *     └─────► HEADERS ──────────► BODIES ──────────────────────┘
 *                ▲                   │ does not prove: first see whether
 *                └───────────────────┘ the header still stands
 *
 * IDLE     nothing is asked, nothing is held
 * AT_ONCE  near the head: header, transactions and receipts by number in one
 *          round trip; they fit each other unless the head moved in between
 * HEADERS  headers by number; `filled` of them are proven
 * BODIES   all headers stand; of those whose bloom does not exclude us,
 *          receipts and transactions by hash, `pending` tells which are left
 */
enum chunk_state { CHUNK_IDLE, CHUNK_AT_ONCE, CHUNK_HEADERS, CHUNK_BODIES };

/* Receipts or transactions that did not prove, while it is not known yet
 * whether the block was still there. */
struct suspect {
	bool is_set;
	uint64_t number;
	struct hash hash;
	struct endpoint *endpoint;
	struct fault fault;
};

struct chunk {
	struct source *source;
	const struct prover *prover;
	struct arena *out;    /* the caller's: what is found */
	struct block *blocks; /* where it goes, n of them */
	enum chunk_state state;
	struct ask ask;
	struct arena *headers_arena;
	struct arena *scratch; /* for one answer */
	uint64_t from;
	size_t n;
	struct header *headers;
	size_t filled;
	bool *pending;
	size_t asked[BODY_BATCH_MOST]; /* blocks of the question under way */
	size_t n_asked;
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

/* Fetches n blocks into blocks, each proven by itself: that they are linked is
 * for the owner to check. The chunk must be idle. */
enum err chunk_start(struct chunk *chunk, uint64_t from, size_t n,
		     struct block *blocks, bool at_once,
		     uint64_t delay_ms) MUST_CHECK;

#endif
