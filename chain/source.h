#ifndef GS_CHAIN_SOURCE_H
#define GS_CHAIN_SOURCE_H

#include "chain/block.h"
#include "common/buf.h"
#include "config/config.h"
#include <uv.h>

/* Asks nodes, proves what they say, and hands over a proven span or a reason.
 * One source serves one chain from its endpoints, on one libuv loop. */
struct source;

/* A question under way. Cancelling it means its callback never fires; after
 * the callback the pointer is dead. A start that fails never calls back. */
struct source_request;
void source_cancel(struct source_request *request); /* NULL is allowed */

/* What the source counts; the daemon turns these into metrics. Any may be
 * NULL. endpoint is a configured name, never a URL. */
struct source_observer {
	void *arg;
	/* Each HTTP request, under the method of its first call. outcome: ok,
	 * unreachable, timeout, busy, too_large, not_yet, refused, nonsense,
	 * failed. */
	void (*request)(void *arg, const char *endpoint, const char *method,
			const char *outcome, double seconds);
	/* A reply that contradicts the block's hashes, or is of another block
	 * than was asked for. */
	void (*incomplete)(void *arg, const char *endpoint, const char *why);
	/* VERIFY_BLOOM: the bloom of this block may hold a log of ours; nodes
	 * agree that it has none, and it cannot be proven by receipts. */
	void (*believed)(void *arg, uint64_t number);
};

/* Borrows config and catalog for its life. */
enum err source_new(struct source **out, uv_loop_t *loop,
		    const struct config *config, const struct catalog *catalog,
		    const struct source_observer *observer,
		    struct fault *fault) MUST_CHECK;
/* Cancels everything; calls closed(arg) when the loop holds nothing of it. */
void source_close(struct source *source, void (*closed)(void *arg), void *arg);

/* The endpoints of config.chain.rpc from now on, of which it keeps nothing.
 * Those of the same name and URL keep what was learned of them; questions under
 * way go on. On failure nothing has changed. */
enum err source_set_endpoints(struct source *source,
			      const struct config *config,
			      struct fault *fault) MUST_CHECK;

/* What has been learned of an endpoint, for people to see. */
struct source_endpoint {
	const char *name;  /* the source's, until the endpoints are set anew */
	const char *state; /* "good", "lags", "failing", "limited", "disagrees",
			      "foreign" */
	double latency_seconds; /* of small answers; 0: not known */
	double trouble;		/* the share of answers that were none */
	unsigned in_flight;
	/* Granted, as far as it is known. */
	uint32_t calls_per_second; /* 0: no limit was met */
	uint64_t header_batch, body_batch, log_blocks;
};
size_t source_endpoint_count(const struct source *source);
/* i below the count, in the configured order. */
struct source_endpoint source_endpoint(const struct source *source, size_t i);

/* Where the chain is: `latest`, and what counts as final. */
struct source_head {
	struct block_ref latest;
	bool has_finalized; /* false: the node does not know the tag (yet) */
	struct block_ref finalized;
};
typedef void (*source_head_cb)(void *arg, enum err err,
			       const struct fault *fault,
			       const struct source_head *head);
enum err source_head(struct source *source, source_head_cb cb, void *arg,
		     struct source_request **out) MUST_CHECK;

/* The head and, in the same request, block `number`, which may not be there yet:
 * as source_span has it, in arena, or NULL where it is not there, does not prove
 * or is not asked for (VERIFY_RECEIPTS alone proves it so; where few calls a
 * second are granted, it would be in vain too often). A head below a block that
 * is there is taken for that block. arena as for source_span. */
typedef void (*source_next_cb)(void *arg, enum err err,
			       const struct fault *fault,
			       const struct source_head *head,
			       struct span *span);
enum err source_next(struct source *source, uint64_t number,
		     struct arena *arena, source_next_cb cb, void *arg,
		     struct source_request **out) MUST_CHECK;

/* What config.chain.quorum endpoints say of what is final, asked of all of
 * them. Errors: NOT_YET, fewer than that answer or call a block final; UNPROVEN,
 * they call different blocks of one height final. */
struct source_agreement {
	uint64_t final; /* so many call this block, or a later one, final */
	/* The block at the lower of final and at_most, as `endpoints` of them
	 * name it: quorum or more. */
	struct block_ref ref;
	unsigned endpoints;
};
typedef void (*source_agreement_cb)(void *arg, enum err err,
				    const struct fault *fault,
				    const struct source_agreement *agreement);
enum err source_agree(struct source *source, uint64_t at_most,
		      source_agreement_cb cb, void *arg,
		      struct source_request **out) MUST_CHECK;

/* One header by number, its hash recomputed (VERIFY_OFF: believed).
 * ERR_NOT_YET when the node does not have it. */
typedef void (*source_ref_cb)(void *arg, enum err err,
			      const struct fault *fault,
			      const struct block_ref *ref);
