#include "daemon/serve/metrics.h"

#include "daemon/serve/process.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LABELS 3
#define MAX_BUCKETS 16
/* Series of one metric; a label that went wild ends here. */
#define MAX_SERIES 512

enum metric_type { COUNTER, GAUGE, HISTOGRAM };
static const char *const type_names[] = {
    [COUNTER] = "counter", [GAUGE] = "gauge", [HISTOGRAM] = "histogram"};

/* Upper bounds, ascending; the first 0 ends them; +Inf is implied. */
#define SECONDS                                                                \
	{                                                                      \
		.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, \
		    30, 60                                                     \
	}

static const struct description {
	const char *name, *help;
	enum metric_type type;
	const char *labels[MAX_LABELS];
	double buckets[MAX_BUCKETS];
} descriptions[] = {
    [METRIC_HEAD_BLOCK] =
	{
	    .name = "gigstream_head_block",
	    .help = "Newest block the node knows.",
	    .type = GAUGE,
	},
    [METRIC_FINALIZED_BLOCK] =
	{
	    .name = "gigstream_finalized_block",
	    .help = "Newest block that is final.",
	    .type = GAUGE,
	},
    [METRIC_INDEXED_BLOCK] =
	{
	    .name = "gigstream_indexed_block",
	    .help = "Newest block whose events are committed.",
	    .type = GAUGE,
	},
    [METRIC_LAG_SECONDS] =
	{
	    .name = "gigstream_lag_seconds",
	    .help = "Block time between head and indexed block.",
	    .type = GAUGE,
	},
    [METRIC_LOGS] =
	{
	    .name = "gigstream_logs_total",
	    .help = "Decoded logs that were committed.",
	    .type = COUNTER,
	    .labels = {"event"},
	},
    [METRIC_REORGS] =
	{
	    .name = "gigstream_reorgs_total",
	    .help = "Reorganisations that were undone.",
	    .type = COUNTER,
	},
    [METRIC_REPUTATION_DIFFERENCES] =
	{
	    .name = "gigstream_reputation_differences_total",
	    .help = "Reputation events whose score is not what the score "
		    "before and their points come to.",
	    .type = COUNTER,
	},
    [METRIC_ALERTS] =
	{
	    .name = "gigstream_alerts_total",
	    .help = "Facts at the head that change what money can do: the "
		    "token or a contract paused, upgraded, in other hands.",
	    .type = COUNTER,
	    .labels = {"event"},
	},
    [METRIC_REORG_DEPTH] =
	{
	    .name = "gigstream_reorg_depth",
	    .help = "Blocks rolled back by one reorganisation.",
	    .type = HISTOGRAM,
	    .buckets = {1, 2, 3, 5, 10, 25, 64, 128, 256},
	},
    [METRIC_HALTED] =
	{
	    .name = "gigstream_halted",
	    .help = "1 while a reorganisation too deep halts us.",
	    .type = GAUGE,
	},
    [METRIC_INCOMPLETE_RESPONSES] =
	{
	    .name = "gigstream_incomplete_responses_total",
	    .help = "Replies that did not prove complete.",
	    .type = COUNTER,
	    .labels = {"endpoint"},
	},
    [METRIC_BLOOM_BELIEVED] =
	{
	    .name = "gigstream_bloom_believed_total",
	    .help = "Blocks without logs, by agreement and not by proof.",
	    .type = COUNTER,
	},
    [METRIC_RPC_REQUESTS] =
	{
	    .name = "gigstream_rpc_requests_total",
	    .help = "Requests to nodes by how they ended.",
	    .type = COUNTER,
	    .labels = {"endpoint", "method", "outcome"},
	},
    [METRIC_RPC_SECONDS] =
	{
	    .name = "gigstream_rpc_request_seconds",
	    .help = "Time from request to reply of a node.",
	    .type = HISTOGRAM,
	    .buckets = SECONDS,
	},
    [METRIC_COMMIT_SECONDS] =
	{
	    .name = "gigstream_commit_seconds",
	    .help = "Time of one batch in the database.",
	    .type = HISTOGRAM,
	    .buckets = SECONDS,
	},
    [METRIC_BLOCK_TO_COMMIT_SECONDS] =
	{
	    .name = "gigstream_block_to_commit_seconds",
	    .help = "Time from a block's timestamp to its commit.",
	    .type = HISTOGRAM,
	    .buckets = {.1, .25, .5, 1, 2, 3, 5, 8, 12, 20, 30, 60, 120, 300,
			900},
	},
    [METRIC_TRANSACTIONS] =
	{
	    .name = "gigstream_transactions_total",
	    .help = "Rows of transactions written.",
	    .type = COUNTER,
	    .labels = {"type", "status"},
	},
    [METRIC_STREAMS] =
	{
	    .name = "gigstream_streams",
	    .help = "Payment streams by status.",
	    .type = GAUGE,
	    .labels = {"status"},
	},
    [METRIC_QUARANTINED] =
	{
	    .name = "gigstream_quarantined",
	    .help =
		"Logs of ours that are malformed or contradict what is known.",
	    .type = GAUGE,
	},
    [METRIC_BACKFILL_BLOCKS] =
	{
	    .name = "gigstream_backfill_blocks_total",
	    .help = "Blocks indexed out of order: backfills, histories, gaps.",
	    .type = COUNTER,
	},
    [METRIC_AUDIT_DIFFERENCES] =
	{
	    .name = "gigstream_audit_differences",
	    .help = "Differences between books and chain in the last audit.",
	    .type = GAUGE,
	},
    [METRIC_AUDIT_LAST] =
	{
	    .name = "gigstream_audit_last_seconds",
	    .help = "When the last audit ended, in Unix time.",
	    .type = GAUGE,
	},
    [METRIC_AUDIT_WALLETS] =
	{
	    .name = "gigstream_audit_wallets",
	    .help = "Wallets whose balance the last audit checked.",
	    .type = GAUGE,
	},
    [METRIC_BUILD_INFO] =
	{
	    .name = "gigstream_build_info",
	    .help = "Always 1; the label says what runs.",
	    .type = GAUGE,
	    .labels = {"version"},
	},
};
_Static_assert(sizeof(descriptions) / sizeof(*descriptions) == METRICS,
	       "every metric is described");

