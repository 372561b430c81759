#ifndef GS_DAEMON_SERVE_METRICS_H
#define GS_DAEMON_SERVE_METRICS_H

#include "common/buf.h"
#include <stdint.h>

/* What /metrics shows, in the Prometheus text format (prometheus.io/docs/
 * instrumenting/exposition_formats). Names: see the table in metrics.c. */
enum metric {
	METRIC_HEAD_BLOCK,
	METRIC_FINALIZED_BLOCK,
	METRIC_INDEXED_BLOCK,
	METRIC_LAG_SECONDS,
	METRIC_LOGS, /* {event} */
	METRIC_REORGS,
	METRIC_REPUTATION_DIFFERENCES,
	METRIC_ALERTS,
	METRIC_REORG_DEPTH,		/* histogram, blocks */
	METRIC_HALTED,			/* gauge, 0 or 1 */
	METRIC_INCOMPLETE_RESPONSES,	/* {endpoint} */
	METRIC_BLOOM_BELIEVED,		/* no log, agreed and not proven */
	METRIC_RPC_REQUESTS,		/* {endpoint,method,outcome} */
	METRIC_RPC_SECONDS,		/* histogram */
	METRIC_COMMIT_SECONDS,		/* histogram */
	METRIC_BLOCK_TO_COMMIT_SECONDS, /* histogram */
	METRIC_TRANSACTIONS,		/* {type,status}: rows written */
	METRIC_STREAMS,			/* gauge {status} */
	METRIC_QUARANTINED,
	METRIC_BACKFILL_BLOCKS,
	METRIC_AUDIT_DIFFERENCES,
	METRIC_AUDIT_LAST, /* gauge, Unix time */
	METRIC_AUDIT_WALLETS,
	METRIC_BUILD_INFO, /* {version} */
	METRICS
};

struct metrics;
struct metrics *metrics_new(void); /* NULL: no memory */
void metrics_free(struct metrics *metrics);

/* labels: as many strings as the metric has label names, in that order; NULL
 * for none. Series beyond a cap per metric are dropped, not grown for ever. */
void metrics_set(struct metrics *metrics, enum metric metric,
		 const char *const *labels, double value);
void metrics_add(struct metrics *metrics, enum metric metric,
		 const char *const *labels, double value);
void metrics_observe(struct metrics *metrics, enum metric metric, double value);
/* Appends the whole page, process_* from /proc/self included. */
void metrics_render(const struct metrics *metrics, struct buf *out);

#endif
