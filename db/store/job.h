#ifndef GS_DB_STORE_JOB_H
#define GS_DB_STORE_JOB_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Durable jobs, as chain.jobs has them. */

enum job_kind {
	JOB_RANGE,   /* blocks to be read: a backfill, a gap */
	JOB_HISTORY, /* of wallets */
	JOB_REBUILD, /* what is derived from the facts, again; reads no node */
	JOB_RETRY,   /* what is in quarantine, again; reads no node */
	JOB_KINDS
};
/* Does the database alone tell what there is to do? */
static inline bool job_derives(enum job_kind kind)
{
	return kind == JOB_REBUILD || kind == JOB_RETRY;
}

/* What such a job has changed: chain.jobs.tally in this order, from 1. */
enum tally_count {
	TALLY_STREAMS_INSERTED,
	TALLY_STREAMS_UPDATED,
	TALLY_STREAMS_REMOVED,
	TALLY_LOANS_INSERTED,
	TALLY_LOANS_UPDATED,
	TALLY_LOANS_REMOVED,
	TALLY_TRANSACTIONS_INSERTED,
	TALLY_TRANSACTIONS_UPDATED,
	TALLY_ROLES,	   /* of transfers: what explains them */
	TALLY_DETAILS,	   /* of events */
	TALLY_QUARANTINED, /* entered quarantine, or have another reason */
	TALLY_RELEASED,	   /* left it: they contradict nothing any more */
	TALLY_RETRIED,	   /* RETRY: all that were tried */
	TALLY_DECODED,	   /* RETRY: malformed ones that are facts now */
	TALLY_COUNTS
};
struct tally {
	uint64_t n[TALLY_COUNTS];
};

struct job_row {
	uint64_t id;
	enum job_kind kind;
	uint64_t from, to;
	uint64_t done_to; /* from - 1 when nothing is done; see has_done */
	bool has_done;
	bool rescan;
	size_t n_wallets; /* a history's; see store_job_wallets() */
	struct tally tally;
	char error[256]; /* why it cannot be finished; empty: it can */
};

#endif
