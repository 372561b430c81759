#ifndef GS_DAEMON_COMMAND_COST_H
#define GS_DAEMON_COMMAND_COST_H

#include "chain/estimate.h"
#include "common/buf.h"
#include "daemon/command/command.h"
#include "daemon/sync/sync.h"

/* What a long backfill will cost in each mode of chain.verify, said before it
 * begins: requests, bytes and time, from a sample of its blocks. */
struct cost {
	bool known; /* false: the range is short, or the node did not say */
	uint64_t blocks;
	struct estimate modes[3]; /* by enum verify_mode */
};

/* Asks the node, for seconds at most; why not goes to stderr. */
void cost_estimate(struct cost *cost, struct command *command,
		   const struct sync_options *options);
/* "20,000 blocks cost about (if none is covered): receipts (as configured)
 * 240 requests, 31.2 MB, 4 s; bloom ...; off ..." */
void cost_line(const struct cost *cost, enum verify_mode mode, struct buf *out);
/* `{"blocks":..,"receipts":{"requests":..,"bytes":..,"seconds":..},..}`; null
 * for a mode that the sample does not tell of. */
void cost_json(const struct cost *cost, struct buf *out);

#endif
