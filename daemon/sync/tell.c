#include <inttypes.h>
#include <string.h>

#include "daemon/serve/metrics.h"
#include "daemon/sync/engine.h"

static void count_facts(struct sync *sync, const struct facts *facts)
{
	const char *label;

	for (size_t i = 0; i < facts->n_events; i++) {
		label = event_kind_name(facts->events[i].kind);
		metrics_add(sync->metrics, METRIC_LOGS, &label, 1);
	}
	label = event_kind_name(EVENT_TRANSFER);
	if (facts->n_transfers)
		metrics_add(sync->metrics, METRIC_LOGS, &label,
			    (double)facts->n_transfers);
}

static void count_changes(struct sync *sync, const struct changes *changes)
{
	for (size_t i = 0; i < changes->n_transactions; i++) {
		const struct transaction_row *row = &changes->transactions[i];
		const char *labels[] = {transaction_type_name(row->type),
					transaction_status_name(row->status)};

		metrics_add(sync->metrics, METRIC_TRANSACTIONS, labels, 1);
	}
}

void tell_differences(struct sync *sync, uint64_t n)
{
	if (n == 0)
		return;
	log_warn(sync->logger,
		 "reputation: %" PRIu64 " scores on the chain are not what "
		 "the scores before and their points come to; they count: see "
		 "metadata.difference in reputation_events",
		 n);
	if (sync->metrics)
		metrics_add(sync->metrics, METRIC_REPUTATION_DIFFERENCES, NULL,
			    (double)n);
}

static void count(struct sync *sync, const struct batch *batch,
		  const struct store_done *done)
{
	double now = (double)engine_now_ms() / 1000;

	if (!sync->metrics)
		return;
	count_facts(sync, &batch->facts);
	count_changes(sync, &batch->changes);
	for (int i = 0; i < TRANSACTION_TYPES; i++) {
		const char *labels[] = {
		    transaction_type_name((enum transaction_type)i),
		    "confirmed"};

		if (done->confirmed[i])
			metrics_add(sync->metrics, METRIC_TRANSACTIONS, labels,
				    (double)done->confirmed[i]);
	}
	if (batch->span)
		metrics_observe(sync->metrics, METRIC_COMMIT_SECONDS,
				(double)(uv_hrtime() - batch->taken) / 1e9);
	if (batch->lane == &sync->job_lane)
		metrics_add(sync->metrics, METRIC_BACKFILL_BLOCKS, NULL,
			    (double)(batch->to - batch->from + 1));
	head_show(sync);
	if (batch->lane == &sync->follow_lane && batch->span->n_blocks > 0 &&
	    batch->to == sync->head.latest.number)
		metrics_observe(
		    sync->metrics, METRIC_BLOCK_TO_COMMIT_SECONDS,
		    now - (double)batch->span->blocks[batch->span->n_blocks - 1]
			      .ref.timestamp);
}

/* A contract's first owner comes with it: the one before is nobody. */
static bool is_first_owner(const struct event_row *event)
{
	return event->detail &&
	       strstr(event->detail,
		      "\"from\":\"0x"
		      "0000000000000000000000000000000000000000\"");
}

/* What an operator has to know of at once, since it changes what money can do;
 * NULL: nothing. */
static const char *meaning(const struct event_row *event)
{
	switch (event->kind) {
	case EVENT_TOKEN_UPGRADED:
		return "the token's code is replaced: see that it still is "
		       "what this program expects";
	case EVENT_TOKEN_PAUSED:
		return "the token is paused: nobody can be paid";
	case EVENT_TOKEN_UNPAUSED:
		return "the token is no longer paused";
	case EVENT_CONTRACT_PAUSED:
		return "the contract is paused: nobody can be paid from it";
	case EVENT_CONTRACT_UNPAUSED:
		return "the contract is no longer paused";
	case EVENT_OWNER_CHANGED:
		return is_first_owner(event) ? NULL
					     : "the contract has another owner";
	default:
		return NULL;
	}
}

static void alert(const struct sync *sync, const struct facts *facts)
{
	char contract[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < facts->n_events; i++) {
		const struct event_row *e = &facts->events[i];
		const char *what = meaning(e);
		const char *label = event_kind_name(e->kind);

		if (!what)
			continue;
		log_warn(sync->logger, "%s: %s of %s in block %" PRIu64 " %s",
			 what, label, address_checksum(contract, &e->contract),
			 e->at.block_number, e->detail ? e->detail : "");
		if (sync->metrics)
			metrics_add(sync->metrics, METRIC_ALERTS, &label, 1);
	}
}

static void add_progress(struct sync *sync, const struct batch *batch,
			 const struct store_done *done)
{
	struct sync_progress *p = &sync->progress;

	if (batch->lane != &sync->job_lane)
		return;
	p->blocks += batch->to - batch->from + 1;
	for (size_t i = 0; i < batch->span->n_blocks; i++)
		p->logs += batch->span->blocks[i].n_logs;
	p->events += batch->facts.n_events + batch->facts.n_transfers;
	p->quarantined +=
	    batch->facts.n_malformed + batch->changes.n_quarantine;
	p->transactions_inserted += done->transactions_inserted;
	p->transactions_updated += done->transactions_updated;
	p->streams_inserted += done->streams_inserted;
	p->streams_updated += done->streams_updated;
	p->verified_by = batch->span->verified_by;
	if (sync->observer.progress)
		sync->observer.progress(sync->observer.arg, p);
}

void tell_committed(struct sync *sync, const struct batch *batch,
		    const struct store_done *done)
{
	count(sync, batch, done);
	tell_differences(sync, done->reputation_differences);
	if (batch->lane == &sync->follow_lane)
		alert(sync, &batch->facts);
	if (!batch->lane)
		return;
	log_debug(sync->logger,
		  "blocks %" PRIu64 " to %" PRIu64
		  ": %zu events, %zu transfers",
		  batch->from, batch->to, batch->facts.n_events,
		  batch->facts.n_transfers);
	add_progress(sync, batch, done);
}
