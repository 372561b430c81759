#include "tests/unit/lib_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void on_call(void *arg, const char *method, const struct json *params,
		    struct buf *out)
{
	struct rig *rig = arg;

	if (!rig->call || !rig->call(rig, method, params, out))
		made_call(rig->chain, method, params, out);
}

static void on_reply(void *arg, const struct json *request,
		     struct node_reply *reply)
{
	struct rig *rig = arg;

	if (rig->reply)
		rig->reply(rig, request, reply);
}

static void on_request(void *arg, const char *endpoint, const char *method,
		       const char *outcome, double seconds)
{
	struct rig *rig = arg;

	assert_true(*endpoint && *method && seconds >= 0);
	rig->failed_requests += strcmp(outcome, "ok") != 0;
}

static void on_incomplete(void *arg, const char *endpoint, const char *why)
{
	struct rig *rig = arg;

	assert_string_equal(endpoint, "first");
	rig->incomplete++;
	(void)snprintf(rig->why, sizeof(rig->why), "%s", why);
}

static void on_believed(void *arg, uint64_t number)
{
	struct rig *rig = arg;

	assert_true(number < rig->chain->n);
	rig->believed++;
}

struct rig *rig_new(uv_loop_t *loop, size_t n, const struct made_plan *plan)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct address token;
	struct fault fault;

	assert_non_null(rig);
	rig->loop = loop;
	rig->chain = made_new();
	made_add_many(rig->chain, n, plan);
	rig->script = (struct node_script){rig, on_call, on_reply};
	rig->node = node_new(loop, &rig->script);
	rig->endpoints[0].name = strdup("first");
	rig->endpoints[0].url = strdup(node_url(rig->node));
	rig->endpoints[1].name = strdup("second");
	rig->config.chain.rpc = rig->endpoints;
	rig->config.chain.n_rpc = 1;
	rig->config.chain.finalized_tag = true;
	rig->config.chain.verify = VERIFY_RECEIPTS;
	assert_int_equal(address_parse(&token, MADE_TOKEN), OK);
	rig->config.contracts.usdc = token;
	assert_int_equal(catalog_new(&rig->catalog, &fault), OK);
	assert_int_equal(catalog_add(rig->catalog, &token, "USDC", &fault), OK);
	rig->arena = arena_new(64u << 20);
	assert_non_null(rig->arena);
	return rig;
}

