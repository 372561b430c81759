#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "chain/source_request.h"
#include "common/u256.h"

/* Questions about one state, in batches as large as the node grants. */

struct state_request {
	struct source_request base;
	struct ask ask;
	struct block_ref block;
	const struct state_question *questions;
	struct state_answer *answers;
	size_t n, done, asked; /* all; answered; under way after those */
	unsigned failures;
	struct arena *arena;
	source_state_cb cb;
	void *arg;
};

static void state_free(struct source_request *request)
{
	struct state_request *q = (struct state_request *)request;

	ask_end(&q->ask);
	free(q);
}

static void finish(struct state_request *q, enum err err,
		   const struct fault *fault)
{
	const struct fault copy = *fault;
	const struct state_answer *answers = q->answers;
	source_state_cb cb = q->cb;
	void *arg = q->arg;

	source_cancel(&q->base);
	cb(arg, err, &copy, err == OK ? answers : NULL);
}

static const char *method_of(enum state_kind kind)
{
	static const char *const methods[] = {[STATE_CALL] = "eth_call",
					      [STATE_BALANCE] =
						  "eth_getBalance",
					      [STATE_CODE] = "eth_getCode"};

	return methods[kind];
}

/* EIP-1898: a block as an object of its hash, where a number could stand. */
static enum err add(struct rpc_batch *batch, const struct state_question *one,
		    const char *block)
{
	char to[ADDRESS_TEXT_SIZE];
	struct buf data;
	enum err err;

	address_format(to, &one->to);
	if (one->kind != STATE_CALL) {
		rpc_batch_add(batch, method_of(one->kind),
			      "[\"%s\",{\"blockHash\":\"%s\"}]", to, block);
		return OK;
	}
	buf_init(&data, 2 * one->data.len + 1);
	buf_hex(&data, one->data.data, one->data.len);
	err = data.err;
	if (err == OK)
		rpc_batch_add(batch, method_of(one->kind),
			      "[{\"to\":\"%s\",\"data\":\"0x%s\"},{"
			      "\"blockHash\":\"%s\"}]",
			      to, data.data, block);
	buf_free(&data);
	return err;
}

static enum err ask(struct state_request *q, uint64_t delay_ms)
{
	struct rpc_batch *batch = ask_begin(&q->ask);
	size_t most = ask_most(&q->ask, &ask_limits(&q->ask)->state_batch, 1);
	size_t left = q->n - q->done;
	char block[HASH_TEXT_SIZE];
	enum err err = OK;

	hash_format(block, &q->block.hash);
	q->asked = left < most ? left : most;
	for (size_t i = 0; i < q->asked && err == OK; i++)
		err = add(batch, &q->questions[q->done + i], block);
	q->ask.height = q->block.number;
	if (err == OK)
		ask_send(&q->ask, delay_ms);
	return err;
}

/* A quantity as the word that it is for the EVM, or bytes in hex. */
static enum err read_value(struct bytes *out, enum state_kind kind,
			   const char *text, struct arena *arena)
{
	size_t len = text ? strlen(text) : 0;
	struct u256 number;
	uint8_t *data;

	if (len < 2 || len % 2 > (kind == STATE_BALANCE) ||
	    strncmp(text, "0x", 2) != 0)
		return ERR_NONSENSE;
	len = kind == STATE_BALANCE ? 32 : len / 2 - 1;
	data = arena_alloc(arena, len + 1, 1);
	if (!data)
		return ERR_NOMEM;
	*out = (struct bytes){data, len};
	if (kind != STATE_BALANCE)
		return hex_decode(data, len, text + 2, 2 * len) == OK
			   ? OK
			   : ERR_NONSENSE;
	if (u256_parse_quantity(&number, text) != OK)
		return ERR_NONSENSE;
	u256_to_be(data, &number);
	return OK;
}

