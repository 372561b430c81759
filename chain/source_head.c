#include <inttypes.h>
#include <stdlib.h>

#include "chain/asker.h"
#include "chain/source_request.h"

/* A few headers, asked for once: the head, or a block by its number. Who wants
 * them asks again soon anyway, so nothing is repeated here beyond other
 * nodes. */
#define HEADERS_CAP (4u << 20)
/* One poll of so many is another node's. */
#define HEAD_ELSEWHERE 4
struct head {
	struct source_request base;
	struct ask ask;
	struct arena *arena;
	uint64_t number; /* source_ref */
	source_head_cb head_cb;
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
	if (reply->n > 1 && reply->results[1].err == OK &&
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

static void on_head(void *arg, const struct ask_answer *answer)
{
	struct head *head = arg;
	source_head_cb cb = head->head_cb;
	void *cb_arg = head->arg;
	struct source_head found;
	struct fault fault = {0};
	enum err err = answer->err;

	if (err == OK)
		err = read_head(head, &found, answer->reply, &fault);
	else
		fault = *answer->fault;
	source_cancel(&head->base);
	cb(cb_arg, err, &fault, err == OK ? &found : NULL);
}

enum err source_head(struct source *source, source_head_cb cb, void *arg,
		     struct source_request **out)
{
	const struct ask_rules rules = {
	    .attempts = (unsigned)source->asker->n_endpoints,
	    .urgent = true,
	    .hedged = true,
	    .required = 1,
	};
	struct head *head = head_new(source, &rules, on_head, arg);
	struct rpc_batch *batch;

	if (!head)
		return ERR_NOMEM;
	head->head_cb = cb;
	batch = ask_begin(&head->ask);
	rpc_batch_add(batch, "eth_getBlockByNumber", "[\"latest\",false]");
	if (source->config->chain.finalized_tag)
		rpc_batch_add(batch, "eth_getBlockByNumber",
			      "[\"finalized\",false]");
	head->ask.height = source->highest;
	/* Another one may have come further than the fastest. */
	if (source->head_polls++ % HEAD_ELSEWHERE == HEAD_ELSEWHERE - 1)
		head->ask.avoid = head->ask.endpoint;
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
