#ifndef GS_CHAIN_PARSE_H
#define GS_CHAIN_PARSE_H

#include "chain/header.h"
#include "chain/json.h"
#include "chain/receipt.h"
#include "chain/transaction.h"

/* The `result` of a node's reply to what the chain has: believed, not proven.
 *
 * All: ERR_NOT_YET for null (the node does not have it yet); ERR_NONSENSE,
 * with a fault that names the field, for what does not fit; ERR_NOMEM when
 * arena is full. What they give lives in arena and outlives the document. */

/* eth_getBlockBy{Number,Hash}: the header; transactions are not looked at. */
enum err parse_header(struct header *out, const struct json *block,
		      struct arena *arena, struct fault *fault) MUST_CHECK;

/* eth_getBlockReceipts. ERR_USAGE for a receipt of a type we do not know
 * (an L2's own): such a chain cannot be proven by receipts. What a node says
 * of indexes and hashes in them is never read. */
enum err parse_receipts(struct receipts *out, const struct json *result,
			struct arena *arena, struct fault *fault) MUST_CHECK;

/* The same one by one: what a block's receipts become, which begins zeroed, and
 * the next of them. */
struct read_receipts {
	struct receipts receipts;
	size_t room;
	enum err err; /* sticky */
	struct fault fault;
};
void parse_next_receipt(struct read_receipts *out, const struct json *element,
			struct arena *arena);

/* eth_getTransactionReceipt; i is its place in the block, for the fault. */
enum err parse_receipt(struct receipt *out, const struct json *result, size_t i,
		       struct arena *arena, struct fault *fault) MUST_CHECK;

/* eth_getBlockBy{Number,Hash} with full transactions. ERR_USAGE for one of a
 * type we do not know. `from` and `hash` are never read. */
enum err parse_transactions(struct transactions *out, const struct json *block,
			    struct arena *arena,
			    struct fault *fault) MUST_CHECK;

/* eth_getTransactionByHash; i is its place in the block, for the fault. */
enum err parse_transaction(struct transaction *out, const struct json *result,
			   size_t i, struct arena *arena,
			   struct fault *fault) MUST_CHECK;

/* A log with the place the node claims for it. */
struct found_log {
	uint64_t block_number;
	struct hash block_hash;
	struct hash tx_hash;
	uint32_t tx_index;
	uint32_t log_index;
	bool removed; /* by a reorg: only a filter should say so */
	struct raw_log raw;
};

struct found_logs {
	struct found_log *list;
	size_t n;
	/* While they are read one by one: */
	size_t room, n_read; /* n_read: those not kept, too */
	enum err err;	     /* sticky */
	struct fault fault;
};

/* eth_getLogs, in the node's order. */
enum err parse_logs(struct found_logs *out, const struct json *result,
		    struct arena *arena, struct fault *fault) MUST_CHECK;
/* The same one by one: the next of logs, which begins zeroed, into out. Returns
 * logs->err. */
enum err parse_next_log(struct found_log *out, struct found_logs *logs,
			const struct json *element,
			struct arena *arena) MUST_CHECK;
/* Appends it to logs->list; logs->err is ERR_NOMEM where there is no room. */
void parse_keep_log(struct found_logs *logs, const struct found_log *log,
		    struct arena *arena);

#endif
