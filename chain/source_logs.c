#include <inttypes.h>
#include <stdlib.h>

#include "chain/log_query.h"
#include "chain/source_request.h"

/* A span under VERIFY_OFF.
 *
 *   FIND ──► HEADERS ──► done
 *     ▲         │ a block is another one than its logs say: once more
 *     └─────────┘
 *
 * FIND     eth_getLogs over as much as the node grants; blocks below `next`
 *          are read, and their logs are in `found`
 * HEADERS  found is sorted; the first, the last and every block with logs (all
 *          of a short span) get their header; `filled` of them have it
 */
enum logs_state { LOGS_FIND, LOGS_HEADERS };

/* A span this short has all its blocks, so that the head can be followed. */
#define SPAN_WHOLE 16
#define SCRATCH_CAP (64u << 20)

struct logs_request {
	struct source_request base;
	enum logs_state state;
	struct ask ask;
	uint64_t from, to;
	struct arena *arena;   /* the caller's */
	struct arena *scratch; /* for one answer */
	struct buf filter;
	uint64_t next, asked_to;
	struct hash last; /* the block asked_to, when its logs were read */
	struct found_log *found;
	size_t n_found, room;
	struct block *blocks; /* ref.number first, the rest with the header */
	size_t n_blocks, filled, n_asked;
	unsigned failures;
	source_span_cb cb;
	void *arg;
};

static void logs_free(struct source_request *request)
{
	struct logs_request *q = (struct logs_request *)request;

	if (q->ask.asker)
		ask_end(&q->ask);
	arena_free(q->scratch);
	buf_free(&q->filter);
	free(q);
}

static void finish(struct logs_request *q, enum err err,
		   const struct fault *fault, struct span *span)
{
	const struct fault copy = *fault;
	source_span_cb cb = q->cb;
	void *arg = q->arg;

	source_cancel(&q->base);
	cb(arg, err, &copy, span);
}

static void ask_logs(struct logs_request *q)
{
	struct rpc_batch *batch = ask_begin(&q->ask);

	q->asked_to =
	    log_query_end(&ask_limits(&q->ask)->log_blocks, q->next, q->to);
	q->ask.height = q->asked_to;
	log_query_add(batch, q->next, q->asked_to, q->filter.data);
	log_query_head(batch, q->asked_to);
}

static void ask_headers(struct logs_request *q)
{
	struct rpc_batch *batch = ask_begin(&q->ask);
	size_t most = (size_t)ask_limits(&q->ask)->header_batch.now;
	size_t left = q->n_blocks - q->filled;

	q->n_asked = left < most ? left : most;
	for (size_t i = 0; i < q->n_asked; i++)
		rpc_batch_add(batch, "eth_getBlockByNumber",
			      "[\"0x%" PRIx64 "\",false]",
			      q->blocks[q->filled + i].ref.number);
}

static void ask(struct logs_request *q, uint64_t delay_ms)
{
	if (q->state == LOGS_FIND)
		ask_logs(q);
	else
		ask_headers(q);
	ask_send(&q->ask, delay_ms);
}

static void enter_find(struct logs_request *q)
{
	q->state = LOGS_FIND;
	q->next = q->from;
	q->n_found = 0;
}

/* Whether the filter let the log through, and whether it is ours: the filter
 * is every address with every topic0, not the pairs. */
static bool was_asked_for(const struct prover *prover,
			  const struct raw_log *log, bool *ours)
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

static enum err take_log(struct logs_request *q, const struct found_log *log,
			 struct fault *fault)
{
	struct found_log *grown;
	bool ours;

	if (log->removed)
		return OK;
	if (log->block_number < q->next || log->block_number > q->asked_to ||
	    !was_asked_for(&q->base.source->prover, &log->raw, &ours))
		return fault_set(fault, ERR_NONSENSE,
				 "eth_getLogs gives a log that was not asked"
				 " for, of block %" PRIu64,
				 log->block_number);
	if (!ours)
		return OK;
	grown = arena_grow(q->arena, q->found, q->n_found, &q->room,
			   sizeof(*q->found));
	if (!grown)
		return fault_set(fault, ERR_NOMEM, "too many logs in the span");
	q->found = grown;
	q->found[q->n_found++] = *log;
	return OK;
}

static int compare_logs(const void *left, const void *right)
{
	const struct found_log *a = left, *b = right;

	if (a->block_number != b->block_number)
		return a->block_number < b->block_number ? -1 : 1;
	return (a->log_index > b->log_index) - (a->log_index < b->log_index);
}

