#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_lies.h"

/* Chains whose headers or receipts are not Ethereum's are told at start. */

/* Nothing of ours: their blooms exclude us. */
static const struct made_plan busy = {.others = 3};
static const struct made_plan empty = {0};
static uv_loop_t loop;
static struct rig *rig;

static int setup(void **state)
{
	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	rig = rig_new(&loop, 8, &busy);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_free(rig);
	loop_end(&loop);
	return 0;
}

static void on_probe(void *arg, enum err err, const struct fault *fault)
{
	struct rig *r = arg;

	r->done = true;
	r->err = err;
	r->fault = *fault;
}

static enum err probe(enum verify_mode mode)
{
	struct source_request *request;

	rig->config.chain.verify = mode;
	rig_close_source(rig);
	rig_start(rig);
	rig->done = false;
	assert_int_equal(source_probe(rig->source, on_probe, rig, &request),
			 OK);
	return rig_wait(rig);
}

/* The newest receipt of the block is of another type; everything fits it. */
static void make_strange(uint64_t number, uint8_t type)
{
	struct made_block *block = &rig->chain->blocks[number];

	block->receipts.list[2].type = type;
	assert_int_equal(receipts_root(&block->header.receipts_root,
				       &block->receipts, rig->chain->arena),
			 OK);
	assert_int_equal(header_hash(&block->header.hash, &block->header), OK);
}

static void ethereum(void **state)
{
	(void)state;
	assert_int_equal(probe(VERIFY_RECEIPTS), OK);
	assert_int_equal(probe(VERIFY_BLOOM), OK);
	assert_int_equal(rig->incomplete, 0);
}

/* 0x7e: a deposit of the OP stack; 0x64 to 0x6a: Arbitrum's. */
static void unknown_receipts(void **state)
{
	static const uint8_t types[] = {0x7e, 0x64, 0x6a, 5};

	(void)state;
	for (size_t i = 0; i < sizeof(types); i++) {
		char type[16];

		make_strange(7, types[i]);
		assert_int_equal(probe(VERIFY_RECEIPTS), ERR_USAGE);
		(void)snprintf(type, sizeof(type), "type 0x%x", types[i]);
		assert_non_null(strstr(rig->fault.text, type));
		assert_non_null(strstr(rig->fault.text, "block 7"));
		assert_non_null(strstr(rig->fault.text, "chain.verify: bloom"));
		assert_int_equal(probe(VERIFY_BLOOM), OK);
	}
}

/* The head has no transactions: the block below has. */
static void below_empty_blocks(void **state)
{
	(void)state;
	make_strange(7, 0x7e);
	made_add_many(rig->chain, 5, &empty);
	assert_int_equal(probe(VERIFY_RECEIPTS), ERR_USAGE);
	assert_non_null(strstr(rig->fault.text, "block 7"));
	made_add_many(rig->chain, 20, &empty);
	assert_int_equal(probe(VERIFY_RECEIPTS), OK);
}

static void nothing_but_empty_blocks(void **state)
{
	(void)state;
	made_cut(rig->chain, 0);
	made_add_many(rig->chain, 3, &empty);
	assert_int_equal(probe(VERIFY_RECEIPTS), OK);
}

/* A field that we do not know is in what was hashed. */
static bool strange_header(struct rig *r, const char *method,
			   const struct json *params, struct buf *out)
{
	const char *tag = json_text(json_element(params, 0), NULL);
	struct made_block block = r->chain->blocks[r->chain->n - 1];

	if (strcmp(method, "eth_getBlockByNumber") != 0 || !lie_again(r))
		return false;
	if (strcmp(tag, "latest") != 0)
		block = *lie_asked(r, params);
	block.header.hash.b[0] ^= 1;
	buf_puts(out, "\"result\":");
	made_block_json(out, &block, false);
	return true;
}

static void unknown_headers(void **state)
{
	const enum verify_mode modes[] = {VERIFY_RECEIPTS, VERIFY_BLOOM};

	(void)state;
	rig->call = strange_header;
	for (size_t i = 0; i < 2; i++) {
		rig->lies = 0;
		rig->most = 1000;
		assert_int_equal(probe(modes[i]), ERR_USAGE);
		assert_non_null(strstr(rig->fault.text, "chain.verify: off"));
		assert_non_null(strstr(rig->fault.text, "first"));
	}
}

/* One header that does not fit is a lie, and no chain's rule. */
static void a_lie_is_no_rule(void **state)
{
	(void)state;
	rig->call = strange_header;
	rig->most = 2;
	assert_int_equal(probe(VERIFY_RECEIPTS), OK);
	assert_int_equal(rig->incomplete, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(ethereum),	      TEST(unknown_receipts),
	    TEST(below_empty_blocks), TEST(nothing_but_empty_blocks),
	    TEST(unknown_headers),    TEST(a_lie_is_no_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