struct series {
	char *labels; /* rendered: `a="b",c="d"`; "" without labels */
	double value; /* a histogram's sum */
	uint64_t count;
	uint64_t buckets[MAX_BUCKETS];
};

struct family {
	struct series *items;
	size_t n, room;
};

struct metrics {
	struct family families[METRICS];
};

/* Backslash, quote and newline are escaped: the text format's label values. */
static void put_label(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s%s=\"", out->len ? "," : "", name);
	for (; *value; value++) {
		if (*value == '\n')
			buf_puts(out, "\\n");
		else if (*value == '"' || *value == '\\')
			buf_printf(out, "\\%c", *value);
		else
			buf_putc(out, *value);
	}
	buf_putc(out, '"');
}

static struct series *series_add(struct family *family, char *labels)
{
	size_t room = family->room ? 2 * family->room : 4;
	struct series *items;

	if (family->n == family->room) {
		items = realloc(family->items, room * sizeof(*items));
		if (!items)
			return NULL;
		family->items = items;
		family->room = room;
	}
	family->items[family->n] = (struct series){.labels = labels};
	return &family->items[family->n++];
}

/* The series with these labels, made where it is new. NULL: the cap. */
static struct series *series_of(struct metrics *metrics, enum metric metric,
				const char *const *labels)
{
	const struct description *about = &descriptions[metric];
	struct family *family = &metrics->families[metric];
	struct series *found = NULL;
	struct buf key;
	char *copy;

	buf_init(&key, 1024);
	for (size_t i = 0; i < MAX_LABELS && about->labels[i]; i++)
		put_label(&key, about->labels[i],
			  labels && labels[i] ? labels[i] : "");
	for (size_t i = 0; i < family->n && !found; i++)
		if (strcmp(family->items[i].labels, key.data) == 0)
			found = &family->items[i];
	if (!found && key.err == OK && family->n < MAX_SERIES) {
		copy = strdup(key.data);
		found = copy ? series_add(family, copy) : NULL;
		if (!found)
			free(copy);
	}
	buf_free(&key);
	return found;
}