/* The blocks that are to have a header, in order, with room for their logs. */
static enum err list_blocks(struct logs_request *q)
{
	uint64_t n = q->to - q->from + 1;
	bool whole = n <= SPAN_WHOLE;
	size_t room = whole ? (size_t)n : q->n_found + 2;
	size_t next = 0;

	q->n_blocks = q->filled = 0;
	q->blocks = ARENA_ARRAY(q->arena, struct block, room);
	if (!q->blocks)
		return ERR_NOMEM;
	for (uint64_t number = q->from;; number++) {
		if (!whole && number != q->from && number != q->to)
			number = next < q->n_found &&
					 q->found[next].block_number < q->to
				     ? q->found[next].block_number
				     : q->to;
		q->blocks[q->n_blocks++].ref.number = number;
		while (next < q->n_found &&
		       q->found[next].block_number == number)
			next++;
		if (number == q->to)
			return OK;
	}
}

static enum err enter_headers(struct logs_request *q, struct fault *fault)
{
	if (q->n_found > 0)
		qsort(q->found, q->n_found, sizeof(*q->found), compare_logs);
	for (size_t i = 1; i < q->n_found; i++)
		if (compare_logs(&q->found[i - 1], &q->found[i]) == 0)
			return fault_set(fault, ERR_NONSENSE,
					 "eth_getLogs gives log %u of block"
					 " %" PRIu64 " twice",
					 q->found[i].log_index,
					 q->found[i].block_number);
	q->state = LOGS_HEADERS;
	if (list_blocks(q) != OK)
		return fault_set(fault, ERR_NOMEM, "too many blocks");
	return OK;
}

static enum err read_logs(struct logs_request *q, const struct rpc_reply *reply,
			  struct fault *fault)
{
	struct found_logs logs;
	enum err err = log_query_check_head(&q->last, reply->results[1].value,
					    q->asked_to, q->scratch, fault);

	if (err == OK)
		err =
		    parse_logs(&logs, reply->results[0].value, q->arena, fault);
	for (size_t i = 0; err == OK && i < logs.n; i++)
		err = take_log(q, &logs.list[i], fault);
	if (err != OK)
		return source_blame(fault, &q->ask, q->asked_to);
	portion_fine(&ask_limits(&q->ask)->log_blocks,
		     q->asked_to - q->next + 1);
	if (q->asked_to == q->to)
		return enter_headers(q, fault);
	q->next = q->asked_to + 1;
	return OK;
}

/* The logs of a block, from found[at] on; they must be of this very block. */
static enum err take_logs(struct logs_request *q, struct block *block,
			  struct fault *fault)
{
	size_t at = 0, end;

	while (at < q->n_found && q->found[at].block_number < block->ref.number)
		at++;
	for (end = at; end < q->n_found &&
		       q->found[end].block_number == block->ref.number;)
		end++;
	block->n_logs = end - at;
	block->logs = ARENA_ARRAY(q->arena, struct block_log, block->n_logs);
	if (!block->logs)
		return fault_set(fault, ERR_NOMEM, "too many logs");
	for (size_t i = 0; i < block->n_logs; i++) {
		const struct found_log *log = &q->found[at + i];

		if (!hash_eq(&log->block_hash, &block->ref.hash))
			return fault_set(fault, ERR_UNPROVEN,
					 "its logs are of another block at"
					 " that height");
		block->logs[i] = (struct block_log){
		    .log_index = log->log_index,
		    .tx_index = log->tx_index,
		    .tx_hash = log->tx_hash,
		    .raw = log->raw,
		};
	}
	return OK;
}

static enum err read_header(struct logs_request *q, const struct json *value,
			    struct fault *fault)
{
	struct block *block = &q->blocks[q->filled];
	const struct block *before = q->filled > 0 ? block - 1 : NULL;
	struct header header;
	enum err err =
	    source_header(q->base.source, &header, value, q->scratch, fault);

