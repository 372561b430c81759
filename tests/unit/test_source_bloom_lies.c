#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_lies.h"

/* Which lies VERIFY_BLOOM finds, and which it cannot: README, "Proof". Each is
 * told in every answer about blocks 5 to 11, or in the first ones only. */

#define BLOCKS 12
#define FOR_EVER 1000
#define ABOUT 8 /* the block that is lied about */

static const struct made_plan busy = {.transfers = 2, .others = 1};
static uv_loop_t loop;

static bool is_logs(const char *method)
{
	return strcmp(method, "eth_getLogs") == 0;
}

static bool is_by_hash(const struct json *params)
{
	return json_member(json_element(params, 0), "blockHash") != NULL;
}

/* Answers with what is left of the truth. */
static bool without(struct rig *rig, const char *method,
		    const struct json *params, struct buf *out,
		    bool (*gone)(const struct json *log))
{
	static const char head[] = "\"result\":";
	const struct json *list;
	struct json_doc *doc;
	struct buf truth;
	size_t n = 0;

	buf_init(&truth, 16u << 20);
	made_call(rig->chain, method, params, &truth);
	assert_int_equal(json_doc_parse(&doc, truth.data + strlen(head),
					truth.len - strlen(head), NULL),
			 OK);
	list = json_doc_root(doc);
	buf_printf(out, "%s[", head);
	for (size_t i = 0; i < json_count(list); i++) {
		if (gone(json_element(list, i)))
			continue;
		buf_puts(out, n++ > 0 ? "," : "");
		json_print(out, json_element(list, i));
	}
	buf_puts(out, "]");
	json_doc_free(doc);
	buf_free(&truth);
	return true;
}

static bool of_block(const struct json *log)
{
	return strcmp(json_text(json_member(log, "blockNumber"), NULL),
		      "0x8") == 0;
}

static bool first_of_block(const struct json *log)
{
	return of_block(log) &&
	       strcmp(json_text(json_member(log, "logIndex"), NULL), "0x1") ==
		   0;
}

static bool any(const struct json *log)
{
	(void)log;
	return true;
}

static LIE_CALL(block_left_out)
{
	return is_logs(method) && !is_by_hash(params) && lie_again(rig) &&
	       without(rig, method, params, out, of_block);
}

/* By its hash, too. */
static LIE_CALL(block_left_out_always)
{
	return is_logs(method) && lie_again(rig) &&
	       without(rig, method, params, out, of_block);
}

static LIE_CALL(all_left_out)
{
	return is_logs(method) && lie_again(rig) &&
	       without(rig, method, params, out, any);
}

static LIE_CALL(one_left_out)
{
	return is_logs(method) && lie_again(rig) &&
	       without(rig, method, params, out, first_of_block);
}

/* The node is honest about everything but one log of block ABOUT. */
static bool with_other(struct rig *rig, const char *method,
		       const struct json *params, struct buf *out,
		       const struct raw_log *other)
{
	struct raw_log *log = rig->chain->blocks[ABOUT].receipts.list[1].logs;
	struct raw_log kept = *log;

	*log = *other;
	made_call(rig->chain, method, params, out);
	*log = kept;
	return true;
}

static struct raw_log truth_of(const struct rig *rig)
{
	return rig->chain->blocks[ABOUT].receipts.list[1].logs[0];
}

static LIE_CALL(other_receiver)
{
	struct raw_log log = truth_of(rig);

	log.topics[2].b[31] ^= 1;
	return is_logs(method) && lie_again(rig) &&
	       with_other(rig, method, params, out, &log);
}

static LIE_CALL(other_amount)
{
	struct raw_log log = truth_of(rig);
	static const char amount[] = "another amount, of 32 bytes, too";

	log.data = (struct bytes){(const uint8_t *)amount, 32};
	return is_logs(method) && lie_again(rig) &&
	       with_other(rig, method, params, out, &log);
}

