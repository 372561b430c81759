#ifndef GS_CHAIN_ENDPOINT_H
#define GS_CHAIN_ENDPOINT_H

#include "chain/block.h"
#include "chain/pace.h"
#include "chain/portion.h"
#include "chain/rpc.h"

/* Batches of headers and of bodies at most: each body is two calls. */
#define HEADER_BATCH_MOST 100
#define BODY_BATCH_MOST 32
#define RECEIPT_BATCH_MOST 100
#define STATE_BATCH_MOST 100

/* What a node grants, learned from what it refuses. */
struct endpoint_limits {
	struct portion header_batch;  /* headers in one request */
	struct portion body_batch;    /* blocks with receipts in one request */
	struct portion log_blocks;    /* blocks in one eth_getLogs */
	struct portion log_topics;    /* alternatives for a topic of one */
	struct portion receipt_batch; /* receipts one by one in one request */
	struct portion state_batch;   /* balances and such in one request */
	bool no_block_receipts; /* it does not know eth_getBlockReceipts */
};

/* Whether it serves the configured chain (identify.c). */
enum identity { IDENTITY_UNKNOWN, IDENTITY_OURS, IDENTITY_FOREIGN };

/* A node and how it has behaved. Pure: times are milliseconds of any clock that
 * only goes forward. */
struct endpoint {
	char *name, *url;
	struct rpc_node node;	  /* of these two */
	struct endpoint *retired; /* the next one that is asked no more */

	unsigned failures;     /* since it last answered well */
	uint64_t avoid_until;  /* others are asked first until then */
	uint64_t closed_until; /* it asked not to be asked before */
	uint32_t latency_us;   /* mean of small answers; 0: not known */
	uint32_t trouble;      /* mean share of failures, of TROUBLE_ALL */
	uint64_t asked_at;     /* the last time */
	/* It did not have this block; until then, others are asked for what is
	 * as high. */
	uint64_t lacks, lacks_until;
	/* At a final height a quorum names another hash than this node; below
	 * that it may still agree. */
	bool disagrees;
	uint64_t disagrees_at;
	enum identity identity;
	uint64_t identity_until; /* FOREIGN: it is asked again then */
	uint64_t foreign_id;

	unsigned in_flight; /* urgent requests are not counted */
	unsigned max_in_flight;
	struct pace pace;
	struct endpoint_limits limits;
};
#define TROUBLE_ALL 256u

/* Requests to one node at a time, unless it is configured. */
#define ENDPOINT_IN_FLIGHT 4u

/* Copies name and url; NULL for want of memory. */
struct endpoint *endpoint_new(const char *name, const char *url);
void endpoint_free(struct endpoint *endpoint); /* NULL is allowed */
/* max_in_flight 0: the default; max_per_second 0: as it will show. What was
 * learned stays. */
void endpoint_configure(struct endpoint *endpoint, unsigned max_in_flight,
			unsigned max_per_second);

/* What is to be asked. */
struct endpoint_want {
	uint64_t height; /* the highest block it is about; 0: none */
	uint32_t calls;
	bool urgent; /* the cap on requests in flight is not for it */
	/* None of these; except may be NULL. */
	const struct endpoint *except;
	struct endpoint *const *excepted;
	size_t n_excepted;
};

/* Whom to ask: one that can be asked now before one that cannot yet, one that
 * has what is wanted, one that has not failed lately, the fastest; those that
 * contradict a quorum, or serve another chain, only if there is nobody else.
 * NULL: there is no other. */
struct endpoint *endpoint_pick(struct endpoint *const *endpoints, size_t n,
			       const struct endpoint_want *want, uint64_t now);
/* From when on it may be asked; UINT64_MAX: when a request has ended. */
uint64_t endpoint_ready_at(const struct endpoint *endpoint,
			   const struct endpoint_want *want, uint64_t now);
/* It is known to serve another chain. */
bool endpoint_is_foreign(const struct endpoint *endpoint, uint64_t now);
/* It neither fails nor refuses nor contradicts the others. */
bool endpoint_is_healthy(const struct endpoint *endpoint, uint64_t now);
/* One word for it: see struct source_endpoint. */
const char *endpoint_state(const struct endpoint *endpoint, uint64_t now);
/* How long its answer may take before another is asked as well. */
uint64_t endpoint_hedge_ms(const struct endpoint *endpoint);

void endpoint_asked(struct endpoint *endpoint, const struct endpoint_want *want,
		    uint64_t now);
/* A whole answer; bytes tells a small one, which shows how fast it is. */
void endpoint_succeeded(struct endpoint *endpoint, double seconds, size_t bytes,
			uint64_t now);
void endpoint_failed(struct endpoint *endpoint, uint64_t now);
/* It said "too many requests"; retry_after_ms: 0 where it named no time. */
void endpoint_refused(struct endpoint *endpoint, uint32_t retry_after_ms,
		      uint64_t now);
/* It asked not to be asked before so long, for whatever reason. */
void endpoint_close(struct endpoint *endpoint, uint32_t retry_after_ms,
		    uint64_t now);
/* Another answered first; after so long this one had not. */
void endpoint_outrun(struct endpoint *endpoint, uint64_t ms);
/* It does not have block `height` yet. */
void endpoint_lags(struct endpoint *endpoint, uint64_t height, uint64_t now);

#endif
