#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/lib_scene.h"

/* What reconcile() answers when it cannot. */

struct line {
	struct script script;
	struct catalog *catalog;
	struct address contract, fees;
	struct reconcile_rules rules;
};

static bool nobody(void *arg, const struct address *wallet)
{
	(void)arg;
	(void)wallet;
	return false;
}

static struct catalog *catalog_of(bool with_streams)
{
	struct address token = TOKEN, streams = STREAMS;
	struct catalog *catalog;

	assert_int_equal(catalog_new(&catalog, NULL), OK);
	assert_int_equal(catalog_add(catalog, &token, "USDC", NULL), OK);
	if (with_streams)
		assert_int_equal(
		    catalog_add(catalog, &streams, "PaymentStreaming", NULL),
		    OK);
	return catalog;
}

static void line_init(struct line *line)
{
	struct script *s = &line->script;

	memset(line, 0, sizeof(*line));
	line->contract = STREAMS;
	line->fees = FEES;
	line->catalog = catalog_of(true);
	line->rules = (struct reconcile_rules){
	    .token = TOKEN,
	    .fee_wallets = &line->fees,
	    .n_fee_wallets = 1,
	    .contracts = &line->contract,
	    .n_contracts = 1,
	    .catalog = line->catalog,
	};
	script_init(s);
	script_block(s, 1, 0, 1700000000);
	for (unsigned i = 1; i <= 20; i++) {
		script_tx(s, i);
		create(s, i, W, P, 1000);
		claim(s, i, W, 10);
		release(s, i, W, 100, 100);
		claim(s, i, W, 100);
		pay(s, X, FEES, 3);
	}
}

static void line_free(struct line *line)
{
	script_free(&line->script);
	catalog_free(line->catalog);
}

/* From the blocks to the change set, in an arena of cap bytes. */
static enum err go(struct line *line, struct changes *changes, size_t cap)
{
	struct arena *arena = arena_new(cap);
	struct span span = {
	    .from = 1,
	    .to = 1,
	    .blocks = line->script.blocks,
	    .n_blocks = 1,
	    .verified_by = "receipts",
	};
	struct facts_scope scope = {&line->rules, nobody, NULL, false};
	struct reconcile_input in = {.rules = &line->rules, .head = 1};
	struct loaded loaded = {0};
	struct facts facts;
	enum err err;

	assert_non_null(arena);
	err = facts_read(&facts, arena, &span, &scope);
	if (err == OK)
		err = facts_join(&in, arena, &facts, &loaded);
	if (err == OK)
		err = reconcile(changes, arena, &in, 1, NULL);
	arena_free(arena);
	return err;
}

/* Wherever memory ends: said so, and nothing half done. */
static void test_out_of_memory(void **state)
{
	struct changes untouched, changes;
	struct line line;
	enum err err = ERR_NOMEM;
	size_t failures = 0;

	(void)state;
	line_init(&line);
	memset(&untouched, 0x5a, sizeof(untouched));
	for (size_t cap = 16; err == ERR_NOMEM; cap += 64) {
		memcpy(&changes, &untouched, sizeof(changes));
		err = go(&line, &changes, cap);
		if (err != ERR_NOMEM)
			break;
		failures++;
		assert_memory_equal(&changes, &untouched, sizeof(changes));
	}
	assert_int_equal(err, OK);
	assert_in_range(failures, 100, 100000);
	assert_int_equal(changes.n_streams, 20);
	assert_int_equal(changes.n_transactions, 60);
	assert_int_equal(changes.n_quarantine, 20);
	line_free(&line);
}

/* Its events are stored, and nobody says any more what they mean. */
static void test_contract_removed(void **state)
{
	struct event_row event = {
	    .at = {.block_number = 7, .log_index = 3},
	    .contract = STREAMS,
	    .kind = EVENT_STREAM_CREATED,
	    .n_topics = 4,
	};
	struct reconcile_rules rules = {.catalog = catalog_of(false)};
	struct reconcile_input in = {
	    .rules = &rules,
	    .events = &event,
	    .n_events = 1,
	};
	struct arena *arena = arena_new(1 << 20);
	struct changes changes;
	struct fault fault = {0};

	(void)state;
	assert_non_null(arena);
	assert_int_equal(reconcile(&changes, arena, &in, 1, &fault), ERR_USAGE);
	assert_non_null(strstr(fault.text, "under contracts"));
	catalog_free((struct catalog *)(uintptr_t)rules.catalog);
	arena_free(arena);
}

/* No facts, no rows: no change. */
static void test_nothing(void **state)
{
	struct reconcile_rules rules = {0};
	struct reconcile_input in = {.rules = &rules};
	struct arena *arena = arena_new(1 << 20);
	struct changes changes, none = {0};

	(void)state;
	assert_non_null(arena);
	assert_int_equal(reconcile(&changes, arena, &in, 1, NULL), OK);
	assert_memory_equal(&changes, &none, sizeof(none));
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_out_of_memory),
	    cmocka_unit_test(test_contract_removed),
	    cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
