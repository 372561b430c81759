#include "chain/chunk.h"

#include <inttypes.h>

/* Replies are held in parsed form only as long as one of them is read. */
#define SCRATCH_CAP (256u << 20)
#define HEADERS_CAP (32u << 20)

static void on_answer(void *arg, const struct ask_answer *answer);

enum err chunk_init(struct chunk *chunk, struct source *source,
		    const struct prover *prover, struct arena *out,
		    void (*done)(void *arg, enum err err,
				 const struct fault *fault),
		    void *arg)
{
	const struct ask_rules rules = {.attempts = SOURCE_ATTEMPTS,
					.shrinks = true};

	*chunk = (struct chunk){.source = source,
				.prover = prover,
				.out = out,
				.done = done,
				.arg = arg};
	ask_init(&chunk->ask, source->asker, &rules, on_answer, chunk);
	chunk->headers_arena = arena_new(HEADERS_CAP);
	chunk->scratch = arena_new(SCRATCH_CAP);
	chunk->single.arena = arena_new(SCRATCH_CAP);
	return chunk->headers_arena && chunk->scratch && chunk->single.arena
		   ? OK
		   : ERR_NOMEM;
}

void chunk_free(struct chunk *chunk)
{
	ask_end(&chunk->ask);
	arena_free(chunk->headers_arena);
	arena_free(chunk->scratch);
	arena_free(chunk->single.arena);
}

static void ask_at_once(struct chunk *chunk)
{
	struct rpc_batch *batch = ask_begin(&chunk->ask);

	batch->reader = &chunk_reader;
	chunk->ask.height = chunk_number(chunk, chunk->n - 1);
	for (size_t i = 0; i < chunk->n; i++) {
		rpc_batch_add(batch, "eth_getBlockByNumber",
			      "[\"0x%" PRIx64 "\",true]",
			      chunk_number(chunk, i));
		rpc_batch_add(batch, "eth_getBlockReceipts",
			      "[\"0x%" PRIx64 "\"]", chunk_number(chunk, i));
	}
}

static void ask_headers(struct chunk *chunk)
{
	struct rpc_batch *batch = ask_begin(&chunk->ask);
	size_t left = chunk->n - chunk->filled;
	size_t most =
	    ask_most(&chunk->ask, &ask_limits(&chunk->ask)->header_batch, 1);

	chunk->n_asked = left < most ? left : most;
	chunk->ask.height =
	    chunk_number(chunk, chunk->filled + chunk->n_asked - 1);
	for (size_t i = 0; i < chunk->n_asked; i++)
		rpc_batch_add(batch, "eth_getBlockByNumber",
			      "[\"0x%" PRIx64 "\",false]",
			      chunk_number(chunk, chunk->filled + i));
}

/* By hash: what comes back cannot be of another block at that height. */
static void ask_bodies(struct chunk *chunk)
{
	struct rpc_batch *batch = ask_begin(&chunk->ask);
	size_t most =
	    ask_most(&chunk->ask, &ask_limits(&chunk->ask)->body_batch, 2);
	char hash[HASH_TEXT_SIZE];

	batch->reader = &chunk_reader;
	chunk->n_asked = 0;
	for (size_t i = 0; i < chunk->n; i++) {
		if (!chunk->pending[i] || chunk->n_asked == most)
			continue;
		hash_format(hash, &chunk->headers[i].hash);
		rpc_batch_add(batch, "eth_getBlockReceipts", "[\"%s\"]", hash);
		rpc_batch_add(batch, "eth_getBlockByHash", "[\"%s\",true]",
			      hash);
		chunk->ask.height = chunk_number(chunk, i);
		chunk->asked[chunk->n_asked++] = i;
	}
}

static void ask(struct chunk *chunk, uint64_t delay_ms)
{
	switch (chunk->state) {
	case CHUNK_IDLE:
		return;
	case CHUNK_AT_ONCE:
		ask_at_once(chunk);
		break;
	case CHUNK_HEADERS:
		ask_headers(chunk);
		break;
	case CHUNK_BODIES:
		ask_bodies(chunk);
		break;
	case CHUNK_SINGLE:
		chunk_ask_single(chunk);
		break;
	}
	ask_send(&chunk->ask, delay_ms);
}

