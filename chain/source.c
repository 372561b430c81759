#include "chain/source.h"

#include <secp256k1.h>
#include <stdlib.h>

#include "chain/asker.h"
#include "chain/source_request.h"

#define RESULT_CAP (64u << 20)

void request_open(struct source_request *request, struct source *source,
		  void (*free)(struct source_request *request))
{
	request->source = source;
	request->free = free;
	request->next = source->requests;
	request->link = &source->requests;
	if (request->next)
		request->next->link = &request->next;
	source->requests = request;
}

void source_cancel(struct source_request *request)
{
	if (!request)
		return;
	*request->link = request->next;
	if (request->next)
		request->next->link = request->link;
	request->free(request);
}

static void source_free(struct source *source)
{
	if (source->secp)
		secp256k1_context_destroy(source->secp);
	free(source);
}

static void on_asker_closed(void *arg)
{
	struct source *source = arg;

	source->closed(source->closed_arg);
	source_free(source);
}

void source_close(struct source *source, void (*closed)(void *arg), void *arg)
{
	source->closing = true;
	source->closed = closed;
	source->closed_arg = arg;
	while (source->requests)
		source_cancel(source->requests);
	asker_close(source->asker, on_asker_closed, source);
}

enum err source_new(struct source **out, uv_loop_t *loop,
		    const struct config *config, const struct catalog *catalog,
		    const struct source_observer *observer, struct fault *fault)
{
	struct source *source = calloc(1, sizeof(*source));
	enum err err;

	if (!source)
		return fault_set(fault, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	source->secp = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
	if (!source->secp) {
		source_free(source);
		return fault_set(fault, ERR_NOMEM, "%s", err_text(ERR_NOMEM));
	}
	source->config = config;
	source->prover.secp = source->secp;
	source->prover.n_interests =
	    catalog_interests(catalog, &source->prover.interests);
	if (observer)
		source->observer = *observer;
	err = asker_new(&source->asker, loop, config, observer, fault);
	if (err != OK) {
		source_free(source);
		return err;
	}
	*out = source;
	return OK;
}

enum err source_set_endpoints(struct source *source,
			      const struct config *config, struct fault *fault)
{
	return asker_set_endpoints(source->asker, config, fault);
}

size_t source_endpoint_count(const struct source *source)
{
	return source->asker->n_endpoints;
}

struct source_endpoint source_endpoint(const struct source *source, size_t i)
{
	const struct endpoint *e = source->asker->endpoints[i];

	return (struct source_endpoint){
	    .name = e->node.name,
	    .state = endpoint_state(e, uv_now(source->asker->loop)),
	    .latency_seconds = e->latency_us / 1e6,
	    .trouble = (double)e->trouble / TROUBLE_ALL,
	    .in_flight = e->in_flight,
	    .calls_per_second = e->pace.per_second,
	    .header_batch = e->limits.header_batch.now,
	    .body_batch = e->limits.body_batch.now,
	    .log_blocks = e->limits.log_blocks.now,
	};
}

void source_reached(struct source *source, uint64_t number)
{
	if (number > source->highest)
		source->highest = number;
}

void source_incomplete(struct source *source, struct endpoint *endpoint,
		       const struct fault *fault)
{
	asker_distrust(source->asker, endpoint);
	if (source->observer.incomplete)
		source->observer.incomplete(source->observer.arg,
					    endpoint->node.name, fault->text);
}

enum err source_blame(struct fault *fault, const struct ask *ask,
		      uint64_t number)
{
	const struct fault said = *fault;

	return fault_set(fault, said.code, "node %s, asked for block %llu: %s",
			 ask_endpoint(ask), (unsigned long long)number,
			 said.text);
}

enum err source_header(const struct source *source, struct header *out,
		       const struct json *block, struct arena *arena,
		       struct fault *fault)
{
	if (source->config->chain.verify == VERIFY_OFF)
		return parse_header(out, block, arena, fault);
	return proof_header(out, block, arena, fault);
}

enum remedy source_remedy(enum err err, bool divisible, unsigned *failures)
{
	if (err == ERR_TOO_LARGE)
		return divisible ? REMEDY_LESS : REMEDY_NONE;
	if (err != ERR_TIMEOUT && err != ERR_NOT_YET && err != ERR_NONSENSE &&
	    err != ERR_UNPROVEN)
		return REMEDY_NONE;
	*failures += err == ERR_TIMEOUT ? 2 : 1;
	if (*failures >= SOURCE_ATTEMPTS)
		return REMEDY_NONE;
	if (err == ERR_TIMEOUT)
		return divisible ? REMEDY_LESS : REMEDY_AGAIN;
	return REMEDY_ANEW;
}

uint64_t source_pause(enum err err, unsigned failures)
{
	return ask_backoff(err == ERR_NOT_YET ? 1 : failures);
}

/* A call of any kind. */
struct call {
	struct source_request base;
	struct ask ask;
	source_call_cb cb;
	void *arg;
};

static void call_free(struct source_request *request)
{
	struct call *call = (struct call *)request;

	ask_end(&call->ask);
	free(call);
}

static void on_call(void *arg, const struct ask_answer *answer)
{
	struct call *call = arg;
	source_call_cb cb = call->cb;
	void *cb_arg = call->arg;
	enum err err = answer->err;
	struct fault fault = {0};
	struct buf text;

	buf_init(&text, RESULT_CAP);
	if (err != OK) {
		fault = *answer->fault;
	} else {
		json_print(&text, answer->reply->results[0].value);
		err = text.err;
		if (err != OK)
			fault_set(&fault, err, "the result of %s: %s",
				  answer->reply->batch->methods[0],
				  err_text(err));
	}
	source_cancel(&call->base);
	cb(cb_arg, err, &fault, err == OK ? text.data : NULL);
	buf_free(&text);
}

enum err source_call(struct source *source, const char *method,
		     const char *params, source_call_cb cb, void *arg,
		     struct source_request **out)
{
	const struct ask_rules rules = {
	    .attempts = 1 + (unsigned)source->asker->n_endpoints,
	    .urgent = true,
	};
	struct call *call = calloc(1, sizeof(*call));

	if (!call)
		return ERR_NOMEM;
	call->cb = cb;
	call->arg = arg;
	request_open(&call->base, source, call_free);
	ask_init(&call->ask, source->asker, &rules, on_call, call);
	rpc_batch_add(ask_begin(&call->ask), method, "%s", params);
	ask_send(&call->ask, 0);
	*out = &call->base;
	return OK;
}
