#include "chain/logs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "chain/fields.h"
#include "chain/log_query.h"

/* Replies that are as large do not grow any more: they are fast enough then,
 * and what is read of them has to be held. */
#define LOGS_BYTES_LARGE (8u << 20)

static void ask_headers_too(struct logs_request *q, struct rpc_batch *batch)
{
	q->n_asked = 0;
	for (uint64_t number = q->next; number <= q->asked_to; number++) {
		log_query_head(batch, number);
		q->asked[q->n_asked++] = number;
	}
}

void logs_ask_find(struct logs_request *q)
{
	struct rpc_batch *batch = ask_begin(&q->ask);

	q->asked_to =
	    log_query_end(&ask_limits(&q->ask)->log_blocks, q->next, q->to);
	q->ask.height = q->asked_to;
	batch->reader = &q->reader;
	log_query_add(batch, q->next, q->asked_to, q->filter.data);
	if (q->at_once)
		ask_headers_too(q, batch);
	else
		log_query_head(batch, q->asked_to);
}

bool logs_asked_for(const struct prover *prover, const struct raw_log *log,
		    bool *ours)
{
	bool address = false, topic = false;

	*ours = false;
	for (size_t i = 0; log->n_topics > 0 && i < prover->n_interests; i++) {
		const struct catalog_interest *want = &prover->interests[i];
		bool a = address_eq(&want->address, &log->address);
		bool t = hash_eq(&want->topic0, &log->topics[0]);

		address |= a;
		topic |= t;
		*ours |= a && t;
	}
	return address && topic;
}

/* A log of a block that is gone, where only logs of the chain were asked for:
 * the node is amid a reorg, or one that stands is marked by mistake. Asked
 * again, until it is clear that this node always speaks so (graph-node issue
 * 5661): then the mark is believed. */
#define REMOVED_PATIENCE 3
static enum err pass_removed(const struct logs_request *q,
			     const struct found_log *log, struct fault *fault)
{
	if (q->failures >= REMOVED_PATIENCE)
		return OK;
	return fault_set(fault, ERR_NOT_YET,
			 "eth_getLogs gives a log of block %" PRIu64
			 " as removed",
			 log->block_number);
}

/* What is to be said against a log; *ours: whether it is kept. */
static enum err check_log(const struct logs_request *q,
			  const struct found_log *log, bool *ours,
			  struct fault *fault)
{
	*ours = false;
	if (log->removed)
		return pass_removed(q, log, fault);
	if (log->block_number < q->next || log->block_number > q->asked_to ||
	    !logs_asked_for(&q->prover, &log->raw, ours))
		return fault_set(fault, ERR_NONSENSE,
				 "eth_getLogs gives a log that was not asked"
				 " for, of block %" PRIu64,
				 log->block_number);
	return OK;
}

/* Logs are read while the reply arrives; those that are not ours go no
 * further. */
static void take_log(const void *arg, void *out, const struct json *element,
		     struct arena *arena)
{
	const struct logs_request *q = arg;
	struct found_logs *logs = out;
	struct found_log log;
	bool ours;

	if (parse_next_log(&log, logs, element, arena) != OK)
		return;
	logs->err = check_log(q, &log, &ours, &logs->fault);
	if (logs->err == OK && ours)
		parse_keep_log(logs, &log, arena);
}

void logs_init_find(struct logs_request *q)
{
	q->reader = (struct reply_reader){
	    .size = sizeof(struct found_logs), .element = take_log, .arg = q};
}

static int compare_logs(const void *left, const void *right)
{
	const struct found_log *a = left, *b = right;

	if (a->block_number != b->block_number)
		return a->block_number < b->block_number ? -1 : 1;
	return (a->log_index > b->log_index) - (a->log_index < b->log_index);
}

/* Within a block: logs are numbered through all its transactions. */
static bool places_fit(const struct found_log *a, const struct found_log *b)
{
	bool same = hash_eq(&a->tx_hash, &b->tx_hash);

	if (a->block_number != b->block_number)
		return true;
	return a->tx_index <= b->tx_index &&
	       same == (a->tx_index == b->tx_index);
}

enum err logs_check_order(const struct found_log *logs, size_t n,
			  struct fault *fault)
{
	for (size_t i = 1; i < n; i++) {
		int order = compare_logs(&logs[i - 1], &logs[i]);

		if (order < 0 && places_fit(&logs[i - 1], &logs[i]))
			continue;
		return fault_set(fault, ERR_NONSENSE,
				 "eth_getLogs gives log %u of block %" PRIu64
				 " %s",
				 logs[i].log_index, logs[i].block_number,
				 order == 0  ? "twice"
				 : order > 0 ? "out of order"
					     : "at a place that does not fit"
					       " the log before it");
	}
	return OK;
}

/* To those of the pieces before; what they hold moves to the span's arena. */
static enum err append(struct logs_request *q, const struct found_logs *logs)
{
	size_t need = q->n_found + logs->n, bytes = 0;
	uint8_t *data;

	for (size_t i = 0; i < logs->n; i++)
		bytes += logs->list[i].raw.data.len;
	data = arena_alloc(q->arena, bytes, 1);
	q->found = arena_reserve(q->arena, q->found, q->n_found, need, &q->room,
				 sizeof(*q->found));
	if (!data || !q->found)
		return ERR_NOMEM;
	for (size_t i = 0; i < logs->n; i++) {
		struct found_log *log = &q->found[q->n_found++];

		*log = logs->list[i];
		if (log->raw.data.len > 0)
			memcpy(data, log->raw.data.data, log->raw.data.len);
		log->raw.data.data = data;
		data += log->raw.data.len;
	}
	return OK;
}

static enum err read_logs(struct logs_request *q,
			  const struct rpc_result *result, struct fault *fault)
{
	const struct found_logs *logs = result->read;
	size_t before = q->n_found;
	enum err err =
	    fields_result(result->value, JSON_KIND_ARRAY, "logs", fault);

	if (err != OK)
		return err;
	if (logs->err != OK)
		return fault_set(fault, logs->err, "%s", logs->fault.text);
	if (append(q, logs) != OK)
		return fault_set(fault, ERR_NOMEM, "too many logs in the span");
	if (!q->bloom && q->n_found > before)
		qsort(q->found + before, q->n_found - before, sizeof(*q->found),
		      compare_logs);
	return logs_check_order(q->found + before, q->n_found - before, fault);
}

enum err logs_read_find(struct logs_request *q, const struct rpc_reply *reply,
			struct fault *fault)
{
	enum err err =
	    log_query_check_head(&q->last, reply->results[reply->n - 1].value,
				 q->asked_to, q->scratch, fault);

	if (err == OK)
		err = read_logs(q, &reply->results[0], fault);
	if (err != OK)
		return source_blame(fault, &q->ask, q->asked_to);
	if (reply->bytes < LOGS_BYTES_LARGE)
		portion_fine(&ask_limits(&q->ask)->log_blocks,
			     q->asked_to - q->next + 1);
	q->found_by = q->ask.endpoint;
	return q->at_once ? logs_read_headers(q, reply, 1, fault) : OK;
}
