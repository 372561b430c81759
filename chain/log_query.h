#ifndef GS_CHAIN_LOG_QUERY_H
#define GS_CHAIN_LOG_QUERY_H

#include "chain/portion.h"
#include "chain/proof.h"
#include "chain/rpc.h"

/* How eth_getLogs is asked. */

/* `"address":[..],"topics":[[..]]` for all the catalog follows; ERR_USAGE when
 * that is nothing, for an empty filter would mean everything. */
enum err log_query_filter(struct buf *out,
			  const struct prover *prover) MUST_CHECK;

/* The last block to ask for, from next on. */
uint64_t log_query_end(const struct portion *portion, uint64_t next,
		       uint64_t to);

void log_query_add(struct rpc_batch *batch, uint64_t from, uint64_t to,
		   const char *filter);

/* A node that has not come so far may return fewer logs without a word
 * (go-ethereum issue 24078): so with each query goes a question for the
 * header of its last block, and does not count if that is not there. hash:
 * which block that was. */
void log_query_head(struct rpc_batch *batch, uint64_t to);
enum err log_query_check_head(struct hash *hash, const struct json *header,
			      uint64_t to, struct arena *scratch,
			      struct fault *fault) MUST_CHECK;

#endif