void rig_start(struct rig *rig)
{
	const struct source_observer observer = {rig, on_request, on_incomplete,
						 on_believed};
	struct fault fault;

	assert_int_equal(source_new(&rig->source, rig->loop, &rig->config,
				    rig->catalog, &observer, &fault),
			 OK);
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

void rig_close_source(struct rig *rig)
{
	bool closed = false;

	if (!rig->source)
		return;
	source_close(rig->source, on_closed, &closed);
	rig->source = NULL;
	loop_until(rig->loop, &closed);
}

void rig_free(struct rig *rig)
{
	rig_close_source(rig);
	if (rig->node)
		node_close(rig->node);
	(void)uv_run(rig->loop, UV_RUN_NOWAIT);
	catalog_free(rig->catalog);
	made_free(rig->chain);
	arena_free(rig->arena);
	for (size_t i = 0; i < 2; i++) {
		free(rig->endpoints[i].name);
		free(rig->endpoints[i].url);
	}
	free(rig);
}

static void answered(struct rig *rig, enum err err, const struct fault *fault)
{
	rig->request = NULL;
	rig->done = true;
	rig->answers++;
	rig->err = err;
	if (err == OK)
		return;
	rig->fault = *fault;
	assert_int_equal(fault->code, err);
	assert_true(*fault->text);
	assert_null(strstr(fault->text, "secretkey"));
}

static void on_head(void *arg, enum err err, const struct fault *fault,
		    const struct source_head *head)
{
	struct rig *rig = arg;

	if (err == OK)
		rig->head = *head;
	answered(rig, err, fault);
}

static void on_ref(void *arg, enum err err, const struct fault *fault,
		   const struct block_ref *ref)
{
	struct rig *rig = arg;

	if (err == OK)
		rig->ref = *ref;
	answered(rig, err, fault);
}

static void on_text(void *arg, enum err err, const struct fault *fault,
		    const char *result)
{
	struct rig *rig = arg;

	if (err == OK)
		(void)snprintf(rig->text, sizeof(rig->text), "%s", result);
	answered(rig, err, fault);
}

static void on_transaction(void *arg, enum err err, const struct fault *fault,
			   const struct source_transaction *tx)
{
	struct rig *rig = arg;

	if (err == OK)
		rig->tx = *tx;
	answered(rig, err, fault);
}

static void on_span(void *arg, enum err err, const struct fault *fault,
		    struct span *span)
{
	struct rig *rig = arg;

	rig->span = span;
	assert_true((err == OK) == (span != NULL));
	answered(rig, err, fault);
}

static void on_blocks(void *arg, enum err err, const struct fault *fault,
		      const uint64_t *numbers, size_t n)
{
	struct rig *rig = arg;

	assert_true(n <= 64);
	if (n > 0)
		memcpy(rig->numbers, numbers, n * sizeof(*numbers));
	rig->n_numbers = n;
	answered(rig, err, fault);
}

static void begin(struct rig *rig)
{
	assert_null(rig->request);
	rig->done = false;
}

void rig_head(struct rig *rig)
{
	begin(rig);
	assert_int_equal(source_head(rig->source, on_head, rig, &rig->request),
			 OK);
}

static void on_next(void *arg, enum err err, const struct fault *fault,
		    const struct source_head *head, struct span *span)
{
	struct rig *rig = arg;

	rig->span = span;
	on_head(arg, err, fault, head);
}

void rig_next(struct rig *rig, uint64_t number)
{
	begin(rig);
	assert_int_equal(source_next(rig->source, number, rig->arena, on_next,
				     rig, &rig->request),
			 OK);
}

void rig_ref(struct rig *rig, uint64_t number)
{
	begin(rig);
	assert_int_equal(
	    source_ref(rig->source, number, on_ref, rig, &rig->request), OK);
}

void rig_call(struct rig *rig, const char *method)
{
	begin(rig);
	assert_int_equal(
	    source_call(rig->source, method, "[]", on_text, rig, &rig->request),
	    OK);
}

void rig_transaction(struct rig *rig, const struct hash *hash)
{
	begin(rig);
	assert_int_equal(source_transaction(rig->source, hash, on_transaction,
					    rig, &rig->request),
			 OK);
}

void rig_span(struct rig *rig, uint64_t from, uint64_t to)
{
	begin(rig);
	assert_int_equal(source_span(rig->source, from, to, true, rig->arena,
				     on_span, rig, &rig->request),
			 OK);
}

void rig_blocks(struct rig *rig, const struct address *wallets, size_t n,
		uint64_t from, uint64_t to)
{
	begin(rig);
	assert_int_equal(source_transfer_blocks(rig->source, wallets, n, from,
						to, on_blocks, rig,
						&rig->request),
			 OK);
}

enum err rig_wait(struct rig *rig)
{
	loop_until(rig->loop, &rig->done);
	return rig->err;
}

void rig_cancel(struct rig *rig)
{
	source_cancel(rig->request);
	rig->request = NULL;
}

static void check_block(const struct made_block *made,
			const struct block *block)
{
	size_t found = 0;

	assert_memory_equal(&block->ref.hash, &made->header.hash, 32);
	assert_memory_equal(&block->ref.parent_hash, &made->header.parent_hash,
			    32);
	assert_int_equal(block->ref.timestamp, made->header.timestamp);
	for (size_t i = 0; i < made->receipts.n; i++) {
		const struct raw_log *raw = made->receipts.list[i].logs;
		const struct block_log *log = &block->logs[found];

		if (raw->n_topics != 3)
			continue;
		assert_true(found++ < block->n_logs);
		assert_int_equal(log->log_index, i);
		assert_int_equal(log->tx_index, i);
		assert_memory_equal(&log->tx_hash, &made->tx_hashes[i], 32);
		assert_memory_equal(&log->raw.topics[2], &raw->topics[2], 32);
		assert_int_equal(log->raw.data.len, raw->data.len);
		assert_memory_equal(log->raw.data.data, raw->data.data,
				    raw->data.len);
	}
	assert_int_equal(found, block->n_logs);
}

void rig_check_span(const struct rig *rig, uint64_t from, uint64_t to)
{
	const struct span *span = rig->span;
	size_t n = 0;

	assert_non_null(span);
	assert_true(span->from == from && span->to == to);
	for (uint64_t number = from; number <= to; number++) {
		const struct made_block *made = &rig->chain->blocks[number];

		if (n < span->n_blocks && span->blocks[n].ref.number == number)
			check_block(made, &span->blocks[n++]);
		else
			assert_true(number != from && number != to &&
				    rig->config.chain.verify !=
					VERIFY_RECEIPTS);
	}
	assert_int_equal(n, span->n_blocks);
}
