#ifndef GS_CHAIN_ESTIMATE_H
#define GS_CHAIN_ESTIMATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

/* What a long range would cost in each mode of chain.verify, from a sample of
 * it. Pure. */

/* What was seen of some of its blocks. */
struct estimate_sample {
	uint64_t blocks;
	uint64_t concerned; /* their bloom may concern us */
	uint64_t with_logs; /* and logs of ours came of them */
	uint64_t bodies;    /* receipts and transactions that were read */
	size_t header_bytes, log_bytes, body_bytes; /* of all those replies */
	unsigned requests;
	double seconds;	  /* that they took, one after the other */
	double quickest;  /* of them */
	size_t all_bytes; /* of all of them */
	/* How many go into one request. */
	uint64_t header_batch, body_batch, log_blocks;
};

struct estimate {
	bool known; /* false: the sample does not tell */
	double requests, bytes, seconds;
};

/* For so many blocks. seconds: of the node and the way to it, four requests at
 * a time; what we and the database do beside that is not in it. */
struct estimate estimate_of(enum verify_mode mode,
			    const struct estimate_sample *sample,
			    uint64_t blocks);

#endif
