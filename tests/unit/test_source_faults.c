#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_lies.h"

/* Nodes that fail or lie: for a while, which must not show in what comes out,
 * and for ever, which must be said. */

#define BLOCKS 12
#define FOR_EVER 1000

static const struct made_plan busy = {.transfers = 2, .others = 1};
static uv_loop_t loop;

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
    {"garbage", NULL, lie_garbage, 5, 11, 2, OK, false, NULL},
    {"garbage for ever", NULL, lie_garbage, 5, 11, FOR_EVER, ERR_NONSENSE,
     false, "first"},
    {"web page", NULL, lie_web_page, 10, 10, 2, OK, false, NULL},
    {"web page for ever", NULL, lie_web_page, 10, 10, FOR_EVER, ERR_NONSENSE,
     false, "HTML"},
    {"nothing", NULL, lie_nothing, 5, 11, 2, OK, false, NULL},
    {"half a reply", NULL, lie_half, 5, 11, 2, OK, false, NULL},
    {"half for ever", NULL, lie_half, 5, 11, FOR_EVER, ERR_TRANSPORT, false,
     "first"},
    {"hangs up", NULL, lie_hangs_up, 5, 11, 2, OK, false, NULL},
    {"error object", NULL, lie_error_object, 5, 11, 2, OK, false, NULL},
    {"error for ever", NULL, lie_error_object, 5, 11, FOR_EVER, ERR_BUSY, false,
     "internal"},
    {"rate limit", NULL, lie_limited, 5, 11, 1, OK, false, NULL},
    {"long limit", NULL, lie_limited_for_long, 5, 11, 1, ERR_BUSY, false,
     "later"},
    {"chain moves", NULL, lie_moves, 5, 11, 1, OK, false, NULL},
    {"other block", lie_other_block, NULL, 10, 10, 2, OK, true, NULL},
    {"other block, headers", lie_other_block, NULL, 5, 11, FOR_EVER,
     ERR_NONSENSE, true, "block 4"},
    {"other hash", lie_other_hash, NULL, 5, 11, 1, OK, true, NULL},
    {"other hash for ever", lie_other_hash, NULL, 10, 10, FOR_EVER,
     ERR_UNPROVEN, true, "block 10"},
    {"receipt left out", lie_receipt_left_out, NULL, 5, 11, 1, OK, true, NULL},
    {"receipt left out at once", lie_receipt_left_out, NULL, 10, 10, 1, OK,
     true, NULL},
    {"receipt left out for ever", lie_receipt_left_out, NULL, 5, 11, FOR_EVER,
     ERR_UNPROVEN, true, "block 5"},
    {"receipt changed", lie_receipt_changed, NULL, 5, 11, 1, OK, true, NULL},
    {"receipt changed for ever", lie_receipt_changed, NULL, 10, 10, FOR_EVER,
     ERR_UNPROVEN, true, "block 10"},
    {"no receipts", lie_no_receipts, NULL, 5, 11, 2, OK, true, NULL},
    {"no receipts for ever", lie_no_receipts, NULL, 10, 10, FOR_EVER,
     ERR_UNPROVEN, true, "receipts"},
    {"null receipts", lie_null_receipts, NULL, 5, 11, 2, OK, true, NULL},
    {"null receipts for ever", lie_null_receipts, NULL, 10, 10, FOR_EVER,
     ERR_NOT_YET, true, "does not have"},
    {"null blocks", lie_null_blocks, NULL, 5, 11, 2, OK, false, NULL},
    {"null blocks for ever", lie_null_blocks, NULL, 5, 11, FOR_EVER,
     ERR_NOT_YET, false, "first"},
    {"beyond the head", NULL, NULL, 11, 12, 0, ERR_NOT_YET, false, "block 12"},
    {"unknown method", lie_unknown_method, NULL, 5, 11, FOR_EVER, OK, false,
     NULL},
    {"unknown method at once", lie_unknown_method, NULL, 10, 10, FOR_EVER, OK,
     false, NULL},
    {"other transactions", lie_other_transactions, NULL, 5, 11, 1, OK, true,
     NULL},
    {"other transactions for ever", lie_other_transactions, NULL, 10, 10,
     FOR_EVER, ERR_UNPROVEN, true, "transactions"},
};

static const struct lie log_lies[] = {
    {"half a reply", NULL, lie_half, 5, 11, 2, OK, false, NULL},
    {"chain moves", NULL, lie_moves, 5, 11, 1, OK, true, NULL},
    {"other range", lie_other_range, NULL, 5, 9, 1, OK, true, NULL},
    {"other range for ever", lie_other_range, NULL, 5, 9, FOR_EVER,
     ERR_NONSENSE, true, "not asked for"},
    {"other addresses", lie_other_addresses, NULL, 5, 9, 1, OK, true, NULL},
    {"lags", lie_lags, NULL, 5, 11, 2, OK, false, NULL},
    {"stale logs", lie_stale_logs, NULL, 5, 11, 1, OK, true, NULL},
    {"stale logs for ever", lie_stale_logs, NULL, 5, 11, FOR_EVER, ERR_UNPROVEN,
     true, "block 9"},
    {"logs twice", lie_logs_twice, NULL, 5, 11, 1, OK, true, NULL},
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
	const struct lie lie = {.call = lie_receipt_left_out, .most = FOR_EVER};
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
	const struct lie lie = {.call = lie_other_hash, .most = FOR_EVER};
	struct rig *rig = rig_of(&lie, VERIFY_RECEIPTS);

	(void)state;
	rig_ref(rig, 3);
	assert_int_equal(rig_wait(rig), ERR_UNPROVEN);
	assert_int_equal(rig->incomplete, 1);
	rig->call = lie_other_block;
	rig_ref(rig, 3);
	assert_int_equal(rig_wait(rig), ERR_NONSENSE);
	assert_int_equal(rig->incomplete, 2);
	rig->call = NULL;
	rig->reply = lie_web_page;
	rig_head(rig);
	assert_int_equal(rig_wait(rig), ERR_NONSENSE);
	rig->reply = lie_hangs_up;
	rig_head(rig);
	assert_int_equal(rig_wait(rig), ERR_TRANSPORT);
	rig->most = 0;
	rig_head(rig);
	assert_int_equal(rig_wait(rig), OK);
	rig_free(rig);
}

/* Two nodes behind one address: from some block on the other one answers, whose
 * chain parted at 46. */
static bool two_chains(struct rig *rig, const char *method,
		       const struct json *params, struct buf *out)
{
	struct made_chain *other = rig->other;
	const struct made_block *block;

	if (strcmp(method, "eth_getBlockByNumber") != 0)
		return false;
	block = lie_asked(rig, params);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(receipts), TEST(logs),		TEST(unproven_is_explained),
	    TEST(heads),    TEST(chains_mixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
