#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_lies.h"

/* VERIFY_BLOOM with nodes that tell the truth, or refuse: what it costs, false
 * positives, and answers that are too much. */

static const struct made_plan busy = {.transfers = 2, .others = 3};
static const struct made_plan quiet = {.others = 2};
static uv_loop_t loop;
static struct rig *rig;
static struct node *other; /* of the same chain; NULL: none */
/* Calls that the node got. */
static unsigned by_range, by_hash, receipts;

static int setup(void **state)
{
	(void)state;
	by_range = by_hash = receipts = 0;
	assert_int_equal(uv_loop_init(&loop), 0);
	rig = rig_new(&loop, 1, &quiet);
	rig->config.chain.verify = VERIFY_BLOOM;
	rig_start(rig);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (other)
		node_close(other);
	other = NULL;
	rig_free(rig);
	loop_end(&loop);
	return 0;
}

/* After its logs have been changed. */
static void seal_again(struct made_block *block)
{
	struct header *header = &block->header;

	header->logs_bloom = (struct bloom){{0}};
	for (size_t i = 0; i < block->receipts.n; i++) {
		struct receipt *receipt = &block->receipts.list[i];

		receipt_bloom(&receipt->bloom, receipt);
		bloom_merge(&header->logs_bloom, &receipt->bloom);
	}
	assert_int_equal(receipts_root(&header->receipts_root, &block->receipts,
				       rig->chain->arena),
			 OK);
	assert_int_equal(header_hash(&header->hash, header), OK);
}

/* The token has said something else, and another token has a Transfer: all of
 * a log of ours is in the bloom, but there is none. */
static void add_false_positive(uint8_t type)
{
	struct made_block *block;
	struct receipt *list;

	made_add(rig->chain, &busy);
	made_cut(rig->chain, rig->chain->n - 1);
	block = &rig->chain->blocks[rig->chain->n];
	list = block->receipts.list;
	list[0].logs->address = list[4].logs->address;
	list[0].type = type;
	for (size_t i = 3; i < 5; i++) {
		list[i].logs->address = made_holder(777 + i);
		list[i].logs->n_topics = 1; /* three are ours */
	}
	seal_again(block);
	rig->chain->n++;
}

static void add_many(size_t n, const struct made_plan *plan)
{
	made_add_many(rig->chain, n, plan);
}

static bool count(struct rig *r, const char *method, const struct json *params,
		  struct buf *out)
{
	bool logs = strcmp(method, "eth_getLogs") == 0;
	bool hash = json_text(json_member(json_element(params, 0), "blockHash"),
			      NULL) != NULL;

	(void)r;
	(void)out;
	by_range += logs && !hash;
	by_hash += logs && hash;
	receipts += strcmp(method, "eth_getBlockReceipts") == 0;
	return false;
}

static void span_is_right(uint64_t from, uint64_t to)
{
	rig_span(rig, from, to);
	if (rig_wait(rig) != OK)
		fail_msg("%s", rig->fault.text);
	rig_check_span(rig, from, to);
	assert_int_equal(rig->incomplete, 0);
}

static void long_span(void **state)
{
	(void)state;
	for (size_t i = 0; i < 300; i++)
		made_add(rig->chain, i % 3 ? &quiet : &busy);
	rig->call = count;
	span_is_right(0, 300);
	assert_string_equal(rig->span->verified_by, "bloom");
	assert_true(rig->span->n_blocks < 300);
	assert_int_equal(by_range, 1);
	assert_int_equal(by_hash, 0);
	assert_int_equal(receipts, 0);
	span_is_right(7, 7);
	span_is_right(2, 17);
	assert_int_equal(rig->span->n_blocks, 16);
}

static void at_the_head_one_round_trip(void **state)
{
	(void)state;
	add_many(9, &busy);
	span_is_right(9, 9);
	assert_int_equal(node_requests(rig->node), 1);
	span_is_right(6, 9);
	assert_int_equal(node_requests(rig->node), 2);
}

