#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_rig.h"

/* An honest node, and one that refuses what is too much for it. */

#define BLOCKS 300

static uv_loop_t loop;
static struct rig *rig;

static const struct made_plan busy = {.transfers = 2, .others = 3};
static const struct made_plan quiet = {.others = 2};

static int setup(void **state)
{
	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	rig = rig_new(&loop, 1, &quiet);
	for (size_t i = 1; i < BLOCKS; i++)
		made_add(rig->chain, i % 3 ? &busy : &quiet);
	return 0;
}

static int setup_receipts(void **state)
{
	(void)setup(state);
	rig_start(rig);
	return 0;
}

static int setup_off(void **state)
{
	(void)setup(state);
	rig->config.chain.verify = VERIFY_OFF;
	rig_start(rig);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_free(rig);
	loop_end(&loop);
	return 0;
}

static void span_is_right(uint64_t from, uint64_t to)
{
	rig_span(rig, from, to);
	assert_int_equal(rig_wait(rig), OK);
	rig_check_span(rig, from, to);
	assert_int_equal(rig->incomplete, 0);
}

static void head(void **state)
{
	(void)state;
	rig_head(rig);
	assert_int_equal(rig_wait(rig), OK);
	assert_int_equal(rig->head.latest.number, BLOCKS - 1);
	assert_memory_equal(&rig->head.latest.hash,
			    &rig->chain->blocks[BLOCKS - 1].header.hash, 32);
	assert_false(rig->head.has_finalized);
	rig->chain->has_final = true;
	rig->chain->final = BLOCKS - 3;
	rig_head(rig);
	assert_int_equal(rig_wait(rig), OK);
	assert_true(rig->head.has_finalized);
	assert_int_equal(rig->head.finalized.number, BLOCKS - 3);
	assert_int_equal(node_requests(rig->node), 2);
}

/* After its first answer the newest block, in which nothing of ours was, is
 * another one, in which something is. */
static void replace_newest(struct rig *r, const struct json *request,
			   struct node_reply *reply)
{
	const struct made_plan fork = {.transfers = 1, .fork = 1};

	(void)request;
	(void)reply;
	if (++r->lies != 1)
		return;
	made_cut(r->chain, BLOCKS - 1);
	made_add(r->chain, &fork);
}

static void logs_of_a_block_that_is_replaced_meanwhile(void **state)
{
	(void)state;
	made_cut(rig->chain, BLOCKS - 1);
	made_add(rig->chain, &quiet);
	rig->reply = replace_newest;
	rig_span(rig, BLOCKS - 20, BLOCKS - 1);
	assert_int_equal(rig_wait(rig), OK);
	rig_check_span(rig, BLOCKS - 20, BLOCKS - 1);
}

/* Before there is a final block some nodes say an error (-39001). */
static bool refuse_finalized(struct rig *r, const char *method,
			     const struct json *params, struct buf *out)
{
	const char *tag = json_text(json_element(params, 0), NULL);

	(void)r;
	if (strcmp(method, "eth_getBlockByNumber") != 0 ||
	    strcmp(tag, "finalized") != 0)
		return false;
	buf_puts(out, "\"error\":{\"code\":-39001,"
		      "\"message\":\"Unknown block\"}");
	return true;
}

static void head_without_finality(void **state)
{
	(void)state;
	rig->call = refuse_finalized;
	rig_head(rig);
	assert_int_equal(rig_wait(rig), OK);
	assert_false(rig->head.has_finalized);
}

static void ref(void **state)
{
	(void)state;
	rig_ref(rig, 7);
	assert_int_equal(rig_wait(rig), OK);
	assert_int_equal(rig->ref.number, 7);
	assert_memory_equal(&rig->ref.hash, &rig->chain->blocks[7].header.hash,
			    32);
	rig_ref(rig, BLOCKS);
	assert_int_equal(rig_wait(rig), ERR_NOT_YET);
	assert_int_equal(rig->incomplete, 0);
}