enum err source_ref(struct source *source, uint64_t number, source_ref_cb cb,
		    void *arg, struct source_request **out) MUST_CHECK;

/* A transaction that a node has, in its pool or in a block. */
struct source_transaction {
	/* Proven by its hash, and by its signature. */
	struct address sender;
	uint64_t nonce;
	/* As the node says: */
	bool in_block;
	bool mined; /* in a block, and its receipt is there: what follows */
	uint64_t block_number;
	struct hash block_hash;
	bool succeeded; /* else it was reverted */
};
/* One transaction by its hash. ERR_NOT_YET when the node does not have it (any
 * more); ERR_UNPROVEN when what it has is another one or has another sender than
 * it claims, ERR_USAGE when its type is none of Ethereum's. */
typedef void (*source_transaction_cb)(void *arg, enum err err,
				      const struct fault *fault,
				      const struct source_transaction *tx);
enum err source_transaction(struct source *source, const struct hash *hash,
			    source_transaction_cb cb, void *arg,
			    struct source_request **out) MUST_CHECK;

/* Fetches from..to (both included), proves them as config.chain.verify says
 * (receipts and bloom: hash by hash, chained within the span), keeps the logs
 * the catalog knows.
 * senders: who sent each transaction is to be recovered, where the mode and the
 * length of the span allow it (struct block_log); it costs a signature each.
 * span and all it points to live in arena, which the caller owns and must
 * keep until the callback or the cancel. Transient trouble (a slow node, a
 * rate limit, a range refused) is retried inside for some seconds; what comes
 * out is final for this call. */
typedef void (*source_span_cb)(void *arg, enum err err,
			       const struct fault *fault, struct span *span);
enum err source_span(struct source *source, uint64_t from, uint64_t to,
		     bool senders, struct arena *arena, source_span_cb cb,
		     void *arg, struct source_request **out) MUST_CHECK;

/* Whether config.chain.verify (receipts or bloom) can prove this chain: looks at
 * the newest header, for receipts at those of the newest block that has any.
 * ERR_USAGE, with a fault that says what to set instead, where they follow
 * rules that are not Ethereum's. */
typedef void (*source_probe_cb)(void *arg, enum err err,
				const struct fault *fault);
enum err source_probe(struct source *source, source_probe_cb cb, void *arg,
		      struct source_request **out) MUST_CHECK;

/* A few blocks of from..to as each mode would read them, and what that took;
 * sample: for estimate_of (chain/estimate.h). Some sixteen requests at most. */
struct estimate_sample;
typedef void (*source_sample_cb)(void *arg, enum err err,
				 const struct fault *fault,
				 const struct estimate_sample *sample);
enum err source_sample(struct source *source, uint64_t from, uint64_t to,
		       source_sample_cb cb, void *arg,
		       struct source_request **out) MUST_CHECK;

/* The blocks in from..to that hold Transfers of the token from or to any of
 * the wallets, or what the chain itself logs of its own money, where that is
 * USDC, by topic queries; ascending, each once. Shrinks the range where
 * a node demands it; a block that is too much for it may hold some. */
typedef void (*source_blocks_cb)(void *arg, enum err err,
				 const struct fault *fault,
				 const uint64_t *numbers, size_t n);
enum err source_transfer_blocks(struct source *source,
				const struct address *wallets, size_t n_wallets,
				uint64_t from, uint64_t to, source_blocks_cb cb,
				void *arg,
				struct source_request **out) MUST_CHECK;

/* What accounts had and contracts answered after one block, which is named by
 * its hash (EIP-1898), so that all answers are of one state. */
struct state_question {
	enum state_kind {
		STATE_CALL,    /* eth_call of `to` with data */
		STATE_BALANCE, /* of the chain's coin, as one EVM word */
		STATE_CODE,
	} kind;
	struct address to;
	struct bytes data; /* CALL only */
};
struct state_answer {
	bool reverted; /* CALL: the contract refuses; value is empty */
	struct bytes value;
};
/* answers: one for each question, in the arena. */
typedef void (*source_state_cb)(void *arg, enum err err,
				const struct fault *fault,
				const struct state_answer *answers);
/* Asks n > 0 questions, a batch at a time and never two at once. questions and
 * what they point to, and arena, must live until the callback or the cancel.
 * ERR_MISSING: no node has a state so old any more. */
enum err source_state(struct source *source, const struct block_ref *block,
		      const struct state_question *questions, size_t n,
		      struct arena *arena, source_state_cb cb, void *arg,
		      struct source_request **out) MUST_CHECK;

/* Any other call, for the checks at start: params is a JSON array text. The
 * result arrives as the JSON text of `result` ("null" included). */
typedef void (*source_call_cb)(void *arg, enum err err,
			       const struct fault *fault, const char *result);
enum err source_call(struct source *source, const char *method,
		     const char *params, source_call_cb cb, void *arg,
		     struct source_request **out) MUST_CHECK;

#endif
