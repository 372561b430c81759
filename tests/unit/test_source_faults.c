#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_rig.h"

/* Nodes that fail or lie: for a while, which must not show in what comes out,
 * and for ever, which must be said. */

#define BLOCKS 12
#define FOR_EVER 1000

static const struct made_plan busy = {.transfers = 2, .others = 1};
static uv_loop_t loop;

static bool is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool lie_again(struct rig *rig)
{
	return rig->lies++ < rig->most;
}

/* The block a call is about; asserts that there is one. */
static const struct made_block *asked(const struct rig *rig,
				      const struct json *params)
{
	const char *text = json_text(json_element(params, 0), NULL);
	struct hash hash;
	uint64_t number;

	if (strlen(text) == HASH_TEXT_SIZE - 1) {
		assert_int_equal(hash_parse(&hash, text), OK);
		return made_by_hash(rig->chain, &hash);
	}
	assert_int_equal(quantity_parse(&number, text), OK);
	return number < rig->chain->n ? &rig->chain->blocks[number] : NULL;
}

static void say(struct node_reply *reply, const char *text)
{
	buf_reset(&reply->body);
	buf_puts(&reply->body, text);
}

#define REPLY(name)                                                            \
	static void name(struct rig *rig, const struct json *request,          \
			 struct node_reply *reply)
#define CALL(name)                                                             \
	static bool name(struct rig *rig, const char *method,                  \
			 const struct json *params, struct buf *out)

REPLY(garbage)
{
	(void)request;
	if (lie_again(rig))
		say(reply, "\x7f"
			   "ELF garbage");
}

REPLY(web_page)
{
	(void)request;
	if (lie_again(rig))
		say(reply, "<!DOCTYPE html><html>502</html>");
}

REPLY(nothing)
{
	(void)request;
	if (lie_again(rig))
		say(reply, "");
}

REPLY(half)
{
	(void)request;
	if (lie_again(rig))
		reply->manner = NODE_CUTS;
}

REPLY(hangs_up)
{
	(void)request;
	if (lie_again(rig))
		reply->manner = NODE_HANGS_UP;
}

REPLY(error_object)
{
	(void)request;
	if (lie_again(rig))
		say(reply, "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{"
			   "\"code\":-32603,\"message\":\"internal\"}}");
}

REPLY(limited)
{
	(void)request;
	if (!lie_again(rig))
		return;
	say(reply, "slow down");
	reply->status = 429;
	reply->headers = "Retry-After: 1\r\n";
}

REPLY(limited_for_long)
{
	(void)request;
	if (!lie_again(rig))
		return;
	say(reply, "slow down");
	reply->status = 429;
	reply->headers = "Retry-After: 50\r\n";
}

/* From its third answer on, blocks 8 and up are others. */
REPLY(moves)
{
	const struct made_plan fork = {.transfers = 1, .others = 2, .fork = 1};

	(void)request;
	(void)reply;
	if (++rig->lies != 1)
		return;
	made_cut(rig->chain, 8);
	made_add_many(rig->chain, BLOCKS - 8, &fork);
}

CALL(other_block)
{
	const struct made_block *block;

	if (!is(method, "eth_getBlockByNumber") || !lie_again(rig))
		return false;
	block = asked(rig, params);
	buf_puts(out, "\"result\":");
	made_block_json(out, block - 1, true);
	return true;
}

CALL(other_hash)
{
	struct made_block block;

	if (!is(method, "eth_getBlockByNumber") || !lie_again(rig))
		return false;
	block = *asked(rig, params);
	block.header.hash.b[31] ^= 1;
	buf_puts(out, "\"result\":");
	made_block_json(out, &block, true);
	return true;
}

/* Says all of the block but its last receipt. */
CALL(receipt_left_out)
{
	struct made_block block;

	if (!is(method, "eth_getBlockReceipts") || !lie_again(rig))
		return false;
	block = *asked(rig, params);
	block.receipts.n--;
	buf_puts(out, "\"result\":");
	made_receipts_json(out, &block);
	return true;
}

/* The log is there, but its amount is another. */
CALL(receipt_changed)
{
	struct made_block block;
	struct receipt list[8];
	struct raw_log log;
	static const char amount[] = "another amount, of 32 bytes, too";

	if (!is(method, "eth_getBlockReceipts") || !lie_again(rig))
		return false;
	block = *asked(rig, params);
	memcpy(list, block.receipts.list, block.receipts.n * sizeof(list[0]));
	block.receipts.list = list;
	log = list[1].logs[0];
	log.data = (struct bytes){(const uint8_t *)amount, 32};
	list[1].logs = &log;
	buf_puts(out, "\"result\":");
	made_receipts_json(out, &block);
	return true;
}