/* Puts the last log of the answer first. */
static LIE_CALL(out_of_order)
{
	static const char head[] = "\"result\":";
	const struct json *list;
	struct json_doc *doc;
	struct buf truth;

	if (!is_logs(method) || !lie_again(rig))
		return false;
	buf_init(&truth, 16u << 20);
	made_call(rig->chain, method, params, &truth);
	assert_int_equal(json_doc_parse(&doc, truth.data + strlen(head),
					truth.len - strlen(head), NULL),
			 OK);
	list = json_doc_root(doc);
	buf_printf(out, "%s[", head);
	for (size_t i = json_count(list); i > 0; i--) {
		json_print(out, json_element(list, i - 1));
		buf_puts(out, i > 1 ? "," : "]");
	}
	json_doc_free(doc);
	buf_free(&truth);
	return true;
}

/* A log stands in another transaction than the one before it, further on. */
static LIE_CALL(misplaced)
{
	struct made_block *block = &rig->chain->blocks[ABOUT];
	struct hash kept = block->tx_hashes[1];
	bool told = is_logs(method) && lie_again(rig);

	if (!told)
		return false;
	block->tx_hashes[1] = block->tx_hashes[2];
	made_call(rig->chain, method, params, out);
	block->tx_hashes[1] = kept;
	return true;
}

/* A header with a bloom that has nothing of ours, and logs to match. */
static bool tell_empty_bloom(struct rig *rig, const char *method,
			     const struct json *params, struct buf *out,
			     bool rehash)
{
	struct made_block block = rig->chain->blocks[ABOUT];

	if (is_logs(method))
		return without(rig, method, params, out, of_block);
	if (strcmp(method, "eth_getBlockByNumber") != 0 ||
	    lie_asked(rig, params) != &rig->chain->blocks[ABOUT] ||
	    !lie_again(rig))
		return false;
	block.header.logs_bloom = (struct bloom){{0}};
	if (rehash)
		assert_int_equal(header_hash(&block.header.hash, &block.header),
				 OK);
	buf_puts(out, "\"result\":");
	made_block_json(out, &block, false);
	return true;
}

static LIE_CALL(empty_bloom)
{
	return tell_empty_bloom(rig, method, params, out, false);
}

/* The same, with the hash that such a header has: no link fits it. */
static LIE_CALL(forged_block)
{
	return tell_empty_bloom(rig, method, params, out, true);
}

struct lie {
	const char *name;
	bool (*call)(struct rig *rig, const char *method,
		     const struct json *params, struct buf *out);
	unsigned most;
	enum err err; /* what comes of 5..11 */
	bool found;   /* counted as a reply that does not prove */
	size_t lost;  /* logs that are not in the span */
	const char *says;
};

static const struct lie lies[] = {
    {"block left out", lie_block_left_out, FOR_EVER, OK, true, 0, NULL},
    {"block left out, by hash too", lie_block_left_out_always, FOR_EVER, OK,
     true, 0, NULL},
    {"all left out", lie_all_left_out, FOR_EVER, OK, true, 0, NULL},
    {"another receiver", lie_other_receiver, 1, OK, true, 0, NULL},
    {"another receiver for ever", lie_other_receiver, FOR_EVER, ERR_UNPROVEN,
     true, 0, "logsBloom"},
    {"stale logs", lie_stale_logs, 1, OK, true, 0, NULL},
    {"stale logs for ever", lie_stale_logs, FOR_EVER, ERR_UNPROVEN, true, 0,
     "block 9"},
    {"logs twice", lie_logs_twice, 1, OK, true, 0, NULL},
    {"out of order", lie_out_of_order, 1, OK, true, 0, NULL},
    {"out of order for ever", lie_out_of_order, FOR_EVER, ERR_NONSENSE, true, 0,
     "out of order"},
    {"misplaced", lie_misplaced, 1, OK, true, 0, NULL},
    {"misplaced for ever", lie_misplaced, FOR_EVER, ERR_NONSENSE, true, 0,
     "place"},
    {"other range", lie_other_range, 1, OK, true, 0, NULL},
    {"other addresses", lie_other_addresses, 1, OK, true, 0, NULL},
    {"empty bloom", lie_empty_bloom, 1, OK, true, 0, NULL},
    {"empty bloom for ever", lie_empty_bloom, FOR_EVER, ERR_UNPROVEN, true, 0,
     "header"},
    {"forged block", lie_forged_block, FOR_EVER, ERR_UNPROVEN, true, 0,
     "parent"},
    {"lags", lie_lags, 2, OK, false, 0, NULL},
    {"null blocks", lie_null_blocks, 2, OK, false, 0, NULL},
    /* What VERIFY_RECEIPTS is for. */
    {"one log of several left out", lie_one_left_out, FOR_EVER, OK, false, 1,
     NULL},
    {"another amount", lie_other_amount, FOR_EVER, OK, false, 0, NULL},
};