	if (err == OK)
		err = proof_is_number(&header, block->ref.number, fault);
	if (err == OK && before && before->ref.number + 1 == header.number)
		err = proof_is_child(&header, &before->ref, fault);
	if (err == OK && header_ref(&block->ref, &header) != OK)
		err = fault_set(fault, ERR_NONSENSE,
				"its timestamp is out of range");
	/* A block without logs does not tell that another was asked for them:
	 * the last one does, with all below it. No fault of the node's. */
	if (err == OK && header.number == q->to &&
	    !hash_eq(&header.hash, &q->last))
		err = fault_set(fault, ERR_NOT_YET,
				"it was another block when its logs were read");
	if (err == OK)
		err = take_logs(q, block, fault);
	if (err != OK)
		return source_blame(fault, &q->ask, block->ref.number);
	q->filled++;
	return OK;
}

static enum err read_headers(struct logs_request *q,
			     const struct rpc_reply *reply, struct fault *fault)
{
	enum err err = OK;

	for (size_t i = 0; i < q->n_asked && err == OK; i++)
		err = read_header(q, reply->results[i].value, fault);
	if (err == OK)
		portion_fine(&ask_limits(&q->ask)->header_batch, q->n_asked);
	return err;
}

static void complete(struct logs_request *q)
{
	struct span *span = ARENA_NEW(q->arena, struct span);
	struct fault fault = {0};

	if (!span) {
		fault_set(&fault, ERR_NOMEM, "no room for the span");
		finish(q, ERR_NOMEM, &fault, NULL);
		return;
	}
	*span = (struct span){.from = q->from,
			      .to = q->to,
			      .blocks = q->blocks,
			      .n_blocks = q->n_blocks,
			      .verified_by = "logs"};
	finish(q, OK, &fault, span);
}

static void ask_for_less(struct logs_request *q, enum err err, uint64_t asked)
{
	struct portion *portion = q->state == LOGS_FIND
				      ? &ask_limits(&q->ask)->log_blocks
				      : &ask_limits(&q->ask)->header_batch;

	if (err == ERR_TIMEOUT)
		portion_slow(portion, asked);
	else
		portion_refused(portion, asked);
	ask(q, 0);
}

static void recover(struct logs_request *q, enum err err,
		    const struct fault *fault)
{
	uint64_t asked =
	    q->state == LOGS_FIND ? q->asked_to - q->next + 1 : q->n_asked;

	if (err == ERR_NOT_YET)
		ask_lags(&q->ask);
	switch (source_remedy(err, asked > 1, &q->failures)) {
	case REMEDY_NONE:
		finish(q, err, fault, NULL);
		return;
	case REMEDY_LESS:
		ask_for_less(q, err, asked);
		return;
	case REMEDY_ANEW:
		if (err != ERR_NOT_YET)
			source_incomplete(q->base.source, q->ask.endpoint,
					  fault);
		enter_find(q);
		break;
	case REMEDY_AGAIN:
		break;
	}
	ask(q, ask_backoff(q->failures));
}

static void on_answer(void *arg, const struct ask_answer *answer)
{
	struct logs_request *q = arg;
	struct fault fault = {0};
	enum err err;

	if (answer->err == ERR_NONSENSE) {
		/* Repeated often enough below. */
		finish(q, answer->err, answer->fault, NULL);
		return;
	}
	if (answer->err != OK) {
		recover(q, answer->err, answer->fault);
		return;
	}
	err = q->state == LOGS_FIND ? read_logs(q, answer->reply, &fault)
				    : read_headers(q, answer->reply, &fault);
	arena_reset(q->scratch);
	if (err != OK)
		recover(q, err, &fault);
	else if (q->state == LOGS_HEADERS && q->filled == q->n_blocks)
		complete(q);
	else
		ask(q, 0);
}

enum err logs_span(struct source *source, uint64_t from, uint64_t to,
		   struct arena *arena, source_span_cb cb, void *arg,
		   struct source_request **out)
{
	const struct ask_rules rules = {.attempts = SOURCE_ATTEMPTS,
					.shrinks = true};
	struct logs_request *q = calloc(1, sizeof(*q));
	enum err err;

	if (!q)
		return ERR_NOMEM;
	q->from = from;
	q->to = to;
	q->arena = arena;
	q->cb = cb;
	q->arg = arg;
	request_open(&q->base, source, logs_free);
	q->scratch = arena_new(SCRATCH_CAP);
	err = log_query_filter(&q->filter, &source->prover);
	if (err == OK && !q->scratch)
		err = ERR_NOMEM;
	if (err != OK) {
		source_cancel(&q->base);
		return err;
	}
	ask_init(&q->ask, source->asker, &rules, on_answer, q);
	enter_find(q);
	ask(q, 0);
	*out = &q->base;
	return OK;
}