/* What a long span holds does not grow with its length. */
static void memory_is_bounded(void **state)
{
	(void)state;
	add_many(4000, &quiet);
	span_is_right(0, 4000);
	assert_int_equal(rig->span->n_blocks, 2);
	assert_in_range(arena_used(rig->arena), 1, 64u << 10);
}

static void false_positive_is_proven(void **state)
{
	(void)state;
	add_many(4, &busy);
	add_false_positive(0);
	add_many(4, &quiet);
	rig->call = count;
	span_is_right(0, 9);
	assert_int_equal(by_hash, 1);
	assert_int_equal(receipts, 1);
	assert_int_equal(rig->believed, 0);
	span_is_right(5, 5); /* at the head */
}

static void many_false_positives(void **state)
{
	(void)state;
	for (size_t i = 0; i < 90; i++) {
		add_false_positive(0);
		if (i % 10 == 0)
			made_add(rig->chain, &busy);
	}
	rig->call = count;
	span_is_right(0, rig->chain->n - 1);
	assert_int_equal(by_hash, 90);
	assert_int_equal(receipts, 90);
}

/* Another node, of the same chain. */
struct second {
	struct made_chain *chain;
	unsigned by_range, by_hash;
};

static void on_second(void *arg, const char *method, const struct json *params,
		      struct buf *out)
{
	struct second *second = arg;
	bool hash = json_member(json_element(params, 0), "blockHash") != NULL;

	if (strcmp(method, "eth_getLogs") == 0)
		++*(hash ? &second->by_hash : &second->by_range);
	made_call(second->chain, method, params, out);
}

/* Who said that there is no log is not asked whether that is so. */
static void is_asked_elsewhere(void **state)
{
	struct second second = {.chain = rig->chain};
	const struct node_script script = {&second, on_second, NULL};

	(void)state;
	other = node_new(&loop, &script);
	rig_close_source(rig);
	rig->config.chain.n_rpc = 2;
	rig->endpoints[1].url = strdup(node_url(other));
	rig_start(rig);
	rig->call = count;
	for (size_t i = 0; i < 20; i++)
		add_false_positive(0);
	for (size_t i = 1; i <= 20; i++) {
		unsigned range = second.by_range, hash = second.by_hash;

		span_is_right(i, i);
		assert_int_equal(second.by_range - range,
				 1 - (second.by_hash - hash));
	}
	assert_int_equal(by_range + second.by_range, 20);
	assert_int_equal(by_hash + second.by_hash, 20);
}

/* An OP chain's deposit, say: nodes that agree are believed, and receipts are
 * not asked for again. */
static void receipts_of_an_unknown_type(void **state)
{
	(void)state;
	add_many(4, &busy);
	add_false_positive(0x7e);
	add_false_positive(0x7e);
	rig->call = count;
	span_is_right(0, 6);
	assert_int_equal(rig->believed, 2);
	assert_int_equal(by_hash, 6);
	assert_int_equal(receipts, 2);
	span_is_right(0, 6);
	assert_int_equal(receipts, 2);
	assert_int_equal(rig->believed, 4);
}

static bool no_receipts(struct rig *r, const char *method,
			const struct json *params, struct buf *out)
{
	count(r, method, params, out);
	if (!strstr(method, "Receipt"))
		return false;
	buf_puts(out, "\"error\":{\"code\":-32601,\"message\":\"no\"}");
	return true;
}

static void no_receipts_at_all(void **state)
{
	(void)state;
	add_many(4, &busy);
	add_false_positive(0);
	rig->call = no_receipts;
	span_is_right(0, 5);
	assert_int_equal(rig->believed, 1);
	assert_int_equal(by_hash, 3);
}

static bool not_by_hash(struct rig *r, const char *method,
			const struct json *params, struct buf *out)
{
	count(r, method, params, out);
	if (!json_member(json_element(params, 0), "blockHash"))
		return false;
	buf_puts(out, "\"error\":{\"code\":-32602,\"message\":\"what?\"}");
	return true;
}

/* Older nodes do not take a hash in eth_getLogs (EIP-234). */
static void not_asked_by_hash(void **state)
{
	(void)state;
	add_many(4, &busy);
	add_false_positive(0);
	rig->call = not_by_hash;
	span_is_right(0, 5);
	assert_int_equal(receipts, 1);
}