#define LIES (sizeof(lies) / sizeof(lies[0]))

static int setup(void **state)
{
	(void)state;
	return uv_loop_init(&loop);
}

/* Whatever a test leaves behind when it fails. */
static struct rig *rigs[LIES];
static struct node *other;

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < LIES; i++)
		if (rigs[i])
			rig_free(rigs[i]);
	memset(rigs, 0, sizeof(rigs));
	if (other)
		node_close(other);
	other = NULL;
	loop_end(&loop);
	return 0;
}

static size_t logs_in(const struct span *span)
{
	size_t n = 0;

	for (size_t i = 0; i < span->n_blocks; i++)
		n += span->blocks[i].n_logs;
	return n;
}

static unsigned judge(const struct lie *lie, struct rig *rig)
{
	bool right = rig_wait(rig) == lie->err && rig->answers == 1 &&
		     lie->found == (rig->incomplete > 0) && !rig->believed;

	if (right && lie->says)
		right = strstr(rig->fault.text, lie->says) != NULL;
	if (right && lie->err == OK)
		right = logs_in(rig->span) + lie->lost == 2 * 7;
	if (right && lie->err == OK && lie->found)
		rig_check_span(rig, 5, 11);
	if (right)
		return 0;
	print_error("%s: %s, incomplete %u (%s): %s\n", lie->name,
		    err_text(rig->err), rig->incomplete, rig->why,
		    rig->err == OK ? "" : rig->fault.text);
	return 1;
}

/* All at once: most of their time is patience. */
static void the_table(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < LIES; i++) {
		rigs[i] = rig_new(&loop, BLOCKS, &busy);
		rigs[i]->config.chain.verify = VERIFY_BLOOM;
		rigs[i]->call = lies[i].call;
		rigs[i]->most = lies[i].most;
		rig_start(rigs[i]);
		rig_span(rigs[i], 5, 11);
	}
	for (size_t i = 0; i < LIES; i++)
		wrong += judge(&lies[i], rigs[i]);
	assert_int_equal(wrong, 0);
}

/* The second node is honest, and asked by hash before anybody's receipts. */
struct second {
	struct made_chain *chain;
	unsigned by_hash, receipts;
};

static void on_second(void *arg, const char *method, const struct json *params,
		      struct buf *out)
{
	struct second *second = arg;

	second->by_hash += is_logs(method) && is_by_hash(params);
	second->receipts += strstr(method, "Receipt") != NULL;
	made_call(second->chain, method, params, out);
}

static void is_asked_elsewhere(void **state)
{
	struct rig *rig = rig_new(&loop, BLOCKS, &busy);
	struct second second = {.chain = rig->chain};
	const struct node_script script = {&second, on_second, NULL};

	(void)state;
	rigs[0] = rig;
	other = node_new(&loop, &script);
	rig->config.chain.verify = VERIFY_BLOOM;
	rig->config.chain.n_rpc = 2;
	rig->endpoints[1].url = strdup(node_url(other));
	rig->call = lie_block_left_out_always;
	rig->most = FOR_EVER;
	rig_start(rig);
	rig_span(rig, 5, 11);
	assert_int_equal(rig_wait(rig), OK);
	rig_check_span(rig, 5, 11);
	assert_int_equal(second.by_hash, 1);
	assert_int_equal(second.receipts, 0);
	assert_int_equal(rig->incomplete, 1);
	assert_non_null(strstr(rig->why, "left out"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_table),
	    TEST(is_asked_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
