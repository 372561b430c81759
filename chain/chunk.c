#include "chain/chunk.h"

#include <inttypes.h>

/* Replies are held in parsed form only as long as one of them is read. */
#define SCRATCH_CAP (256u << 20)
#define HEADERS_CAP (32u << 20)
/* What a batch of bodies should weigh. */
#define BODY_BYTES_SMALL (512u << 10)
#define BODY_BYTES_LARGE (8u << 20)

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
	return chunk->headers_arena && chunk->scratch ? OK : ERR_NOMEM;
}

void chunk_free(struct chunk *chunk)
{
	ask_end(&chunk->ask);
	arena_free(chunk->headers_arena);
	arena_free(chunk->scratch);
}

static uint64_t number_at(const struct chunk *chunk, size_t i)
{
	return chunk->from + i;
}

static void ask_at_once(struct chunk *chunk)
{
	struct rpc_batch *batch = ask_begin(&chunk->ask);

	chunk->ask.height = number_at(chunk, chunk->n - 1);
	for (size_t i = 0; i < chunk->n; i++) {
		rpc_batch_add(batch, "eth_getBlockByNumber",
			      "[\"0x%" PRIx64 "\",true]", number_at(chunk, i));
		rpc_batch_add(batch, "eth_getBlockReceipts",
			      "[\"0x%" PRIx64 "\"]", number_at(chunk, i));
	}
}

static void ask_headers(struct chunk *chunk)
{
	struct rpc_batch *batch = ask_begin(&chunk->ask);
	size_t left = chunk->n - chunk->filled;

	chunk->n_asked =
	    left < ask_limits(&chunk->ask)->header_batch.now
		? left
		: (size_t)ask_limits(&chunk->ask)->header_batch.now;
	chunk->ask.height =
	    number_at(chunk, chunk->filled + chunk->n_asked - 1);
	for (size_t i = 0; i < chunk->n_asked; i++)
		rpc_batch_add(batch, "eth_getBlockByNumber",
			      "[\"0x%" PRIx64 "\",false]",
			      number_at(chunk, chunk->filled + i));
}

/* By hash: what comes back cannot be of another block at that height. */
static void ask_bodies(struct chunk *chunk)
{
	struct rpc_batch *batch = ask_begin(&chunk->ask);
	char hash[HASH_TEXT_SIZE];

	chunk->n_asked = 0;
	for (size_t i = 0; i < chunk->n; i++) {
		if (!chunk->pending[i] ||
		    chunk->n_asked == ask_limits(&chunk->ask)->body_batch.now)
			continue;
		hash_format(hash, &chunk->headers[i].hash);
		rpc_batch_add(batch, "eth_getBlockReceipts", "[\"%s\"]", hash);
		rpc_batch_add(batch, "eth_getBlockByHash", "[\"%s\",true]",
			      hash);
		chunk->ask.height = number_at(chunk, i);
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
	}
	ask_send(&chunk->ask, delay_ms);
}

/* Forgets what was read and asks for the headers (again). */
static void enter_headers(struct chunk *chunk)
{
	chunk->state = CHUNK_HEADERS;
	chunk->filled = 0;
}

static void enter_idle(struct chunk *chunk, enum err err,
		       const struct fault *fault)
{
	chunk->state = CHUNK_IDLE;
	arena_reset(chunk->headers_arena);
	arena_reset(chunk->scratch);
	chunk->headers = NULL;
	chunk->pending = NULL;
	chunk->done(chunk->arg, err, fault);
}

enum err chunk_start(struct chunk *chunk, uint64_t from, size_t n,
		     struct block *blocks, bool at_once, uint64_t delay_ms)
{
	if (chunk->state != CHUNK_IDLE || n == 0)
		return ERR_BUG;
	chunk->headers = ARENA_ARRAY(chunk->headers_arena, struct header, n);
	chunk->pending = ARENA_ARRAY(chunk->headers_arena, bool, n);
	if (!chunk->headers || !chunk->pending)
		return ERR_NOMEM;
	chunk->from = from;
	chunk->n = n;
	chunk->blocks = blocks;
	chunk->failures = 0;
	chunk->suspect.is_set = false;
	chunk->ask.rules.hedged = at_once;
	if (at_once)
		chunk->state = CHUNK_AT_ONCE;
	else
		enter_headers(chunk);
	ask(chunk, delay_ms);
	return OK;
}