/* Forgets what was read and asks for the headers (again). */
static void enter_headers(struct chunk *chunk)
{
	chunk->state = CHUNK_HEADERS;
	chunk->filled = 0;
	chunk_reset_single(chunk);
}

static void enter_idle(struct chunk *chunk, enum err err,
		       const struct fault *fault)
{
	chunk->state = CHUNK_IDLE;
	arena_reset(chunk->headers_arena);
	arena_reset(chunk->scratch);
	chunk_reset_single(chunk);
	chunk->headers = NULL;
	chunk->pending = NULL;
	chunk->done(chunk->arg, err, fault);
}

static enum err prepare(struct chunk *chunk, struct block *blocks, size_t n)
{
	if (chunk->state != CHUNK_IDLE || n == 0)
		return ERR_BUG;
	chunk->headers = ARENA_ARRAY(chunk->headers_arena, struct header, n);
	chunk->pending = ARENA_ARRAY(chunk->headers_arena, bool, n);
	if (!chunk->headers || !chunk->pending)
		return ERR_NOMEM;
	chunk->n = n;
	chunk->blocks = blocks;
	return OK;
}

enum err chunk_take(struct chunk *chunk, struct block *block,
		    struct endpoint *endpoint, const struct rpc_result *results,
		    struct fault *fault)
{
	const struct rpc_reply reply = {.results = results, .n = 2};
	enum err err = prepare(chunk, block, 1);

	if (err != OK)
		return fault_set(fault, err, "%s", err_text(err));
	chunk->ask.endpoint = endpoint;
	return chunk_read_at_once(chunk, &reply, fault);
}

enum err chunk_start(struct chunk *chunk, struct block *blocks, size_t n,
		     bool at_once, uint64_t delay_ms)
{
	enum err err = prepare(chunk, blocks, n);

	if (err != OK)
		return err;
	chunk->failures = 0;
	chunk->suspect.is_set = false;
	chunk->by_transaction =
	    asker_limits(chunk->source->asker)->no_block_receipts;
	chunk->ask.rules.hedged = at_once;
	if (at_once && !chunk->by_transaction)
		chunk->state = CHUNK_AT_ONCE;
	else
		enter_headers(chunk);
	ask(chunk, delay_ms);
	return OK;
}

static void enter_bodies(struct chunk *chunk)
{
	chunk->state = chunk->by_transaction ? CHUNK_SINGLE : CHUNK_BODIES;
}

static bool is_pending(const struct chunk *chunk)
{
	for (size_t i = 0; i < chunk->n; i++)
		if (chunk->pending[i])
			return true;
	return false;
}

/* The answer is read: on to the next state, or done. */
static enum err advance(struct chunk *chunk, struct fault *fault)
{
	enum err err;

	if (chunk->state == CHUNK_HEADERS && chunk->filled == chunk->n) {
		err = chunk_read_excluded(chunk, fault);
		if (err != OK)
			return err;
		enter_bodies(chunk);
	}
	if (chunk->state == CHUNK_AT_ONCE ||
	    (chunk->state != CHUNK_HEADERS && !is_pending(chunk)))
		enter_idle(chunk, OK, NULL);
	else
		ask(chunk, 0);
	return OK;
}

static struct portion *portion_of(struct chunk *chunk)
{
	struct endpoint_limits *limits = ask_limits(&chunk->ask);

	switch (chunk->state) {
	case CHUNK_HEADERS:
		return &limits->header_batch;
	case CHUNK_SINGLE:
		return &limits->receipt_batch;
	default:
		return &limits->body_batch;
	}
}

static void ask_for_less(struct chunk *chunk, enum err err)
{
	if (chunk->state == CHUNK_AT_ONCE) {
		enter_headers(chunk);
	} else if (chunk->n_asked == 1) {
		chunk->by_transaction = true;
		enter_bodies(chunk);
	} else if (err == ERR_TIMEOUT) {
		portion_slow(portion_of(chunk), chunk->n_asked);
	} else {
		portion_refused(portion_of(chunk), chunk->n_asked);
	}
}

