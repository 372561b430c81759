#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/node/synth.h"
#include "tests/node/text.h"
#include "tests/unit/lib_rig.h"

/* One transaction by its hash: proven by that, and by its signature; a node that
 * says otherwise is blamed. */

static uv_loop_t loop;
static struct rig *rig;
static struct synth *synth;
static struct arena *arena;
static struct synth_body body;
static struct header header;
static size_t at; /* which of the body is asked for */
static struct address sender;

/* What the node says of it. */
static struct {
	bool unknown;	  /* null */
	bool other_nonce; /* a field that the hash covers */
	bool other_sender;
	bool other_receipt; /* of the transaction before it */
	bool reverted;
	bool no_receipt; /* not yet */
} says;

static bool call(struct rig *r, const char *method, const struct json *params,
		 struct buf *out)
{
	struct transaction tx = body.transactions.list[at];
	struct receipt receipt = body.receipts.list[at];
	struct text_place place = {.header = &header, .hash = &body.hashes[at]};
	struct address stranger = {{7}};

	(void)r;
	(void)params;
	if (strncmp(method, "eth_getTransaction", 18) != 0)
		return false;
	buf_puts(out, "\"result\":");
	tx.nonce += says.other_nonce;
	receipt.status = !says.reverted;
	if (says.unknown)
		buf_puts(out, "null");
	else if (strcmp(method, "eth_getTransactionByHash") == 0)
		text_transaction(out, &place, &tx,
				 says.other_sender ? &stranger : &sender);
	else if (says.no_receipt)
		buf_puts(out, "null");
	else {
		if (says.other_receipt)
			place.hash = &body.hashes[at - 1];
		text_receipt(out, &place, &tx, &receipt);
	}
	return true;
}

static int setup(void **state)
{
	static const struct made_plan plan = {.others = 1};
	struct synth_rules rules = synth_rules_of(5);

	(void)state;
	memset(&says, 0, sizeof(says));
	rules.density.empty = 0;
	rules.density.noise = 3;
	synth = synth_new(&rules);
	synth_mine(synth, 1, NULL);
	arena = arena_new(64u << 20);
	assert_non_null(arena);
	synth_header(&header, synth, 1);
	synth_body(&body, synth, 1, arena);
	assert_true(body.transactions.n > 1);
	at = 1;
	sender =
	    synth_cast(synth)
		->accounts[content_account(synth_cast(synth), &body.items[at])]
		.address;
	assert_int_equal(uv_loop_init(&loop), 0);
	rig = rig_new(&loop, 1, &plan);
	rig->call = call;
	rig_start(rig);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_free(rig);
	loop_end(&loop);
	arena_free(arena);
	synth_free(synth);
	return 0;
}

static enum err ask(void)
{
	rig_transaction(rig, &body.hashes[at]);
	return rig_wait(rig);
}

static void mined(void **state)
{
	(void)state;
	assert_int_equal(ask(), OK);
	assert_true(address_eq(&rig->tx.sender, &sender));
	assert_int_equal(rig->tx.nonce, body.transactions.list[at].nonce);
	assert_true(rig->tx.mined && rig->tx.succeeded);
	assert_int_equal(rig->tx.block_number, 1);
	assert_true(hash_eq(&rig->tx.block_hash, &header.hash));
	says.reverted = true;
	assert_int_equal(ask(), OK);
	assert_true(rig->tx.mined && !rig->tx.succeeded);
	assert_int_equal(rig->incomplete, 0);
}

static void not_mined(void **state)
{
	(void)state;
	says.no_receipt = true;
	assert_int_equal(ask(), OK);
	assert_false(rig->tx.mined);
	assert_true(address_eq(&rig->tx.sender, &sender));
	says.unknown = true;
	assert_int_equal(ask(), ERR_NOT_YET);
	assert_int_equal(rig->incomplete, 0);
}

static void blamed(const char *why)
{
	unsigned before = rig->incomplete;

	assert_int_equal(ask(), ERR_UNPROVEN);
	assert_int_equal(rig->incomplete, before + 1);
	assert_non_null(strstr(rig->fault.text, why));
	assert_non_null(strstr(rig->fault.text, "node first"));
}

static void another_transaction(void **state)
{
	(void)state;
	says.other_nonce = true;
	blamed("hashes to another");
}

static void another_sender(void **state)
{
	(void)state;
	says.other_sender = true;
	blamed("signed it, not");
}

static void another_receipt(void **state)
{
	(void)state;
	says.other_receipt = true;
	blamed("receipt is of another");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(mined, setup, teardown),
	    cmocka_unit_test_setup_teardown(not_mined, setup, teardown),
	    cmocka_unit_test_setup_teardown(another_transaction, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(another_sender, setup, teardown),
	    cmocka_unit_test_setup_teardown(another_receipt, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