CALL(no_receipts)
{
	(void)params;
	if (!is(method, "eth_getBlockReceipts") || !lie_again(rig))
		return false;
	buf_puts(out, "\"result\":[]");
	return true;
}

CALL(null_receipts)
{
	(void)params;
	if (!is(method, "eth_getBlockReceipts") || !lie_again(rig))
		return false;
	buf_puts(out, "\"result\":null");
	return true;
}

CALL(null_blocks)
{
	(void)params;
	if (!is(method, "eth_getBlockByNumber") || !lie_again(rig))
		return false;
	buf_puts(out, "\"result\":null");
	return true;
}

CALL(unknown_method)
{
	(void)params;
	if (!is(method, "eth_getBlockReceipts") || !lie_again(rig))
		return false;
	buf_puts(out, "\"error\":{\"code\":-32601,\"message\":\"what?\"}");
	return true;
}

/* The header is right, the transactions under it are another block's. */
CALL(other_transactions)
{
	struct made_block block;
	bool full = false;

	if (strncmp(method, "eth_getBlockBy", 14) != 0 ||
	    !json_bool(&full, json_element(params, 1)) || !full ||
	    !lie_again(rig))
		return false;
	block = *asked(rig, params);
	block.transactions = (&rig->chain->blocks[1])->transactions;
	buf_puts(out, "\"result\":");
	made_block_json(out, &block, true);
	return true;
}

/* Answers eth_getLogs as if the filter were another. */
static void logs_of(struct rig *rig, const char *filter, struct buf *out)
{
	struct json_doc *doc;

	assert_int_equal(json_doc_parse(&doc, filter, strlen(filter), NULL),
			 OK);
	made_call(rig->chain, "eth_getLogs", json_doc_root(doc), out);
	json_doc_free(doc);
}

CALL(other_range)
{
	(void)params;
	if (!is(method, "eth_getLogs") || !lie_again(rig))
		return false;
	logs_of(rig,
		"[{\"fromBlock\":\"0x0\",\"toBlock\":\"0xff\",\"address\":"
		"\"" MADE_TOKEN "\"}]",
		out);
	return true;
}

CALL(other_addresses)
{
	(void)params;
	if (!is(method, "eth_getLogs") || !lie_again(rig))
		return false;
	logs_of(rig, "[{\"fromBlock\":\"0x5\",\"toBlock\":\"0x9\"}]", out);
	return true;
}

/* It has not come so far, and says so only about the block. */
CALL(lags)
{
	(void)params;
	if (!lie_again(rig))
		return false;
	buf_puts(out, is(method, "eth_getLogs") ? "\"result\":[]"
						: "\"result\":null");
	return true;
}

CALL(stale_logs)
{
	struct hash kept;
	struct made_block *block = &rig->chain->blocks[9];

	if (!is(method, "eth_getLogs") || !lie_again(rig))
		return false;
	kept = block->header.hash;
	block->header.hash.b[0] ^= 1;
	made_call(rig->chain, method, params, out);
	block->header.hash = kept;
	return true;
}

CALL(logs_twice)
{
	const char *head = "\"result\":[";
	size_t start = out->len, len;
	char *copy;

	if (!is(method, "eth_getLogs") || !lie_again(rig))
		return false;
	made_call(rig->chain, method, params, out);
	copy = strdup(out->data + start + strlen(head));
	assert_non_null(copy);
	len = strlen(copy);
	out->data[out->len - 1] = ',';
	buf_add(out, copy, len);
	free(copy);
	return true;
}

struct lie {
	const char *name;
	bool (*call)(struct rig *rig, const char *method,
		     const struct json *params, struct buf *out);
	void (*reply)(struct rig *rig, const struct json *request,
		      struct node_reply *reply);
	uint64_t from, to;
	unsigned most;
	enum err err;
	bool counted;
	const char *says;
};