/* Refuses eth_getLogs always, with a hint that is the range that was asked for
 * (reth issue 23810). */
static bool empty_hint(struct rig *r, const char *method,
		       const struct json *params, struct buf *out)
{
	const struct json *filter = json_element(params, 0);

	count(r, method, params, out);
	if (strcmp(method, "eth_getLogs") != 0)
		return false;
	buf_printf(out,
		   "\"error\":{\"code\":-32602,\"message\":\"query exceeds max"
		   " results 20000, retry with the range %s-%s\"}",
		   json_text(json_member(filter, "fromBlock"), NULL),
		   json_text(json_member(filter, "toBlock"), NULL));
	return true;
}

/* Half, and half again; a block that is still too much is read by its
 * receipts. */
static void hint_that_does_not_shrink(void **state)
{
	(void)state;
	add_many(20, &busy);
	rig->call = empty_hint;
	span_is_right(1, 20);
	/* 20 of them, and the halves before. */
	assert_in_range(by_range, 20, 30);
	assert_int_equal(receipts, 20);
	span_is_right(20, 20);
}

static void the_same_when_off(void **state)
{
	(void)state;
	rig_close_source(rig);
	rig->config.chain.verify = VERIFY_OFF;
	rig_start(rig);
	add_many(20, &busy);
	rig->call = empty_hint;
	span_is_right(1, 20);
	assert_int_equal(receipts, 20);
	assert_string_equal(rig->span->verified_by, "logs");
	span_is_right(20, 20);
}

/* Blocks that are too much for eth_getLogs are read whole: they may hold some. */
static void transfer_blocks_too_large(void **state)
{
	struct address wallet = made_holder(5);

	(void)state;
	add_many(20, &busy);
	rig->call = empty_hint;
	rig_blocks(rig, &wallet, 1, 4, 11);
	assert_int_equal(rig_wait(rig), OK);
	assert_int_equal(rig->n_numbers, 8);
	assert_int_equal(rig->numbers[0], 4);
	assert_int_equal(rig->numbers[7], 11);
}

/* Takes three calls at once. */
static void three_calls(struct rig *r, const struct json *request,
			struct node_reply *reply)
{
	(void)r;
	if (json_kind(request) != JSON_KIND_ARRAY || json_count(request) <= 3)
		return;
	buf_reset(&reply->body);
	buf_puts(&reply->body,
		 "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,"
		 "\"message\":\"batch size exceeds limit of 3\"}}");
}

static void small_batches(void **state)
{
	(void)state;
	for (size_t i = 0; i < 9; i++) {
		add_false_positive(0);
		made_add(rig->chain, &busy);
	}
	rig->call = count;
	rig->reply = three_calls;
	span_is_right(16, 18);
	span_is_right(0, 18);
	assert_in_range(by_range, 2, 4);
}

static void cancel_any_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < 8; i++) {
		add_false_positive(0);
		made_add(rig->chain, &busy);
	}
	for (unsigned i = 0; i < 60; i++) {
		unsigned answers;

		rig->call = i % 3 ? NULL : empty_hint;
		rig_span(rig, i % 4, 4 + i % 10);
		for (unsigned turns = 0; turns < i; turns++)
			(void)uv_run(&loop, UV_RUN_NOWAIT);
		answers = rig->answers;
		if (rig->request)
			rig_cancel(rig);
		for (unsigned turns = 0; turns < 10; turns++)
			(void)uv_run(&loop, UV_RUN_NOWAIT);
		assert_int_equal(rig->answers, answers);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(long_span),
	    TEST(at_the_head_one_round_trip),
	    TEST(memory_is_bounded),
	    TEST(false_positive_is_proven),
	    TEST(many_false_positives),
	    TEST(is_asked_elsewhere),
	    TEST(receipts_of_an_unknown_type),
	    TEST(no_receipts_at_all),
	    TEST(not_asked_by_hash),
	    TEST(hint_that_does_not_shrink),
	    TEST(the_same_when_off),
	    TEST(transfer_blocks_too_large),
	    TEST(small_batches),
	    TEST(cancel_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
