#include <stdlib.h>

#include "chain/chunk.h"

/* A span is cut into chunks, several of which are on their way at once; what
 * they find goes to its place in one array, and in the end the blocks must be
 * linked from the first to the last. */
#define CHUNKS 4
/* Blocks are fetched in one round trip where the span is as short as this; and
 * senders, which cost a signature each, are recovered. Both are for the head:
 * there time counts, and only a block that may yet vanish needs its
 * transactions' identity. */
#define SPAN_AT_ONCE 4
#define SPAN_WITH_SENDERS 8
struct span_request {
	struct source_request base;
	uint64_t from, to;
	bool senders;
	struct arena *arena; /* the caller's */
	struct prover prover;
	struct block *blocks;
	size_t n_blocks;
	size_t planned; /* blocks handed to chunks */
	struct chunk chunks[CHUNKS];
	unsigned restarts; /* because the blocks were not linked */
	source_span_cb cb;
	void *arg;
};

static void span_free(struct source_request *request)
{
	struct span_request *s = (struct span_request *)request;

	for (size_t i = 0; i < CHUNKS; i++)
		if (s->chunks[i].source)
			chunk_free(&s->chunks[i]);
	free(s);
}

static void finish(struct span_request *s, enum err err,
		   const struct fault *fault, struct span *span)
{
	source_span_cb cb = s->cb;
	void *arg = s->arg;

	source_cancel(&s->base);
	cb(arg, err, fault, span);
}

static void fail(struct span_request *s, enum err err,
		 const struct fault *fault)
{
	const struct fault copy = *fault;

	finish(s, err, &copy, NULL);
}

/* Hands the next blocks to every chunk that is idle. */
static enum err plan(struct span_request *s)
{
	bool at_once = s->n_blocks <= SPAN_AT_ONCE;
	uint64_t delay_ms = s->restarts ? ask_backoff(s->restarts) : 0;
	size_t most =
	    (size_t)asker_limits(s->base.source->asker)->header_batch.now;
	enum err err = OK;

	for (size_t i = 0; i < CHUNKS && err == OK; i++) {
		size_t left = s->n_blocks - s->planned;
		size_t n = left < most ? left : most;

		if (s->chunks[i].state != CHUNK_IDLE || left == 0)
			continue;
		err = chunk_start(&s->chunks[i], &s->blocks[s->planned], n,
				  at_once, delay_ms);
		s->planned += n;
	}
	return err;
}

static bool all_idle(const struct span_request *s)
{
	for (size_t i = 0; i < CHUNKS; i++)
		if (s->chunks[i].state != CHUNK_IDLE)
			return false;
	return true;
}

/* Each block is what its hash says; but while they were fetched, the head may
 * have moved. Then all of them are fetched anew. */
static enum err check_links(const struct span_request *s, struct fault *fault)
{
	char a[HASH_TEXT_SIZE], b[HASH_TEXT_SIZE];

	for (size_t i = 1; i < s->n_blocks; i++) {
		const struct block_ref *ref = &s->blocks[i].ref;

		if (hash_eq(&ref->parent_hash, &s->blocks[i - 1].ref.hash))
			continue;
		return fault_set(
		    fault, ERR_UNPROVEN,
		    "block %llu names the parent %s, but block %llu was %s:"
		    " the chain moves, or node %s mixes two chains",
		    (unsigned long long)ref->number,
		    hash_format(a, &ref->parent_hash),
		    (unsigned long long)s->blocks[i - 1].ref.number,
		    hash_format(b, &s->blocks[i - 1].ref.hash),
		    ask_endpoint(&s->chunks[0].ask));
	}
	return OK;
}

struct span *source_span_of(struct source *source, struct arena *arena,
			    struct block *blocks, size_t n)
{
	struct span *span = ARENA_NEW(arena, struct span);

	if (!span)
		return NULL;
	*span = (struct span){.from = blocks[0].ref.number,
			      .to = blocks[n - 1].ref.number,
			      .blocks = blocks,
			      .n_blocks = n,
			      .verified_by = verify_mode_name(VERIFY_RECEIPTS)};
	source_reached(source, span->to);
	return span;
}

static enum err complete(struct span_request *s, struct span **out,
			 struct fault *fault)
{
	enum err err = check_links(s, fault);

	if (err != OK)
		return err;
	*out = source_span_of(s->base.source, s->arena, s->blocks, s->n_blocks);
	return *out ? OK : fault_set(fault, ERR_NOMEM, "no room for the span");
}

static void on_chunk(void *arg, enum err err, const struct fault *fault)
{
	struct span_request *s = arg;
	struct fault own = {0};
	struct span *span = NULL;

	if (err != OK) {
		fail(s, err, fault);
		return;
	}
	if (s->planned == s->n_blocks && all_idle(s)) {
		err = complete(s, &span, &own);
		if (err != ERR_UNPROVEN || ++s->restarts == SOURCE_ATTEMPTS) {
			finish(s, err, &own, span);
			return;
		}
		s->planned = 0;
	}
	err = plan(s);
	if (err != OK) {
		fault_set(&own, err, "fetching blocks: %s", err_text(err));
		fail(s, err, &own);
	}
}

static enum err span_init(struct span_request *s)
{
	enum err err = OK;

	s->prover = s->base.source->prover;
	if (!s->senders || s->n_blocks > SPAN_WITH_SENDERS)
		s->prover.secp = NULL;
	s->blocks = ARENA_ARRAY(s->arena, struct block, s->n_blocks);
	if (!s->blocks)
		return ERR_NOMEM;
	for (size_t i = 0; i < s->n_blocks; i++)
		s->blocks[i].ref.number = s->from + i;
	for (size_t i = 0; i < CHUNKS && err == OK; i++)
		err = chunk_init(&s->chunks[i], s->base.source, &s->prover,
				 s->arena, on_chunk, s);
	return err == OK ? plan(s) : err;
}

enum err source_span(struct source *source, uint64_t from, uint64_t to,
		     bool senders, struct arena *arena, source_span_cb cb,
		     void *arg, struct source_request **out)
{
	struct span_request *s;
	enum err err;

	if (from > to || to - from >= SIZE_MAX / sizeof(struct block))
		return ERR_RANGE;
	if (source->config->chain.verify != VERIFY_RECEIPTS)
		return logs_span(source, from, to, arena, cb, arg, out);
	s = calloc(1, sizeof(*s));
	if (!s)
		return ERR_NOMEM;
	s->from = from;
	s->to = to;
	s->senders = senders;
	s->n_blocks = (size_t)(to - from + 1);
	s->arena = arena;
	s->cb = cb;
	s->arg = arg;
	request_open(&s->base, source, span_free);
	err = span_init(s);
	if (err != OK) {
		source_cancel(&s->base);
		return err;
	}
	*out = &s->base;
	return OK;
}