struct metrics *metrics_new(void)
{
	const char *version[] = {GIGSTREAM_VERSION};
	struct metrics *metrics = calloc(1, sizeof(*metrics));

	if (!metrics)
		return NULL;
	/* What only counts up begins at 0, so that a first event is an
	 * increase; a gauge nobody has set yet is absent, not 0. */
	for (size_t i = 0; i < METRICS; i++) {
		if (descriptions[i].type == GAUGE || descriptions[i].labels[0])
			continue;
		if (!series_of(metrics, (enum metric)i, NULL)) {
			metrics_free(metrics);
			return NULL;
		}
	}
	metrics_set(metrics, METRIC_BUILD_INFO, version, 1);
	return metrics;
}

void metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return;
	for (size_t i = 0; i < METRICS; i++) {
		struct family *family = &metrics->families[i];

		for (size_t j = 0; j < family->n; j++)
			free(family->items[j].labels);
		free(family->items);
	}
	free(metrics);
}

void metrics_set(struct metrics *metrics, enum metric metric,
		 const char *const *labels, double value)
{
	struct series *series = series_of(metrics, metric, labels);

	if (series)
		series->value = value;
}

void metrics_add(struct metrics *metrics, enum metric metric,
		 const char *const *labels, double value)
{
	struct series *series = series_of(metrics, metric, labels);

	if (series)
		series->value += value;
}

void metrics_observe(struct metrics *metrics, enum metric metric, double value)
{
	const double *bounds = descriptions[metric].buckets;
	struct series *series = series_of(metrics, metric, NULL);

	if (!series || isnan(value))
		return;
	series->value += value;
	series->count++;
	for (size_t i = 0; i < MAX_BUCKETS && bounds[i] > 0; i++)
		if (value <= bounds[i])
			series->buckets[i]++;
}

static void put_sample(struct buf *out, const char *name, const char *suffix,
		       const char *labels, double value)
{
	buf_puts(out, name);
	buf_puts(out, suffix);
	if (*labels)
		buf_printf(out, "{%s}", labels);
	buf_putc(out, ' ');
	metric_put_value(out, value);
	buf_putc(out, '\n');
}

static void put_histogram(struct buf *out, const struct description *about,
			  const struct series *series)
{
	const double *bounds = about->buckets;

	for (size_t i = 0; i < MAX_BUCKETS && bounds[i] > 0; i++)
		buf_printf(out, "%s_bucket{le=\"%g\"} %llu\n", about->name,
			   bounds[i], (unsigned long long)series->buckets[i]);
	buf_printf(out, "%s_bucket{le=\"+Inf\"} %llu\n", about->name,
		   (unsigned long long)series->count);
	put_sample(out, about->name, "_sum", "", series->value);
	put_sample(out, about->name, "_count", "", (double)series->count);
}

void metrics_render(const struct metrics *metrics, struct buf *out)
{
	for (size_t i = 0; i < METRICS; i++) {
		const struct description *about = &descriptions[i];
		const struct family *family = &metrics->families[i];

		if (family->n == 0)
			continue;
		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", about->name,
			   about->help, about->name, type_names[about->type]);
		for (size_t j = 0; j < family->n; j++) {
			const struct series *series = &family->items[j];

			if (about->type == HISTOGRAM)
				put_histogram(out, about, series);
			else
				put_sample(out, about->name, "", series->labels,
					   series->value);
		}
	}
	process_render(out);
}
