#ifndef GS_CHAIN_LOGS_H
#define GS_CHAIN_LOGS_H

#include "chain/chunk.h"

/* A span under VERIFY_OFF or VERIFY_BLOOM: eth_getLogs first, then headers.
 *
 *        the logs of a piece          its last header
 *   FIND ──────────────────► HEADERS ────────────────► FIND, or done
 *    ▲ ▲                      │   ▲
 *    │ └─ RECEIPTS ◄─┐        ▼   │ BLOOM: blocks without logs of ours
 *    │   one block is│       SETTLE ──► RECEIPTS     that may have some
 *    │   too much ───┘
 *    └── a block is another one than its logs say: from the beginning
 *
 * FIND      eth_getLogs of next..asked_to, as much as the node grants. OFF
 *           finds all pieces before it asks for headers; a span of a few
 *           blocks has its headers in the same round trip
 * HEADERS   OFF: of the first, the last and every block with logs (all of a
 *           short span), believed. BLOOM: of every block, hashed and chained,
 *           and the blooms must fit the logs
 * SETTLE    suspects are asked again, by hash and elsewhere if possible
 * RECEIPTS  what is left is proven by its receipts, as under VERIFY_RECEIPTS
 *
 * What VERIFY_BLOOM finds: a block or a range left out, a log changed in its
 * address or topics, added, moved to another block, or of an abandoned one.
 * What it cannot: one log of several left out, another amount in the data,
 * another place within the block. */
enum logs_state { LOGS_FIND, LOGS_HEADERS, LOGS_SETTLE, LOGS_RECEIPTS };

/* A block whose bloom may concern us, of which no log of ours came. */
struct suspect_block {
	struct block_ref ref;
	struct bloom bloom;
	unsigned empty; /* answers by its hash that had no log either */
	bool settled;
};
/* They are settled when so many have come together. */
#define SUSPECTS_MOST 32
/* Where receipts cannot be had, so many answers by hash without a log make a
 * false positive. */
#define SETTLE_ANSWERS 3

struct logs_request {
	struct source_request base;
	enum logs_state state;
	bool bloom; /* VERIFY_BLOOM */
	struct ask ask;
	uint64_t from, to;
	bool at_once;	       /* headers come with the logs */
	struct arena *arena;   /* the caller's */
	struct arena *scratch; /* for one answer */
	struct buf filter;
	struct reply_reader reader; /* of FIND */

	uint64_t next, asked_to;   /* the piece */
	struct hash last;	   /* asked_to, when its logs were read */
	struct endpoint *found_by; /* who said which logs it has */
	struct found_log *found;   /* ours, by block and index */
	size_t n_found, room;
	size_t taken; /* of found: they stand in blocks */

	uint64_t at; /* the next header */
	uint64_t asked[HEADER_BATCH_MOST];
	size_t n_asked;
	bool has_before;
	struct block_ref before; /* the last header that was read */
	struct block *blocks;	 /* what the span will hold, ascending */
	size_t n_blocks, blocks_room;

	struct suspect_block suspects[SUSPECTS_MOST];
	size_t n_suspects;
	bool no_receipts; /* this chain's cannot be had, or not be proven */
	struct prover prover;
	struct chunk chunk;
	struct block proven[SUSPECTS_MOST]; /* what the chunk makes */

	unsigned failures;
	source_span_cb cb;
	void *arg;
};

/* logs_find.c */
void logs_init_find(struct logs_request *q);
void logs_ask_find(struct logs_request *q);
enum err logs_read_find(struct logs_request *q, const struct rpc_reply *reply,
			struct fault *fault) MUST_CHECK;
/* Whether the filter let the log through, and whether it is ours: the filter
 * is every address with every topic0, not the pairs. */
bool logs_asked_for(const struct prover *prover, const struct raw_log *log,
		    bool *ours);
/* Ascending, each once, at places that fit each other. */
enum err logs_check_order(const struct found_log *logs, size_t n,
			  struct fault *fault) MUST_CHECK;

/* logs_headers.c */
void logs_ask_headers(struct logs_request *q);
/* From result `first` of the reply on. */
enum err logs_read_headers(struct logs_request *q,
			   const struct rpc_reply *reply, size_t first,
			   struct fault *fault) MUST_CHECK;
/* Whether the last header of the piece has been read. */
bool logs_piece_ends(const struct logs_request *q);
/* A block of the span, in its place; replaces the one of that number. */
enum err logs_keep(struct logs_request *q,
		   const struct block *block) MUST_CHECK;
/* The block with these logs of it; bloom may be NULL. */
enum err logs_fill(struct logs_request *q, const struct block_ref *ref,
		   const struct bloom *bloom, const struct found_log *logs,
		   size_t n, struct fault *fault) MUST_CHECK;

/* logs_settle.c */
/* Of the suspects that has been asked about least: how often in vain. */
unsigned logs_least_empty(const struct logs_request *q);
void logs_ask_settle(struct logs_request *q);
enum err logs_read_settle(struct logs_request *q, const struct rpc_reply *reply,
			  struct fault *fault) MUST_CHECK;
/* What the receipts of the suspects say. */
enum err logs_read_proven(struct logs_request *q,
			  struct fault *fault) MUST_CHECK;

#endif