/* 10..10 goes in one trip, 5..11 by headers first. */
static const struct lie lies[] = {
    {"garbage", NULL, garbage, 5, 11, 2, OK, false, NULL},
    {"garbage for ever", NULL, garbage, 5, 11, FOR_EVER, ERR_NONSENSE, false,
     "first"},
    {"web page", NULL, web_page, 10, 10, 2, OK, false, NULL},
    {"web page for ever", NULL, web_page, 10, 10, FOR_EVER, ERR_NONSENSE, false,
     "HTML"},
    {"nothing", NULL, nothing, 5, 11, 2, OK, false, NULL},
    {"half a reply", NULL, half, 5, 11, 2, OK, false, NULL},
    {"half for ever", NULL, half, 5, 11, FOR_EVER, ERR_TRANSPORT, false,
     "first"},
    {"hangs up", NULL, hangs_up, 5, 11, 2, OK, false, NULL},
    {"error object", NULL, error_object, 5, 11, 2, OK, false, NULL},
    {"error for ever", NULL, error_object, 5, 11, FOR_EVER, ERR_BUSY, false,
     "internal"},
    {"rate limit", NULL, limited, 5, 11, 1, OK, false, NULL},
    {"long limit", NULL, limited_for_long, 5, 11, 1, ERR_BUSY, false, "later"},
    {"chain moves", NULL, moves, 5, 11, 1, OK, false, NULL},
    {"other block", other_block, NULL, 10, 10, 2, OK, true, NULL},
    {"other block, headers", other_block, NULL, 5, 11, FOR_EVER, ERR_NONSENSE,
     true, "block 4"},
    {"other hash", other_hash, NULL, 5, 11, 1, OK, true, NULL},
    {"other hash for ever", other_hash, NULL, 10, 10, FOR_EVER, ERR_UNPROVEN,
     true, "block 10"},
    {"receipt left out", receipt_left_out, NULL, 5, 11, 1, OK, true, NULL},
    {"receipt left out at once", receipt_left_out, NULL, 10, 10, 1, OK, true,
     NULL},
    {"receipt left out for ever", receipt_left_out, NULL, 5, 11, FOR_EVER,
     ERR_UNPROVEN, true, "block 5"},
    {"receipt changed", receipt_changed, NULL, 5, 11, 1, OK, true, NULL},
    {"receipt changed for ever", receipt_changed, NULL, 10, 10, FOR_EVER,
     ERR_UNPROVEN, true, "block 10"},
    {"no receipts", no_receipts, NULL, 5, 11, 2, OK, true, NULL},
    {"no receipts for ever", no_receipts, NULL, 10, 10, FOR_EVER, ERR_UNPROVEN,
     true, "receipts"},
    {"null receipts", null_receipts, NULL, 5, 11, 2, OK, true, NULL},
    {"null receipts for ever", null_receipts, NULL, 10, 10, FOR_EVER,
     ERR_NOT_YET, true, "does not have"},
    {"null blocks", null_blocks, NULL, 5, 11, 2, OK, false, NULL},
    {"null blocks for ever", null_blocks, NULL, 5, 11, FOR_EVER, ERR_NOT_YET,
     false, "first"},
    {"beyond the head", NULL, NULL, 11, 12, 0, ERR_NOT_YET, false, "block 12"},
    {"unknown method", unknown_method, NULL, 5, 11, FOR_EVER, ERR_REFUSED,
     false, "chain.verify: off"},
    {"unknown method at once", unknown_method, NULL, 10, 10, FOR_EVER,
     ERR_REFUSED, false, "eth_getBlockReceipts"},
    {"other transactions", other_transactions, NULL, 5, 11, 1, OK, true, NULL},
    {"other transactions for ever", other_transactions, NULL, 10, 10, FOR_EVER,
     ERR_UNPROVEN, true, "transactions"},
};

static const struct lie log_lies[] = {
    {"half a reply", NULL, half, 5, 11, 2, OK, false, NULL},
    {"chain moves", NULL, moves, 5, 11, 1, OK, true, NULL},
    {"other range", other_range, NULL, 5, 9, 1, OK, true, NULL},
    {"other range for ever", other_range, NULL, 5, 9, FOR_EVER, ERR_NONSENSE,
     true, "not asked for"},
    {"other addresses", other_addresses, NULL, 5, 9, 1, OK, true, NULL},
    {"lags", lags, NULL, 5, 11, 2, OK, false, NULL},
    {"stale logs", stale_logs, NULL, 5, 11, 1, OK, true, NULL},
    {"stale logs for ever", stale_logs, NULL, 5, 11, FOR_EVER, ERR_UNPROVEN,
     true, "block 9"},
    {"logs twice", logs_twice, NULL, 5, 11, 1, OK, true, NULL},
    {"beyond the head", NULL, NULL, 11, 12, 0, ERR_NOT_YET, false, "block 12"},
};

static int setup(void **state)
{
	(void)state;
	return uv_loop_init(&loop);
}