static void call(void **state)
{
	(void)state;
	rig_call(rig, "eth_chainId");
	assert_int_equal(rig_wait(rig), OK);
	assert_string_equal(rig->text, "\"0x7a69\"");
	rig_call(rig, "eth_nothing");
	assert_int_equal(rig_wait(rig), ERR_REFUSED);
	assert_non_null(strstr(rig->fault.text, "eth_nothing"));
}

static void one_block_one_trip(void **state)
{
	(void)state;
	span_is_right(BLOCKS - 1, BLOCKS - 1);
	assert_int_equal(node_requests(rig->node), 1);
	assert_int_equal(rig->span->blocks[0].logs[0].nonce,
			 100 * (BLOCKS - 1) + 3);
	span_is_right(BLOCKS - 4, BLOCKS - 1);
	assert_int_equal(node_requests(rig->node), 2);
	assert_string_equal(rig->span->verified_by, "receipts");
}

static void long_span(void **state)
{
	(void)state;
	span_is_right(0, BLOCKS - 1);
	assert_int_equal(rig->span->n_blocks, BLOCKS);
	span_is_right(10, 30);
	assert_false(rig->span->blocks[1].logs[0].has_sender);
}

static bool no_bodies(struct rig *r, const char *method,
		      const struct json *params, struct buf *out)
{
	(void)r;
	(void)params;
	(void)out;
	assert_string_not_equal(method, "eth_getBlockReceipts");
	return false;
}

/* What the bloom excludes needs no receipts. */
static void quiet_span(void **state)
{
	(void)state;
	made_cut(rig->chain, 1);
	made_add_many(rig->chain, 60, &quiet);
	rig->call = no_bodies;
	span_is_right(0, 60);
}

static void senders_near_the_head(void **state)
{
	size_t senders = 0;

	(void)state;
	span_is_right(10, 17);
	for (size_t i = 0; i < rig->span->n_blocks; i++)
		for (size_t j = 0; j < rig->span->blocks[i].n_logs; j++)
			senders += rig->span->blocks[i].logs[j].has_sender;
	assert_true(senders > 0);
}

/* A node that takes ten calls in a batch. */
static void ten_calls(struct rig *r, const struct json *request,
		      struct node_reply *reply)
{
	if (json_kind(request) != JSON_KIND_ARRAY || json_count(request) <= 10)
		return;
	r->lies++;
	buf_reset(&reply->body);
	buf_puts(&reply->body,
		 "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,"
		 "\"message\":\"batch size 50 exceeds limit of 10\"}}");
}

static void small_batches(void **state)
{
	unsigned learned;

	(void)state;
	rig->reply = ten_calls;
	span_is_right(0, 99);
	assert_true(rig->lies > 0);
	learned = rig->lies;
	span_is_right(100, 199);
	assert_int_equal(rig->lies, learned);
}

/* Refuses eth_getLogs over more than four blocks. */
static bool four_blocks(struct rig *r, const char *method,
			const struct json *params, struct buf *out)
{
	const struct json *filter = json_element(params, 0);
	uint64_t from, to;

	if (strcmp(method, "eth_getLogs") != 0)
		return false;
	assert_int_equal(
	    quantity_parse(&from,
			   json_text(json_member(filter, "fromBlock"), NULL)),
	    OK);
	assert_int_equal(
	    quantity_parse(&to,
			   json_text(json_member(filter, "toBlock"), NULL)),
	    OK);
	assert_true(to < r->chain->n);
	if (to - from < 4)
		return false;
	r->lies++;
	buf_puts(out, "\"error\":{\"code\":-32005,\"message\":"
		      "\"query returned more than 10000 results\"}");
	return true;
}

static void logs_span(void **state)
{
	(void)state;
	span_is_right(0, BLOCKS - 1);
	assert_string_equal(rig->span->verified_by, "logs");
	assert_true(rig->span->n_blocks < BLOCKS);
	span_is_right(BLOCKS - 1, BLOCKS - 1);
	span_is_right(3, 3);
	span_is_right(0, 5);
	assert_int_equal(rig->span->n_blocks, 6);
	span_is_right(3, 33);
}

static void logs_by_halves(void **state)
{
	(void)state;
	rig->call = four_blocks;
	span_is_right(0, 99);
	assert_in_range(rig->lies, 1, 20);
}

