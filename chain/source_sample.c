#include <inttypes.h>
#include <stdlib.h>

#include "chain/estimate.h"
#include "chain/log_query.h"
#include "chain/source_request.h"

/* A few blocks at a few places of a range, as each mode would read them:
 *
 *   HEADERS ──► LOGS ──► BODY ──► HEADERS of the next place, or done
 *                         one block whose bloom may concern us, if any
 */
#define PLACES 4
#define BLOCKS 8
#define SCRATCH_CAP (256u << 20)
enum sampling_state { SAMPLE_HEADERS, SAMPLE_LOGS, SAMPLE_BODY };

struct sampling {
	struct source_request base;
	enum sampling_state state;
	struct ask ask;
	struct arena *scratch;
	struct buf filter;
	uint64_t from, to;
	unsigned place;
	size_t n; /* blocks at a place */
	bool has_body;
	struct hash body; /* the block of BODY */
	struct estimate_sample sample;
	source_sample_cb cb;
	void *arg;
};

static void sampling_free(struct source_request *request)
{
	struct sampling *s = (struct sampling *)request;

	ask_end(&s->ask);
	arena_free(s->scratch);
	buf_free(&s->filter);
	free(s);
}

static void finish(struct sampling *s, enum err err, const struct fault *fault)
{
	const struct fault copy = *fault;
	const struct estimate_sample sample = s->sample;
	source_sample_cb cb = s->cb;
	void *arg = s->arg;

	source_cancel(&s->base);
	cb(arg, err, &copy, err == OK ? &sample : NULL);
}

/* Evenly spread, the range's first and last blocks among them. */
static uint64_t first_of(const struct sampling *s)
{
	return s->from + (s->to - s->from + 1 - s->n) / (PLACES - 1) * s->place;
}

static void ask(struct sampling *s)
{
	struct rpc_batch *batch = ask_begin(&s->ask);
	uint64_t first = first_of(s);
	char hash[HASH_TEXT_SIZE];

	switch (s->state) {
	case SAMPLE_HEADERS:
		for (size_t i = 0; i < s->n; i++)
			log_query_head(batch, first + i);
		break;
	case SAMPLE_LOGS:
		log_query_add(batch, first, first + s->n - 1, s->filter.data);
		break;
	case SAMPLE_BODY:
		hash_format(hash, &s->body);
		rpc_batch_add(batch, "eth_getBlockReceipts", "[\"%s\"]", hash);
		rpc_batch_add(batch, "eth_getBlockByHash", "[\"%s\",true]",
			      hash);
		break;
	}
	ask_send(&s->ask, 0);
}

static enum err read_headers(struct sampling *s, const struct rpc_reply *reply,
			     struct fault *fault)
{
	const struct prover *prover = &s->base.source->prover;
	struct header header;
	enum err err = OK;

	s->has_body = false;
	for (size_t i = 0; i < s->n && err == OK; i++) {
		err = parse_header(&header, reply->results[i].value, s->scratch,
				   fault);
		if (err != OK || !proof_may_concern(prover, &header))
			continue;
		s->sample.concerned++;
		s->body = header.hash;
		s->has_body = true;
	}
	s->sample.blocks += s->n;
	s->sample.header_bytes += reply->bytes;
	return err;
}

static enum err read_logs(struct sampling *s, const struct rpc_reply *reply,
			  struct fault *fault)
{
	struct found_logs logs;
	enum err err =
	    parse_logs(&logs, reply->results[0].value, s->scratch, fault);

	if (err != OK)
		return err;
	for (size_t i = 0; i < logs.n; i++)
		s->sample.with_logs +=
		    i == 0 ||
		    logs.list[i].block_number != logs.list[i - 1].block_number;
	s->sample.log_bytes += reply->bytes;
	return OK;
}

static enum err read_answer(struct sampling *s, const struct rpc_reply *reply,
			    struct fault *fault)
{
	struct estimate_sample *sample = &s->sample;

	if (sample->requests++ == 0 || reply->seconds < sample->quickest)
		sample->quickest = reply->seconds;
	sample->seconds += reply->seconds;
	sample->all_bytes += reply->bytes;
	switch (s->state) {
	case SAMPLE_HEADERS:
		return read_headers(s, reply, fault);
	case SAMPLE_LOGS:
		return read_logs(s, reply, fault);
	case SAMPLE_BODY:
		sample->bodies++;
		sample->body_bytes += reply->bytes;
		return OK;
	}
	return ERR_BUG;
}

/* False: that was all. */
static bool advance(struct sampling *s)
{
	if (s->state == SAMPLE_HEADERS) {
		s->state = SAMPLE_LOGS;
		return true;
	}
	if (s->state == SAMPLE_LOGS && s->has_body) {
		s->state = SAMPLE_BODY;
		return true;
	}
	s->state = SAMPLE_HEADERS;
	return ++s->place < PLACES;
}

static void complete(struct sampling *s)
{
	const struct endpoint_limits *limits = ask_limits(&s->ask);
	struct estimate_sample *sample = &s->sample;
	const struct fault none = {0};

	sample->header_batch = limits->header_batch.now;
	sample->body_batch = limits->body_batch.now;
	sample->log_blocks = limits->log_blocks.now;
	finish(s, OK, &none);
}

static void on_answer(void *arg, const struct ask_answer *answer)
{
	struct sampling *s = arg;
	struct fault fault = {0};
	enum err err = answer->err;

	if (err == OK)
		err = read_answer(s, answer->reply, &fault);
	else if (s->state == SAMPLE_BODY)
		err = OK; /* it has no receipts: then that is not known */
	else
		fault = *answer->fault;
	arena_reset(s->scratch);
	if (err != OK)
		finish(s, err, &fault);
	else if (advance(s))
		ask(s);
	else
		complete(s);
}

enum err source_sample(struct source *source, uint64_t from, uint64_t to,
		       source_sample_cb cb, void *arg,
		       struct source_request **out)
{
	const struct ask_rules rules = {.attempts = 2};
	struct sampling *s;
	enum err err;

	if (from > to)
		return ERR_RANGE;
	s = calloc(1, sizeof(*s));
	if (!s)
		return ERR_NOMEM;
	s->from = from;
	s->to = to;
	s->n = to - from < BLOCKS ? (size_t)(to - from + 1) : BLOCKS;
	s->cb = cb;
	s->arg = arg;
	request_open(&s->base, source, sampling_free);
	ask_init(&s->ask, source->asker, &rules, on_answer, s);
	s->scratch = arena_new(SCRATCH_CAP);
	err = log_query_filter(&s->filter, &source->prover);
	if (err == OK && !s->scratch)
		err = ERR_NOMEM;
	if (err != OK) {
		source_cancel(&s->base);
		return err;
	}
	ask(s);
	*out = &s->base;
	return OK;
}