static int teardown(void **state)
{
	(void)state;
	loop_end(&loop);
	return 0;
}

static struct rig *rig_of(const struct lie *lie, enum verify_mode mode)
{
	struct rig *rig = rig_new(&loop, BLOCKS, &busy);

	rig->config.chain.verify = mode;
	rig->call = lie->call;
	rig->reply = lie->reply;
	rig->most = lie->most;
	rig_start(rig);
	return rig;
}

static unsigned judge(const struct lie *lie, struct rig *rig)
{
	bool right = rig_wait(rig) == lie->err && rig->answers == 1 &&
		     lie->counted == (rig->incomplete > 0);

	if (right && lie->says)
		right = strstr(rig->fault.text, lie->says) != NULL;
	if (right && lie->err == OK)
		rig_check_span(rig, lie->from, lie->to);
	if (right)
		return 0;
	print_error("%s: %s, incomplete %u (%s): %s\n", lie->name,
		    err_text(rig->err), rig->incomplete, rig->why,
		    rig->err == OK ? "" : rig->fault.text);
	return 1;
}

/* All at once: most of their time is patience. */
static void try_all(const struct lie *list, size_t n, enum verify_mode mode)
{
	struct rig *rigs[64];
	unsigned wrong = 0;

	assert_true(n <= 64);
	for (size_t i = 0; i < n; i++) {
		rigs[i] = rig_of(&list[i], mode);
		rig_span(rigs[i], list[i].from, list[i].to);
	}
	for (size_t i = 0; i < n; i++)
		wrong += judge(&list[i], rigs[i]);
	for (size_t i = 0; i < n; i++)
		rig_free(rigs[i]);
	assert_int_equal(wrong, 0);
}

static void receipts(void **state)
{
	(void)state;
	try_all(lies, sizeof(lies) / sizeof(lies[0]), VERIFY_RECEIPTS);
}

static void logs(void **state)
{
	(void)state;
	try_all(log_lies, sizeof(log_lies) / sizeof(log_lies[0]), VERIFY_OFF);
}

/* Both hashes stand in the fault. */
static void unproven_is_explained(void **state)
{
	const struct lie lie = {.call = receipt_left_out, .most = FOR_EVER};
	struct rig *rig = rig_of(&lie, VERIFY_RECEIPTS);
	char root[HASH_TEXT_SIZE];
	const char *found;

	(void)state;
	rig_span(rig, 10, 10);
	assert_int_equal(rig_wait(rig), ERR_UNPROVEN);
	hash_format(root, &rig->chain->blocks[10].header.receipts_root);
	found = strstr(rig->fault.text, "0x");
	assert_non_null(found);
	assert_non_null(strstr(rig->fault.text, root));
	assert_non_null(strstr(found + 1, "0x"));
	assert_non_null(strstr(rig->fault.text, "first"));
	rig_free(rig);
}

static void heads(void **state)
{
	const struct lie lie = {.call = other_hash, .most = FOR_EVER};
	struct rig *rig = rig_of(&lie, VERIFY_RECEIPTS);

	(void)state;
	rig_ref(rig, 3);
	assert_int_equal(rig_wait(rig), ERR_UNPROVEN);
	assert_int_equal(rig->incomplete, 1);
	rig->call = other_block;
	rig_ref(rig, 3);
	assert_int_equal(rig_wait(rig), ERR_NONSENSE);
	assert_int_equal(rig->incomplete, 2);
	rig->call = NULL;
	rig->reply = web_page;
	rig_head(rig);
	assert_int_equal(rig_wait(rig), ERR_NONSENSE);
	rig->reply = hangs_up;
	rig_head(rig);
	assert_int_equal(rig_wait(rig), ERR_TRANSPORT);
	rig->most = 0;
	rig_head(rig);
	assert_int_equal(rig_wait(rig), OK);
	rig_free(rig);
}

/* The first endpoint is down, the second answers. */
static void other_endpoint(void **state)
{
	struct rig *rig = rig_new(&loop, BLOCKS, &busy);
	uint64_t start;

	(void)state;
	rig->endpoints[1].url = rig->endpoints[0].url;
	rig->endpoints[0].url = strdup("http://127.0.0.1:1/secretkey");
	rig->config.chain.n_rpc = 2;
	rig_start(rig);
	start = uv_hrtime();
	rig_head(rig);
	assert_int_equal(rig_wait(rig), OK);
	rig_span(rig, 0, 11);
	assert_int_equal(rig_wait(rig), OK);
	rig_check_span(rig, 0, 11);
	assert_int_equal(rig->failed_requests, 1);
	assert_true(uv_hrtime() - start < 1000000000u);
	rig_free(rig);
}