static void logs_beyond_head(void **state)
{
	(void)state;
	rig_span(rig, BLOCKS - 2, BLOCKS);
	assert_int_equal(rig_wait(rig), ERR_NOT_YET);
}

/* Transfers of block b go from holder b to b + 1 and b + 2, unless 3 | b. */
static void transfer_blocks(void **state)
{
	static const uint64_t wanted[] = {40, 41, 58, 59, 61};
	static struct address wallets[1100];
	size_t n = sizeof(wanted) / sizeof(wanted[0]);

	(void)state;
	for (size_t i = 0; i < 1100; i++)
		wallets[i] = made_holder(900000 + i);
	wallets[0] = made_holder(60);
	wallets[500] = made_holder(61); /* the first of a group */
	wallets[1099] = made_holder(42);
	rig->call = four_blocks;
	rig_blocks(rig, wallets, 1100, 20, 62);
	assert_int_equal(rig_wait(rig), OK);
	assert_int_equal(rig->n_numbers, n);
	assert_memory_equal(rig->numbers, wanted, sizeof(wanted));
	rig_blocks(rig, wallets, 1, 0, 10);
	assert_int_equal(rig_wait(rig), OK);
	assert_int_equal(rig->n_numbers, 0);
}

/* Refuses eth_getLogs with more than a hundred alternatives for a topic; the
 * first query of the two has them in the second place. */
static bool hundred_topics(struct rig *r, const char *method,
			   const struct json *params, struct buf *out)
{
	const struct json *topics =
	    json_member(json_element(params, 0), "topics");

	if (strcmp(method, "eth_getLogs") != 0 ||
	    (json_count(json_element(topics, 1)) <= 100 &&
	     json_count(json_element(topics, 2)) <= 100))
		return false;
	r->lies++;
	buf_puts(out, "\"error\":{\"code\":-32602,\"message\":"
		      "\"exceed max topics\"}");
	return true;
}

/* A node that takes fewer topics is asked for fewer wallets, of all blocks, and
 * not for fewer blocks. */
static void transfer_blocks_of_few_topics(void **state)
{
	static const uint64_t wanted[] = {40, 41, 58, 59, 61};
	static struct address wallets[1100];

	(void)state;
	for (size_t i = 0; i < 1100; i++)
		wallets[i] = made_holder(900000 + i);
	wallets[61] = made_holder(60);
	wallets[62] = made_holder(61); /* the first of a group */
	wallets[1099] = made_holder(42);
	rig->call = hundred_topics;
	rig_blocks(rig, wallets, 1100, 20, 62);
	assert_int_equal(rig_wait(rig), OK);
	assert_int_equal(rig->n_numbers, sizeof(wanted) / sizeof(wanted[0]));
	assert_memory_equal(rig->numbers, wanted, sizeof(wanted));
	/* 500, 250 and 125 were too many: two queries each */
	assert_int_equal(rig->lies, 6);
	rig_blocks(rig, wallets, 1100, 20, 62);
	assert_int_equal(rig_wait(rig), OK);
	assert_int_equal(rig->lies, 6);
	assert_true(source_endpoint(rig->source, 0).log_blocks > 62 - 20);
}

#define RECEIPTS(name)                                                         \
	cmocka_unit_test_setup_teardown(name, setup_receipts, teardown)
#define OFF(name) cmocka_unit_test_setup_teardown(name, setup_off, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    RECEIPTS(head),
	    RECEIPTS(head_without_finality),
	    RECEIPTS(ref),
	    RECEIPTS(call),
	    RECEIPTS(one_block_one_trip),
	    RECEIPTS(long_span),
	    RECEIPTS(quiet_span),
	    RECEIPTS(senders_near_the_head),
	    RECEIPTS(small_batches),
	    OFF(logs_span),
	    OFF(logs_by_halves),
	    OFF(logs_beyond_head),
	    OFF(transfer_blocks),
	    OFF(transfer_blocks_of_few_topics),
	    cmocka_unit_test_setup_teardown(
		logs_of_a_block_that_is_replaced_meanwhile, setup_off,
		teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