/* The answer to question i of the batch. */
static enum err read_result(struct state_request *q,
			    const struct rpc_reply *reply, size_t i,
			    struct fault *fault)
{
	const struct state_question *one = &q->questions[q->done + i];
	struct state_answer *out = &q->answers[q->done + i];
	const struct rpc_result *result = &reply->results[i];
	enum err err;

	*out = (struct state_answer){.reverted = false};
	if (result->err != OK) {
		out->reverted = result->refusal.reverted;
		return out->reverted ? OK : rpc_fault(fault, reply, i);
	}
	err = read_value(&out->value, one->kind, json_text(result->value, NULL),
			 q->arena);
	if (err == OK)
		return OK;
	return fault_set(fault, err, "node %s answers %s with %s",
			 ask_endpoint(&q->ask), method_of(one->kind),
			 err == ERR_NOMEM ? "more than we have room for"
					  : "what is no hex text");
}

static enum err read_answer(struct state_request *q,
			    const struct ask_answer *answer,
			    struct fault *fault)
{
	enum err err = OK;

	/* A contract's refusal is an answer like any other. */
	if (answer->err != OK && !answer->refusal.reverted) {
		*fault = *answer->fault;
		return answer->err;
	}
	for (size_t i = 0; i < q->asked && err == OK; i++)
		err = read_result(q, answer->reply, i, fault);
	if (err != OK)
		return err;
	portion_fine(&ask_limits(&q->ask)->state_batch, q->asked);
	q->done += q->asked;
	q->failures = 0;
	return OK;
}

/* How long to wait before asking again; false: give up. */
static bool recover(struct state_request *q, enum err err, uint64_t *delay_ms)
{
	struct portion *portion = &ask_limits(&q->ask)->state_batch;

	*delay_ms = 0;
	switch (source_remedy(err, q->asked > 1, &q->failures)) {
	case REMEDY_NONE:
		return false;
	case REMEDY_LESS:
		if (err == ERR_TIMEOUT)
			portion_slow(portion, q->asked);
		else
			portion_refused(portion, q->asked);
		return true;
	case REMEDY_AGAIN:
	case REMEDY_ANEW:
		*delay_ms = source_pause(err, q->failures);
		return true;
	}
	return false;
}

static void on_answer(void *arg, const struct ask_answer *answer)
{
	struct state_request *q = arg;
	struct fault fault = {0};
	uint64_t delay_ms = 0;
	enum err err = read_answer(q, answer, &fault);

	if (err == ERR_REFUSED && answer->refusal.pruned)
		err = fault.code = ERR_MISSING;
	if (err == OK && q->done == q->n) {
		finish(q, OK, &fault);
		return;
	}
	if (err != OK && !recover(q, err, &delay_ms)) {
		finish(q, err, &fault);
		return;
	}
	err = ask(q, delay_ms);
	if (err != OK) {
		fault_set(&fault, err, "asking for a state: %s", err_text(err));
		finish(q, err, &fault);
	}
}

enum err source_state(struct source *source, const struct block_ref *block,
		      const struct state_question *questions, size_t n,
		      struct arena *arena, source_state_cb cb, void *arg,
		      struct source_request **out)
{
	const struct ask_rules rules = {.attempts = SOURCE_ATTEMPTS,
					.shrinks = true};
	struct state_request *q;
	enum err err;

	if (n == 0)
		return ERR_RANGE;
	q = calloc(1, sizeof(*q));
	if (!q)
		return ERR_NOMEM;
	q->block = *block;
	q->questions = questions;
	q->n = n;
	q->arena = arena;
	q->cb = cb;
	q->arg = arg;
	request_open(&q->base, source, state_free);
	ask_init(&q->ask, source->asker, &rules, on_answer, q);
	q->answers = ARENA_ARRAY(arena, struct state_answer, n);
	err = q->answers ? ask(q, 0) : ERR_NOMEM;
	if (err != OK) {
		source_cancel(&q->base);
		return err;
	}
	*out = &q->base;
	return OK;
}
