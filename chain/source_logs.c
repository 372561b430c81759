#include <stdlib.h>

#include "chain/log_query.h"
#include "chain/logs.h"

/* The path of chain/logs.h: which state comes next, and what to do about
 * answers that are none. */

#define SCRATCH_CAP (64u << 20)
/* Headers come in the same round trip where the span is as short as this. */
#define SPAN_AT_ONCE 4

static void logs_free(struct source_request *request)
{
	struct logs_request *q = (struct logs_request *)request;

	ask_end(&q->ask);
	if (q->chunk.source)
		chunk_free(&q->chunk);
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

static void ask(struct logs_request *q, uint64_t delay_ms)
{
	q->ask.avoid = NULL;
	q->ask.rules.hedged = q->at_once;
	switch (q->state) {
	case LOGS_FIND:
		logs_ask_find(q);
		break;
	case LOGS_HEADERS:
		logs_ask_headers(q);
		break;
	case LOGS_SETTLE:
		logs_ask_settle(q);
		break;
	case LOGS_RECEIPTS:
		return; /* the chunk asks */
	}
	ask_send(&q->ask, delay_ms);
}

/* From the beginning. */
static void enter_find(struct logs_request *q)
{
	q->state = LOGS_FIND;
	q->next = q->at = q->from;
	q->n_found = q->taken = q->n_blocks = q->n_suspects = 0;
	q->has_before = false;
}

/* Block by block, n of them: their numbers stand in proven. */
static enum err enter_receipts(struct logs_request *q, size_t n)
{
	q->state = LOGS_RECEIPTS;
	return chunk_start(&q->chunk, q->proven, n, false, 0);
}

static enum err prove_suspects(struct logs_request *q)
{
	for (size_t i = 0; i < q->n_suspects; i++)
		q->proven[i].ref.number = q->suspects[i].ref.number;
	return enter_receipts(q, q->n_suspects);
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
	*span = (struct span){
	    .from = q->from,
	    .to = q->to,
	    .blocks = q->blocks,
	    .n_blocks = q->n_blocks,
	    .verified_by = q->bloom ? verify_mode_name(VERIFY_BLOOM) : "logs"};
	source_reached(q->base.source, q->to);
	finish(q, OK, &fault, span);
}

/* All of a piece is found: VERIFY_OFF goes on finding. */
static void after_find(struct logs_request *q)
{
	if (q->bloom || q->at_once || q->asked_to == q->to) {
		q->state = LOGS_HEADERS;
		return;
	}
	q->state = LOGS_FIND;
	q->next = q->asked_to + 1;
}

static bool must_settle(const struct logs_request *q)
{
	return q->n_suspects == SUSPECTS_MOST ||
	       (q->n_suspects > 0 && logs_piece_ends(q));
}

static enum err after_settle(struct logs_request *q)
{
	bool asked = q->n_suspects > 0 && logs_least_empty(q) > 0;

	if (asked && !q->no_receipts)
		return prove_suspects(q);
	if (q->n_suspects == 0)
		q->state = LOGS_HEADERS;
	return OK;
}

/* The answer is read: what comes next; *done: nothing. */
static enum err advance(struct logs_request *q, bool *done)
{
	enum err err = OK;

	*done = false;
	if (q->state == LOGS_FIND)
		after_find(q);
	else if (q->state == LOGS_SETTLE)
		err = after_settle(q);
	if (q->state != LOGS_HEADERS)
		return err;
	if (must_settle(q)) {
		q->state = LOGS_SETTLE;
	} else if (logs_piece_ends(q)) {
		*done = q->asked_to == q->to;
		q->state = LOGS_FIND;
		q->next = q->asked_to + 1;
	}
	return err;
}

static void go_on(struct logs_request *q)
{
	struct fault fault = {0};
	bool done;
	enum err err = advance(q, &done);

	if (err != OK) {
		fault_set(&fault, err, "fetching blocks: %s", err_text(err));
		finish(q, err, &fault, NULL);
	} else if (done) {
		complete(q);
	} else {
		ask(q, 0);
	}
}

static uint64_t size_asked(const struct logs_request *q)
{
	return q->state == LOGS_FIND ? q->asked_to - q->next + 1 : q->n_asked;
}

/* What is in a single block can still be told by its receipts. */
static bool is_divisible(const struct logs_request *q)
{
	return q->state == LOGS_FIND || q->n_asked > 1 ||
	       (q->state == LOGS_SETTLE && !q->no_receipts);
}

static enum err ask_for_less(struct logs_request *q, enum err err)
{
	struct endpoint_limits *limits = ask_limits(&q->ask);
	struct portion *portion =
	    q->state == LOGS_FIND ? &limits->log_blocks : &limits->header_batch;
	uint64_t asked = size_asked(q);

	if (q->state == LOGS_FIND && q->at_once) {
		q->at_once = false;
	} else if (asked == 1 && q->state == LOGS_FIND) {
		q->proven[0].ref.number = q->next;
		return enter_receipts(q, 1);
	} else if (asked == 1) {
		return prove_suspects(q); /* SETTLE */
	} else if (err == ERR_TIMEOUT) {
		portion_slow(portion, asked);
	} else {
		portion_refused(portion, asked);
	}
	ask(q, 0);
	return OK;
}

static void recover(struct logs_request *q, enum err err,
		    const struct fault *fault)
{
	if (err == ERR_NOT_YET)
		ask_lags(&q->ask);
	switch (source_remedy(err, is_divisible(q), &q->failures)) {
	case REMEDY_NONE:
		finish(q, err, fault, NULL);
		return;
	case REMEDY_LESS:
		if (ask_for_less(q, err) != OK)
			finish(q, err, fault, NULL);
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
	ask(q, source_pause(err, q->failures));
}

static enum err read_answer(struct logs_request *q,
			    const struct rpc_reply *reply, struct fault *fault)
{
	switch (q->state) {
	case LOGS_FIND:
		return logs_read_find(q, reply, fault);
	case LOGS_HEADERS:
		return logs_read_headers(q, reply, 0, fault);
	case LOGS_SETTLE:
		return logs_read_settle(q, reply, fault);
	case LOGS_RECEIPTS:
		break;
	}
	return ERR_BUG;
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
	if (answer->err == ERR_REFUSED && q->state == LOGS_SETTLE &&
	    !q->no_receipts && prove_suspects(q) == OK)
		return; /* not by hash: then by receipts at once */
	if (answer->err != OK) {
		recover(q, answer->err, answer->fault);
		return;
	}
	err = read_answer(q, answer->reply, &fault);
	arena_reset(q->scratch);
	if (err != OK)
		recover(q, err, &fault);
	else
		go_on(q);
}

/* The single block of a piece that was too much, or what the suspects are. */
static enum err read_proven(struct logs_request *q, struct fault *fault)
{
	if (q->n_suspects > 0)
		return logs_read_proven(q, fault);
	q->asked_to = q->next;
	q->last = q->proven[0].ref.hash;
	return logs_keep(q, &q->proven[0]);
}

/* Receipts that can never be proven, or not be had: nodes that agree settle
 * the suspects then. */
static bool can_do_without(struct logs_request *q, enum err err)
{
	if (q->n_suspects == 0 || (err != ERR_USAGE && err != ERR_REFUSED))
		return false;
	if (err == ERR_USAGE)
		q->base.source->no_receipts = true;
	q->no_receipts = true;
	return true;
}

static void on_proven(void *arg, enum err err, const struct fault *why)
{
	struct logs_request *q = arg;
	struct fault fault = {0};

	if (err != OK && !can_do_without(q, err)) {
		fault = *why;
		if (err == ERR_USAGE) /* of a single block: see RECEIPTS */
			err = fault_set(&fault, ERR_REFUSED,
					"block %llu is more than the node"
					" grants to eth_getLogs, and of this"
					" chain it cannot be proven: use"
					" another node",
					(unsigned long long)q->next);
		finish(q, err, &fault, NULL);
		return;
	}
	q->state = q->n_suspects > 0 ? LOGS_SETTLE : LOGS_FIND;
	if (err == OK)
		err = read_proven(q, &fault);
	else
		err = OK;
	if (err != OK)
		recover(q, err, &fault);
	else
		go_on(q);
}

static enum err init(struct logs_request *q)
{
	const struct ask_rules rules = {.attempts = SOURCE_ATTEMPTS,
					.shrinks = true};
	struct source *source = q->base.source;
	enum err err;

	q->bloom = source->config->chain.verify == VERIFY_BLOOM;
	q->no_receipts = source->no_receipts;
	q->at_once = q->to - q->from < SPAN_AT_ONCE;
	q->prover = source->prover;
	q->prover.secp = NULL; /* logs come without their transactions */
	ask_init(&q->ask, source->asker, &rules, on_answer, q);
	logs_init_find(q);
	q->scratch = arena_new(SCRATCH_CAP);
	if (!q->scratch)
		return ERR_NOMEM;
	err = log_query_filter(&q->filter, &q->prover);
	if (err == OK)
		err = chunk_init(&q->chunk, source, &q->prover, q->arena,
				 on_proven, q);
	return err;
}

enum err logs_span(struct source *source, uint64_t from, uint64_t to,
		   struct arena *arena, source_span_cb cb, void *arg,
		   struct source_request **out)
{
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
	err = init(q);
	if (err != OK) {
		source_cancel(&q->base);
		return err;
	}
	enter_find(q);
	ask(q, 0);
	*out = &q->base;
	return OK;
}
