#include <inttypes.h>
#include <stdlib.h>

#include "chain/asker.h"
#include "chain/chunk.h"

/* A few headers, asked for once: the head, or a block by its number. Who wants
 * them asks again soon anyway, so nothing is repeated here beyond other
 * nodes. */
#define HEADERS_CAP (4u << 20)
/* One poll of so many is another node's. */
#define HEAD_ELSEWHERE 4
/* Where fewer calls a second are granted, a block is not asked for ahead. */
#define NEXT_PER_SECOND 32
struct head {
	struct source_request base;
	struct ask ask;
	struct arena *arena;
	uint64_t number;     /* source_ref, source_next */
	struct arena *block; /* source_next: where that goes */
	size_t block_at;     /* of the results; 0: not asked */
	source_head_cb head_cb;
	source_next_cb next_cb;
	source_ref_cb ref_cb;
	void *arg;
};

static void head_free(struct source_request *request)
{
	struct head *head = (struct head *)request;

	ask_end(&head->ask);
	arena_free(head->arena);
	free(head);
}

static struct head *head_new(struct source *source,
			     const struct ask_rules *rules, ask_cb on_answer,
			     void *arg)
{
	struct head *head = calloc(1, sizeof(*head));

	if (!head)
		return NULL;
	head->arena = arena_new(HEADERS_CAP);
	if (!head->arena) {
		free(head);
		return NULL;
	}
	head->arg = arg;
	request_open(&head->base, source, head_free);
	ask_init(&head->ask, source->asker, rules, on_answer, head);
	return head;
}

/* Result i as a place in the chain, held against the header's own hash. */
static enum err read_ref(struct head *head, struct block_ref *out,
			 struct header *header, const struct rpc_reply *reply,
			 size_t i, struct fault *fault)
{
	struct source *source = head->base.source;
	enum err err = source_header(source, header, reply->results[i].value,
				     head->arena, fault);

	if (err != OK)
		return err;
	err = header_ref(out, header);
	return err == OK ? OK
			 : fault_set(fault, ERR_NONSENSE,
				     "its number or timestamp is out of "
				     "range");
}

/* Names the node in the fault, and counts a reply that was wrong. */
static void blame(struct head *head, const char *what, struct fault *fault)
{
	const struct fault said = *fault;

	fault_set(fault, said.code, "node %s, asked for %s: %s",
		  ask_endpoint(&head->ask), what, said.text);
	if (said.code == ERR_UNPROVEN || said.code == ERR_NONSENSE)
		source_incomplete(head->base.source, head->ask.endpoint, fault);
}

static enum err read_head(struct head *head, struct source_head *out,
			  const struct rpc_reply *reply, struct fault *fault)
{
	struct source_head found = {0};
	struct header header;
	enum err err = read_ref(head, &found.latest, &header, reply, 0, fault);

	if (err != OK) {
		blame(head, "its latest block", fault);
		return err;
	}
	/* No finality yet, or none known by this name: EIP-1898's tags are not
	 * everywhere, and before there is a final block the reply is an error
	 * (-39001) or null. A final block above the latest comes from a
	 * balancer with two nodes: not known now. */
	if (head->base.source->config->chain.finalized_tag &&
	    reply->results[1].err == OK &&
	    json_kind(reply->results[1].value) == JSON_KIND_OBJECT) {
		err =
		    read_ref(head, &found.finalized, &header, reply, 1, fault);
		if (err != OK) {
			blame(head, "its finalized block", fault);
			return err;
		}
		found.has_finalized =
		    found.finalized.number <= found.latest.number;
	}
	/* Behind a balancer, or on several nodes, heads go backwards. */
	if (found.latest.number < head->base.source->highest)
		ask_lags(&head->ask);
	*out = found;
	return OK;
}

/* Block head->number, if the reply has it and it proves. If it does not, it is
 * asked for again in the usual way, which finds out who was wrong. */
static struct span *read_block(struct head *head, const struct rpc_reply *reply)
{
	const struct rpc_result *results = reply->results + head->block_at;
	struct source *source = head->base.source;
	struct block *block;
	struct span *span = NULL;
	struct fault fault;
	struct chunk chunk;

	if (head->block_at == 0 || results[0].err != OK ||
	    results[1].err != OK ||
	    json_kind(results[0].value) != JSON_KIND_OBJECT)
		return NULL;
	block = ARENA_NEW(head->block, struct block);
	if (chunk_init(&chunk, source, &source->prover, head->block, NULL,
		       NULL) == OK &&
	    block) {
		block->ref.number = head->number;
		if (chunk_take(&chunk, block, head->ask.endpoint, results,
			       &fault) == OK)
			span = source_span_of(source, head->block, block, 1);
	}
	chunk_free(&chunk);
	return span;
}

static void tell(struct head *head, enum err err, const struct fault *fault,
		 const struct source_head *found, struct span *span)
{
	source_head_cb head_cb = head->head_cb;
	source_next_cb next_cb = head->next_cb;
	void *arg = head->arg;

	source_cancel(&head->base);
	if (next_cb)
		next_cb(arg, err, fault, found, span);
	else
		head_cb(arg, err, fault, found);
}