static void node_down(void **state)
{
	struct rig *rig = rig_new(&loop, 1, &busy);

	(void)state;
	node_close(rig->node);
	rig->node = NULL;
	(void)uv_run(&loop, UV_RUN_NOWAIT);
	rig_start(rig);
	rig_head(rig);
	assert_int_equal(rig_wait(rig), ERR_TRANSPORT);
	assert_non_null(strstr(rig->fault.text, "refused"));
	rig_free(rig);
}

/* Two nodes behind one address: from some block on the other one answers, whose
 * chain parted at 46. */
CALL(two_chains)
{
	struct made_chain *other = rig->other;
	const struct made_block *block;

	if (!is(method, "eth_getBlockByNumber"))
		return false;
	block = asked(rig, params);
	if (block->header.number < rig->from || !lie_again(rig))
		return false;
	buf_puts(out, "\"result\":");
	made_block_json(out, &other->blocks[block->header.number], true);
	return true;
}

/* first: the block that the other chain is heard from; those before stand in
 * the same batch (48), or in another one (50). */
static void mixed_chains(uint64_t first, unsigned most, enum err err)
{
	const struct made_plan fork = {.others = 1, .fork = 1};
	const struct made_plan quiet = {.others = 1};
	struct rig *rig = rig_new(&loop, 60, &quiet);

	rig->other = made_new();
	made_add_many(rig->other, 46, &quiet);
	made_add_many(rig->other, 14, &fork);
	rig->call = two_chains;
	rig->from = first;
	rig->most = most;
	rig_start(rig);
	rig_span(rig, 0, 59);
	assert_int_equal(rig_wait(rig), err);
	assert_int_equal(rig->incomplete, 0);
	if (err == OK)
		rig_check_span(rig, 0, 59);
	else
		assert_non_null(strstr(rig->fault.text, "names the parent"));
	made_free(rig->other);
	rig_free(rig);
}

static void chains_mixed(void **state)
{
	(void)state;
	mixed_chains(48, 12, OK);
	mixed_chains(48, FOR_EVER, ERR_UNPROVEN);
	mixed_chains(50, 10, OK);
	mixed_chains(50, FOR_EVER, ERR_UNPROVEN);
}

static void start_any(struct rig *rig, unsigned kind)
{
	static struct address wallet;

	switch (kind % 4) {
	case 0:
		rig_span(rig, 0, 11);
		return;
	case 1:
		rig_span(rig, 11, 11);
		return;
	case 2:
		rig_head(rig);
		return;
	default:
		rig_blocks(rig, &wallet, 1, 0, 11);
	}
}

static void turn(unsigned times)
{
	while (times-- > 0)
		(void)uv_run(&loop, UV_RUN_NOWAIT);
}

static void cancel_any_time(void **state)
{
	const struct lie lie = {0};
	struct rig *rig = rig_of(&lie, VERIFY_RECEIPTS);

	(void)state;
	for (unsigned i = 0; i < 96; i++) {
		unsigned answers;

		rig->done = false;
		rig->reply = i % 3 ? NULL : half;
		rig->most = FOR_EVER;
		start_any(rig, i);
		turn(i / 4);
		answers = rig->answers;
		if (rig->request)
			rig_cancel(rig);
		turn(10);
		assert_int_equal(rig->answers, answers);
	}
	rig->reply = NULL;
	rig_close_source(rig); /* a new one has no memory of failures */
	rig_start(rig);
	rig_span(rig, 0, 11);
	assert_int_equal(rig_wait(rig), OK);
	rig_free(rig);
}

static void close_any_time(void **state)
{
	const struct lie lie = {0};

	(void)state;
	for (unsigned i = 0; i < 48; i++) {
		struct rig *rig =
		    rig_of(&lie, i % 8 < 4 ? VERIFY_RECEIPTS : VERIFY_OFF);
		unsigned answers;

		start_any(rig, i);
		turn(i / 4);
		answers = rig->answers;
		rig_close_source(rig);
		assert_int_equal(rig->answers, answers);
		rig_free(rig);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(receipts),
	    TEST(logs),
	    TEST(unproven_is_explained),
	    TEST(heads),
	    TEST(other_endpoint),
	    TEST(node_down),
	    TEST(chains_mixed),
	    TEST(cancel_any_time),
	    TEST(close_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