/* Block i with what is ours in it; body and receipts are replies, and not
 * looked at where the bloom excludes us. */
static enum err read_block(struct chunk *chunk, size_t i,
			   const struct json *receipts_value,
			   const struct json *body, struct fault *fault)
{
	const struct header *header = &chunk->headers[i];
	struct receipts receipts;
	struct transactions transactions;
	bool ours;
	enum err err;

	if (!proof_may_concern(chunk->prover, header))
		return proof_block(&chunk->blocks[i], chunk->prover, header,
				   NULL, NULL, chunk->out, fault);
	err = proof_receipts(&receipts, header, receipts_value, chunk->scratch,
			     fault);
	if (err != OK)
		return err;
	ours = proof_count(chunk->prover, &receipts) > 0;
	if (ours) {
		err = proof_transactions(&transactions, header, body,
					 chunk->scratch, fault);
		if (err != OK)
			return err;
	}
	return proof_block(&chunk->blocks[i], chunk->prover, header, &receipts,
			   ours ? &transactions : NULL, chunk->out, fault);
}

/* The header stands, but what came with it does not fit. */
static enum err suspect_body(struct chunk *chunk, size_t i, struct fault *fault)
{
	(void)source_blame(fault, &chunk->ask, number_at(chunk, i));
	chunk->suspect = (struct suspect){.is_set = true,
					  .number = number_at(chunk, i),
					  .hash = chunk->headers[i].hash,
					  .endpoint = chunk->ask.endpoint,
					  .fault = *fault};
	return fault->code;
}

/* The header at that height is known again: if it is the same, the node had
 * sent something wrong under it. */
static void clear_suspect(struct chunk *chunk, size_t i)
{
	struct suspect *suspect = &chunk->suspect;

	if (!suspect->is_set || suspect->number != number_at(chunk, i))
		return;
	if (hash_eq(&suspect->hash, &chunk->headers[i].hash))
		source_incomplete(chunk->source, suspect->endpoint,
				  &suspect->fault);
	suspect->is_set = false;
}

/* The header of block i, from a reply: proven, and the one asked for. */
static enum err read_header(struct chunk *chunk, size_t i,
			    const struct json *value, struct fault *fault)
{
	struct header *header = &chunk->headers[i];
	enum err err = proof_header(header, value, chunk->headers_arena, fault);

	if (err == OK)
		err = proof_is_number(header, number_at(chunk, i), fault);
	if (err != OK) {
		(void)source_blame(fault, &chunk->ask, number_at(chunk, i));
		if (err != ERR_NOT_YET)
			source_incomplete(chunk->source, chunk->ask.endpoint,
					  fault);
		return err;
	}
	clear_suspect(chunk, i);
	return OK;
}

static enum err read_at_once(struct chunk *chunk, const struct rpc_reply *reply,
			     struct fault *fault)
{
	const struct rpc_result *r = reply->results;
	enum err err = OK;

	for (size_t i = 0; i < chunk->n && err == OK; i++)
		err = read_header(chunk, i, r[2 * i].value, fault);
	for (size_t i = 0; i < chunk->n && err == OK; i++) {
		err = read_block(chunk, i, r[2 * i + 1].value, r[2 * i].value,
				 fault);
		if (err != OK)
			err = suspect_body(chunk, i, fault);
	}
	return err;
}

static enum err read_headers(struct chunk *chunk, const struct rpc_reply *reply,
			     struct fault *fault)
{
	enum err err = OK;

	for (size_t i = 0; i < chunk->n_asked && err == OK; i++) {
		err = read_header(chunk, chunk->filled, reply->results[i].value,
				  fault);
		if (err == OK)
			chunk->filled++;
	}
	if (err == OK)
		portion_fine(&ask_limits(&chunk->ask)->header_batch,
			     chunk->n_asked);
	return err;
}