static void on_polled(void *arg, const struct ask_answer *answer)
{
	struct head *head = arg;
	struct span *span = NULL;
	struct source_head found;
	struct fault fault = {0};
	enum err err = answer->err;

	if (err == OK)
		err = read_head(head, &found, answer->reply, &fault);
	else
		fault = *answer->fault;
	if (err == OK)
		span = read_block(head, answer->reply);
	if (span && found.latest.number < span->to)
		found.latest = span->blocks[0].ref;
	tell(head, err, &fault, err == OK ? &found : NULL, span);
}

static struct rpc_batch *begin_poll(struct head *head)
{
	struct source *source = head->base.source;
	struct rpc_batch *batch = ask_begin(&head->ask);

	rpc_batch_add(batch, "eth_getBlockByNumber", "[\"latest\",false]");
	if (source->config->chain.finalized_tag)
		rpc_batch_add(batch, "eth_getBlockByNumber",
			      "[\"finalized\",false]");
	head->ask.height = source->highest;
	/* Another one may have come further than the fastest. */
	if (source->head_polls++ % HEAD_ELSEWHERE == HEAD_ELSEWHERE - 1)
		head->ask.avoid = head->ask.endpoint;
	return batch;
}

static struct head *poll_new(struct source *source, void *arg)
{
	const struct ask_rules rules = {
	    .attempts = (unsigned)source->asker->n_endpoints,
	    .urgent = true,
	    .hedged = true,
	    .required = 1,
	};

	return head_new(source, &rules, on_polled, arg);
}

enum err source_head(struct source *source, source_head_cb cb, void *arg,
		     struct source_request **out)
{
	struct head *head = poll_new(source, arg);

	if (!head)
		return ERR_NOMEM;
	head->head_cb = cb;
	(void)begin_poll(head);
	ask_send(&head->ask, 0);
	*out = &head->base;
	return OK;
}

/* Can the block be had so, and is it worth the calls? */
static bool is_worth(const struct head *head)
{
	const struct endpoint *endpoint = head->ask.endpoint;

	return head->base.source->config->chain.verify == VERIFY_RECEIPTS &&
	       !endpoint->limits.no_block_receipts &&
	       (endpoint->pace.per_second == 0 ||
		endpoint->pace.per_second >= NEXT_PER_SECOND);
}

enum err source_next(struct source *source, uint64_t number,
		     struct arena *arena, source_next_cb cb, void *arg,
		     struct source_request **out)
{
	struct head *head = poll_new(source, arg);
	struct rpc_batch *batch;

	if (!head)
		return ERR_NOMEM;
	head->next_cb = cb;
	head->number = number;
	head->block = arena;
	batch = begin_poll(head);
	if (is_worth(head)) {
		head->block_at = batch->n;
		batch->reader = &chunk_reader;
		rpc_batch_add(batch, "eth_getBlockByNumber",
			      "[\"0x%" PRIx64 "\",true]", number);
		rpc_batch_add(batch, "eth_getBlockReceipts",
			      "[\"0x%" PRIx64 "\"]", number);
	}
	ask_send(&head->ask, 0);
	*out = &head->base;
	return OK;
}

static enum err read_number(struct head *head, struct block_ref *out,
			    const struct rpc_reply *reply, struct fault *fault)
{
	struct header header;
	struct block_ref ref;
	enum err err = read_ref(head, &ref, &header, reply, 0, fault);

	if (err == OK)
		err = proof_is_number(&header, head->number, fault);
	if (err == OK) {
		*out = ref;
		return OK;
	}
	(void)source_blame(fault, &head->ask, head->number);
	if (err == ERR_NOT_YET)
		ask_lags(&head->ask);
	else
		source_incomplete(head->base.source, head->ask.endpoint, fault);
	return err;
}

static void on_ref(void *arg, const struct ask_answer *answer)
{
	struct head *head = arg;
	source_ref_cb cb = head->ref_cb;
	void *cb_arg = head->arg;
	struct block_ref ref;
	struct fault fault = {0};
	enum err err = answer->err;

	if (err == OK)
		err = read_number(head, &ref, answer->reply, &fault);
	else
		fault = *answer->fault;
	source_cancel(&head->base);
	cb(cb_arg, err, &fault, err == OK ? &ref : NULL);
}

enum err source_ref(struct source *source, uint64_t number, source_ref_cb cb,
		    void *arg, struct source_request **out)
{
	const struct ask_rules rules = {
	    .attempts = 1 + (unsigned)source->asker->n_endpoints,
	    .urgent = true,
	};
	struct head *head = head_new(source, &rules, on_ref, arg);

	if (!head)
		return ERR_NOMEM;
	head->ref_cb = cb;
	head->number = number;
	rpc_batch_add(ask_begin(&head->ask), "eth_getBlockByNumber",
		      "[\"0x%" PRIx64 "\",false]", number);
	head->ask.height = number;
	ask_send(&head->ask, 0);
	*out = &head->base;
	return OK;
}