/* The body of a single block can still be had receipt by receipt. */
static bool is_divisible(const struct chunk *chunk)
{
	return chunk->state == CHUNK_AT_ONCE || chunk->state == CHUNK_BODIES ||
	       chunk->n_asked > 1;
}

/* The newest of the blocks are not there yet: what was read of the others stays,
 * and what comes at once, of one node, is asked for so again. */
static bool may_come(const struct chunk *chunk, enum err err)
{
	return err == ERR_NOT_YET &&
	       (chunk->state == CHUNK_AT_ONCE || chunk->state == CHUNK_HEADERS);
}

/* What a node said, or did not say, is no answer. */
static void recover(struct chunk *chunk, enum err err,
		    const struct fault *fault)
{
	if (err == ERR_NOT_YET)
		ask_lags(&chunk->ask);
	switch (source_remedy(err, is_divisible(chunk), &chunk->failures)) {
	case REMEDY_NONE:
		enter_idle(chunk, err, fault);
		return;
	case REMEDY_LESS:
		ask_for_less(chunk, err);
		ask(chunk, 0);
		return;
	case REMEDY_ANEW:
		if (!may_come(chunk, err))
			enter_headers(chunk);
		break;
	case REMEDY_AGAIN:
		break;
	}
	ask(chunk, source_pause(err, chunk->failures));
}

/* The node does not know the method: of blocks' receipts that is remembered,
 * and they are had one by one. */
static void lacks_method(struct chunk *chunk, struct fault *fault)
{
	if (chunk->state == CHUNK_AT_ONCE || chunk->state == CHUNK_BODIES) {
		ask_limits(&chunk->ask)->no_block_receipts = true;
		chunk->by_transaction = true;
		if (chunk->state == CHUNK_AT_ONCE)
			enter_headers(chunk);
		else
			enter_bodies(chunk);
		ask(chunk, 0);
		return;
	}
	if (chunk->state == CHUNK_SINGLE)
		fault_set(fault, ERR_REFUSED,
			  "node %s offers neither eth_getBlockReceipts nor"
			  " eth_getTransactionReceipt, which chain.verify:"
			  " receipts needs; use another node, or set"
			  " chain.verify: bloom",
			  ask_endpoint(&chunk->ask));
	enter_idle(chunk, ERR_REFUSED, fault);
}

static void refused(struct chunk *chunk, const struct ask_answer *answer)
{
	struct fault fault = *answer->fault;

	if (answer->refusal.unknown_method) {
		lacks_method(chunk, &fault);
	} else if (answer->err == ERR_REFUSED &&
		   chunk->state == CHUNK_AT_ONCE) {
		/* Perhaps not by number, but by hash. */
		enter_headers(chunk);
		ask(chunk, 0);
	} else if (answer->err == ERR_NONSENSE) {
		/* Repeated often enough below. */
		enter_idle(chunk, answer->err, &fault);
	} else {
		recover(chunk, answer->err, &fault);
	}
}

static void on_answer(void *arg, const struct ask_answer *answer)
{
	struct chunk *chunk = arg;
	struct fault fault = {0};
	enum err err = OK;

	if (answer->err != OK) {
		refused(chunk, answer);
		return;
	}
	switch (chunk->state) {
	case CHUNK_IDLE:
		return;
	case CHUNK_AT_ONCE:
		err = chunk_read_at_once(chunk, answer->reply, &fault);
		break;
	case CHUNK_HEADERS:
		err = chunk_read_headers(chunk, answer->reply, &fault);
		break;
	case CHUNK_BODIES:
		err = chunk_read_bodies(chunk, answer->reply, &fault);
		break;
	case CHUNK_SINGLE:
		err = chunk_read_single(chunk, answer->reply, &fault);
		break;
	}
	arena_reset(chunk->scratch);
	if (err == OK)
		err = advance(chunk, &fault);
	if (err != OK)
		recover(chunk, err, &fault);
}