static enum err read_bodies(struct chunk *chunk, const struct rpc_reply *reply,
			    struct fault *fault)
{
	const struct rpc_result *r = reply->results;
	enum err err;

	for (size_t j = 0; j < chunk->n_asked; j++) {
		size_t i = chunk->asked[j];

		err = read_block(chunk, i, r[2 * j].value, r[2 * j + 1].value,
				 fault);
		if (err != OK)
			return suspect_body(chunk, i, fault);
		chunk->pending[i] = false;
	}
	chunk->failures = 0;
	if (reply->bytes > BODY_BYTES_LARGE)
		portion_slow(&ask_limits(&chunk->ask)->body_batch,
			     chunk->n_asked);
	else if (reply->bytes < BODY_BYTES_SMALL)
		portion_fine(&ask_limits(&chunk->ask)->body_batch,
			     chunk->n_asked);
	return OK;
}

/* All headers are proven: blocks that do not concern us are done with that. */
static enum err enter_bodies(struct chunk *chunk, struct fault *fault)
{
	enum err err = OK;

	chunk->state = CHUNK_BODIES;
	for (size_t i = 0; i < chunk->n && err == OK; i++) {
		chunk->pending[i] =
		    proof_may_concern(chunk->prover, &chunk->headers[i]);
		if (!chunk->pending[i])
			err = read_block(chunk, i, NULL, NULL, fault);
	}
	return err;
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
		err = enter_bodies(chunk, fault);
		if (err != OK)
			return err;
	}
	if (chunk->state == CHUNK_AT_ONCE ||
	    (chunk->state == CHUNK_BODIES && !is_pending(chunk)))
		enter_idle(chunk, OK, NULL);
	else
		ask(chunk, 0);
	return OK;
}

static void ask_for_less(struct chunk *chunk, enum err err)
{
	struct portion *portion = chunk->state == CHUNK_HEADERS
				      ? &ask_limits(&chunk->ask)->header_batch
				      : &ask_limits(&chunk->ask)->body_batch;

	if (chunk->state == CHUNK_AT_ONCE)
		enter_headers(chunk);
	else if (err == ERR_TIMEOUT)
		portion_slow(portion, chunk->n_asked);
	else
		portion_refused(portion, chunk->n_asked);
}

/* What a node said, or did not say, is no answer. */
static void recover(struct chunk *chunk, enum err err,
		    const struct fault *fault)
{
	bool divisible = chunk->state == CHUNK_AT_ONCE || chunk->n_asked > 1;

	if (err == ERR_NOT_YET)
		ask_lags(&chunk->ask);
	switch (source_remedy(err, divisible, &chunk->failures)) {
	case REMEDY_NONE:
		enter_idle(chunk, err, fault);
		return;
	case REMEDY_LESS:
		ask_for_less(chunk, err);
		ask(chunk, 0);
		return;
	case REMEDY_ANEW:
		enter_headers(chunk);
		break;
	case REMEDY_AGAIN:
		break;
	}
	ask(chunk, ask_backoff(chunk->failures));
}

static void refused(struct chunk *chunk, const struct ask_answer *answer)
{
	struct fault fault = *answer->fault;

	if (answer->refusal.unknown_method) {
		fault_set(&fault, ERR_REFUSED,
			  "node %s does not offer eth_getBlockReceipts, which"
			  " chain.verify: receipts needs; use another node, or"
			  " set chain.verify: off to believe eth_getLogs",
			  ask_endpoint(&chunk->ask));
		enter_idle(chunk, ERR_REFUSED, &fault);
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
		err = read_at_once(chunk, answer->reply, &fault);
		break;
	case CHUNK_HEADERS:
		err = read_headers(chunk, answer->reply, &fault);
		break;
	case CHUNK_BODIES:
		err = read_bodies(chunk, answer->reply, &fault);
		break;
	}
	arena_reset(chunk->scratch);
	if (err == OK)
		err = advance(chunk, &fault);
	if (err != OK)
		recover(chunk, err, &fault);
}
