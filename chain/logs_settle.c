#include "chain/logs.h"

#include <inttypes.h>
#include <limits.h>

/* Under VERIFY_BLOOM: blocks whose bloom may concern us, although eth_getLogs
 * told of no log. Blooms are like that now and then (three bits of 2048 an
 * address); and a node that leaves out a block's logs is found here. */

unsigned logs_least_empty(const struct logs_request *q)
{
	unsigned least = UINT_MAX;

	for (size_t i = 0; i < q->n_suspects; i++)
		if (q->suspects[i].empty < least)
			least = q->suspects[i].empty;
	return least;
}

/* By hash, so that a node that has not come so far cannot take it for empty
 * (EIP-234). */
void logs_ask_settle(struct logs_request *q)
{
	unsigned empty = logs_least_empty(q);
	struct rpc_batch *batch;
	char hash[HASH_TEXT_SIZE];
	size_t most;

	q->ask.avoid = empty ? q->ask.endpoint : q->found_by;
	batch = ask_begin(&q->ask);
	most = ask_most(&q->ask, &ask_limits(&q->ask)->header_batch, 1);
	q->n_asked = 0;
	for (size_t i = 0; i < q->n_suspects && q->n_asked < most; i++) {
		const struct suspect_block *suspect = &q->suspects[i];

		if (suspect->empty > empty)
			continue;
		rpc_batch_add(
		    batch, "eth_getLogs", "[{\"blockHash\":\"%s\",%s}]",
		    hash_format(hash, &suspect->ref.hash), q->filter.data);
		q->ask.height = suspect->ref.number;
		q->asked[q->n_asked++] = i;
	}
}

static void left_out(struct logs_request *q, const struct block_ref *ref,
		     size_t n)
{
	struct fault fault;

	fault_set(&fault, ERR_UNPROVEN,
		  "block %" PRIu64 ": eth_getLogs left out its logs of ours,"
		  " which are %zu",
		  ref->number, n);
	source_incomplete(q->base.source, q->found_by, &fault);
}

/* Drops those that are not ours. */
static enum err only_ours(struct logs_request *q, struct found_logs *logs,
			  const struct block_ref *ref, struct fault *fault)
{
	size_t n = 0;

	for (size_t i = 0; i < logs->n; i++) {
		bool ours;

		if (!logs_asked_for(&q->prover, &logs->list[i].raw, &ours) ||
		    logs->list[i].block_number != ref->number)
			return fault_set(fault, ERR_NONSENSE,
					 "eth_getLogs gives a log that was not"
					 " asked for");
		if (ours && !logs->list[i].removed)
			logs->list[n++] = logs->list[i];
	}
	logs->n = n;
	return OK;
}

static enum err read_suspect(struct logs_request *q,
			     struct suspect_block *suspect,
			     const struct json *value, struct fault *fault)
{
	struct found_logs logs;
	enum err err = parse_logs(&logs, value, q->arena, fault);

	if (err == OK)
		err = only_ours(q, &logs, &suspect->ref, fault);
	if (err == OK)
		err = logs_check_order(logs.list, logs.n, fault);
	if (err == OK && logs.n > 0)
		err = logs_fill(q, &suspect->ref, &suspect->bloom, logs.list,
				logs.n, fault);
	if (err != OK)
		return source_blame(fault, &q->ask, suspect->ref.number);
	suspect->settled = logs.n > 0;
	if (suspect->settled)
		left_out(q, &suspect->ref, logs.n);
	else
		suspect->empty++;
	return OK;
}

/* Where nothing can be proven, nodes that agree are believed. */
static void believe(struct logs_request *q, struct suspect_block *suspect)
{
	const struct source_observer *observer = &q->base.source->observer;

	if (!q->no_receipts || suspect->settled ||
	    suspect->empty < SETTLE_ANSWERS)
		return;
	suspect->settled = true;
	if (observer->believed)
		observer->believed(observer->arg, suspect->ref.number);
}

static void drop_settled(struct logs_request *q)
{
	size_t n = 0;

	for (size_t i = 0; i < q->n_suspects; i++)
		if (!q->suspects[i].settled)
			q->suspects[n++] = q->suspects[i];
	q->n_suspects = n;
}

enum err logs_read_settle(struct logs_request *q, const struct rpc_reply *reply,
			  struct fault *fault)
{
	enum err err = OK;

	for (size_t i = 0; i < q->n_asked && err == OK; i++) {
		struct suspect_block *suspect = &q->suspects[q->asked[i]];

		err = read_suspect(q, suspect, reply->results[i].value, fault);
		if (err == OK)
			believe(q, suspect);
	}
	drop_settled(q);
	return err;
}

enum err logs_read_proven(struct logs_request *q, struct fault *fault)
{
	for (size_t i = 0; i < q->n_suspects; i++) {
		const struct block_ref *ref = &q->suspects[i].ref;
		const struct block *proven = &q->proven[i];

		if (!hash_eq(&proven->ref.hash, &ref->hash))
			return fault_set(fault, ERR_NOT_YET,
					 "block %" PRIu64 " has been replaced",
					 ref->number);
		if (proven->n_logs == 0)
			continue;
		left_out(q, ref, proven->n_logs);
		if (logs_keep(q, proven) != OK)
			return fault_set(fault, ERR_NOMEM, "too many blocks");
	}
	q->n_suspects = 0;
	return OK;
}
