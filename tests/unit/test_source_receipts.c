#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_lies.h"

/* Nodes that do not offer eth_getBlockReceipts, or not of a whole block:
 * receipt by receipt it comes to the same. */

#define BLOCKS 40
#define FOR_EVER 1000

static const struct made_plan busy = {.transfers = 2, .others = 3};
static uv_loop_t loop;
static struct rig *rig;

/* How often the node was asked for receipts, and how. */
static unsigned whole, single, largest;

static int setup(void **state)
{
	(void)state;
	whole = single = largest = 0;
	assert_int_equal(uv_loop_init(&loop), 0);
	rig = rig_new(&loop, BLOCKS, &busy);
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

static bool refuse(struct buf *out, int code, const char *message)
{
	buf_printf(out, "\"error\":{\"code\":%d,\"message\":\"%s\"}", code,
		   message);
	return true;
}

/* Counts what is asked for; a block's receipts at once are refused. */
static bool refuse_whole(const char *method, struct buf *out, int code,
			 const char *message)
{
	single += strcmp(method, "eth_getTransactionReceipt") == 0;
	if (strcmp(method, "eth_getBlockReceipts") != 0)
		return false;
	whole++;
	return refuse(out, code, message);
}

static bool no_whole(struct rig *r, const char *method,
		     const struct json *params, struct buf *out)
{
	(void)r;
	(void)params;
	return refuse_whole(method, out, -32601, "the method does not exist");
}

static void span_is_right(uint64_t from, uint64_t to)
{
	rig_span(rig, from, to);
	assert_int_equal(rig_wait(rig), OK);
	rig_check_span(rig, from, to);
}

static void one_by_one(void **state)
{
	(void)state;
	rig->call = no_whole;
	span_is_right(0, BLOCKS - 1);
	assert_string_equal(rig->span->verified_by, "receipts");
	assert_int_equal(single, 5 * BLOCKS);
	assert_int_equal(rig->incomplete, 0);
}

/* The node says it once; from then on it is not asked again. */
static void is_remembered(void **state)
{
	unsigned learned;

	(void)state;
	rig->call = no_whole;
	span_is_right(3, 3);
	assert_int_equal(whole, 1);
	span_is_right(20, BLOCKS - 1);
	learned = whole;
	span_is_right(5, 5);
	span_is_right(0, 19);
	assert_int_equal(whole, learned);
}

static bool too_large(struct rig *r, const char *method,
		      const struct json *params, struct buf *out)
{
	(void)r;
	(void)params;
	return refuse_whole(method, out, -32008, "Response is too big");
}

/* A block that is too large as a whole; the next one is asked for as ever. */
static void block_too_large(void **state)
{
	(void)state;
	rig->call = too_large;
	span_is_right(5, 5);
	assert_int_equal(single, 5);
	rig->call = NULL;
	span_is_right(6, 30);
	assert_int_equal(single, 5);
}

/* Takes three calls in a batch; the receipts of a block are five. */
static void three_calls(struct rig *r, const struct json *request,
			struct node_reply *reply)
{
	size_t n = json_count(request);

	(void)r;
	if (json_kind(request) != JSON_KIND_ARRAY)
		return;
	if (n <= 3) {
		largest = n > largest ? (unsigned)n : largest;
		return;
	}
	buf_reset(&reply->body);
	buf_puts(&reply->body,
		 "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32600,"
		 "\"message\":\"batch size exceeds limit of 3\"}}");
}

static void small_batches(void **state)
{
	(void)state;
	rig->call = no_whole;
	rig->reply = three_calls;
	span_is_right(0, 9);
	assert_in_range(largest, 2, 3);
}

static bool neither(struct rig *r, const char *method,
		    const struct json *params, struct buf *out)
{
	if (no_whole(r, method, params, out))
		return true;
	return strcmp(method, "eth_getTransactionReceipt") == 0 &&
	       refuse(out, -32601, "nor this");
}

static void neither_way(void **state)
{
	(void)state;
	rig->call = neither;
	rig_span(rig, 5, 5);
	assert_int_equal(rig_wait(rig), ERR_REFUSED);
	assert_non_null(strstr(rig->fault.text, "eth_getTransactionReceipt"));
	assert_non_null(strstr(rig->fault.text, "chain.verify: bloom"));
}

/* The receipt of another transaction, told rig->most times. */
static bool another(struct rig *r, const char *method,
		    const struct json *params, struct buf *out)
{
	static const char head[] = "\"result\":";
	struct json_doc *doc;
	struct buf list;

	if (no_whole(r, method, params, out))
		return true;
	if (strcmp(method, "eth_getTransactionReceipt") != 0 || !lie_again(r))
		return false;
	buf_init(&list, 1u << 20);
	made_receipts_json(&list, &r->chain->blocks[1]);
	assert_int_equal(json_doc_parse(&doc, list.data, list.len, NULL), OK);
	buf_puts(out, head);
	json_print(out, json_element(json_doc_root(doc), 0));
	json_doc_free(doc);
	buf_free(&list);
	return true;
}

static bool missing(struct rig *r, const char *method,
		    const struct json *params, struct buf *out)
{
	if (no_whole(r, method, params, out))
		return true;
	if (strcmp(method, "eth_getTransactionReceipt") != 0 || !lie_again(r))
		return false;
	buf_puts(out, "\"result\":null");
	return true;
}

static void a_lie_is_found(void **state)
{
	(void)state;
	rig->call = another;
	rig->most = 1;
	span_is_right(5, 9);
	assert_true(rig->incomplete > 0);
	rig->most = FOR_EVER;
	rig_span(rig, 5, 9);
	assert_int_equal(rig_wait(rig), ERR_UNPROVEN);
	assert_non_null(strstr(rig->fault.text, "receipts"));
}

static void a_missing_receipt_is_no_receipt(void **state)
{
	(void)state;
	rig->call = missing;
	rig->most = 1;
	span_is_right(5, 9);
	rig->most = FOR_EVER;
	rig_span(rig, 5, 9);
	assert_int_equal(rig_wait(rig), ERR_NOT_YET);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(one_by_one),
	    TEST(is_remembered),
	    TEST(block_too_large),
	    TEST(small_batches),
	    TEST(neither_way),
	    TEST(a_lie_is_found),
	    TEST(a_missing_receipt_is_no_receipt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
