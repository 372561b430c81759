#ifndef GS_CHAIN_ENDPOINT_H
#define GS_CHAIN_ENDPOINT_H

#include "chain/rpc.h"

/* A node and how it has behaved. Pure: times are milliseconds of any clock. */
struct endpoint {
	struct rpc_node node;
	unsigned failures;	/* since it last answered well */
	uint64_t avoid_until;	/* others are asked first until then */
	uint64_t closed_until;	/* it asked not to be asked before */
	bool no_block_receipts; /* it does not know eth_getBlockReceipts */
};

/* The first that is not avoided, else the one whose time comes first. */
struct endpoint *endpoint_pick(struct endpoint *endpoints, size_t n,
			       uint64_t now);
bool endpoint_is_healthy(const struct endpoint *endpoint, uint64_t now);
void endpoint_succeeded(struct endpoint *endpoint);
void endpoint_failed(struct endpoint *endpoint, uint64_t now,
		     uint32_t retry_after_ms);

#endif
