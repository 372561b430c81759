#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib_scene.h"

/* Many facts at once: what is copied is what would have been inserted. */

#define MANY 300
#define FEW 100 /* are inserted */
#define EVENTS 4
#define PAYOUTS 20

struct load {
	struct block_row block;
	struct event_row events[EVENTS];
	struct transfer_row transfers[MANY];
	struct transfer_row roles[2];
	struct stream_row stream;
	struct transaction_row payouts[PAYOUTS];
	struct transition_row transitions[PAYOUTS];
	bool yes[PAYOUTS];
	struct facts facts;
	struct changes changes;
};

/* Amounts of every length, up to 2^256 - 1. */
static struct u256 amount_of(size_t i)
{
	struct u256 v = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};

	for (size_t bits = i % 257; bits < 256; bits++)
		v = u256_div_u64(&v, 2, NULL);
	return v;
}

static void make_transfers(struct load *load, uint8_t branch)
{
	for (size_t i = 0; i < MANY; i++) {
		struct transfer_row *t = &load->transfers[i];

		*t = transfer_of(
		    place_of(11, branch, (uint8_t)i, (uint32_t)(EVENTS + i)),
		    (uint8_t)i, (uint8_t)(i / 7), amount_of(i));
		t->is_ours = i % 2;
		t->dust = i % 5 ? 0 : 999999999999;
		t->has_sender = i % 3 == 0;
		t->sender = address_of((uint8_t)i);
		t->nonce = UINT64_MAX - i;
	}
}

/* Of the larger amounts; the first was paid to a stream. */
static void make_payouts(struct load *load)
{
	for (uint8_t i = 0; i < PAYOUTS; i++) {
		load->payouts[i] =
		    payout_of(&load->transfers[240 + i], (uint8_t)(i + 1));
		load->payouts[i].confirmed_at = i % 2 ? 0 : 4000000000 + i;
		load->yes[i] = true;
		load->transitions[i] = (struct transition_row){
		    .row = i,
		    .from = -1,
		    .to = STATUS_SUBMITTED,
		    .reason = "a \"reason\"\n",
		    .block_number = i,
		    .block_time = 1000 * i,
		};
	}
	load->stream = stream_of(1, 0xb1);
	load->payouts[0].stream =
	    (struct object_ref){shop_contract, u256_from_u64(1)};
	load->changes.streams = &load->stream;
	load->changes.stream_is_new = load->yes;
	load->changes.n_streams = 1;
	load->changes.transactions = load->payouts;
	load->changes.transaction_is_new = load->yes;
	load->changes.n_transactions = PAYOUTS;
	load->changes.transitions = load->transitions;
	load->changes.n_transitions = PAYOUTS;
}

static void make_load(struct load *load, uint8_t branch)
{
	memset(load, 0, sizeof(*load));
	load->block = block_of(11, branch, true);
	for (uint32_t i = 0; i < EVENTS; i++)
		load->events[i] =
		    event_of(place_of(11, branch, (uint8_t)i, i), i + 1);
	load->events[0].kind = 60; /* as it is not folded, with a detail */
	load->events[0].detail = "{\"a \\\"quoted\\\" word\": [1, null]}";
	load->events[1].n_topics = 0;
	load->events[1].data.len = 0;
	make_transfers(load, branch);
	load->roles[0] = load->transfers[3];
	load->roles[0].role = ROLE_CLAIM;
	load->roles[1] = load->transfers[200];
	load->roles[1].role = ROLE_CANCEL_REFUND;
	load->facts = (struct facts){.blocks = &load->block,
				     .n_blocks = 1,
				     .events = load->events,
				     .n_events = EVENTS,
				     .transfers = load->transfers,
				     .n_transfers = MANY};
	load->changes = (struct changes){.roles = load->roles, .n_roles = 2};
}

static void write_facts(struct shop *shop, const struct facts *facts,
			const struct changes *changes)
{
	scene_begin(shop, facts);
	scene_commit(shop, (struct store_commit){.facts = facts,
						 .changes = changes,
						 .from = 11,
						 .to = 11,
						 .head = 12});
}

static void write_piecemeal(struct shop *shop, const struct load *load)
{
	struct facts facts = load->facts;

	for (size_t i = 0; i < MANY; i += FEW) {
		facts.transfers = load->facts.transfers + i;
		facts.n_transfers = FEW;
		write_facts(shop, &facts,
			    i + FEW == MANY ? &load->changes : NULL);
		facts.n_events = 0;
	}
}

/* A load, and a shop that has nothing. */
struct bulk {
	struct load load;
	struct shop shop;
};

static int setup(void **state)
{
	struct bulk *bulk = malloc(sizeof(*bulk));

	assert_non_null(bulk);
	make_load(&bulk->load, 1);
	shop_open(&bulk->shop, true);
	*state = bulk;
	return 0;
}

static int teardown(void **state)
{
	struct bulk *bulk = *state;

	shop_close(&bulk->shop);
	free(bulk);
	return 0;
}

#define ALL_ROWS                                                               \
	"select (select string_agg(e::text, E'\\n' order by log_index) "       \
	"from chain.events e) || E'\\n' || "                                   \
	"(select string_agg(t::text, E'\\n' order by log_index) "              \
	"from chain.transfers t) || E'\\n' || "                                \
	"(select string_agg((to_jsonb(p) - "                                   \
	"'{created_at,updated_at,stream_id}' "                                 \
	"::text[])::text || (stream_id is null), E'\\n' order by p.id) "       \
	"from public.transactions p) || E'\\n' || "                            \
	"(select string_agg((to_jsonb(n) - '{id,at}'::text[])::text, E'\\n' "  \
	"order by n.row_id) from chain.transitions n)"

static void test_the_same_rows(void **state)
{
	struct bulk *bulk = *state;
	struct load *load = &bulk->load;
	struct shop *shop = &bulk->shop;
	char *copied;

	make_payouts(load);
	write_facts(shop, &load->facts, &load->changes);
	assert_db(&shop->db, "select count(*) from chain.transfers", "300");
	assert_db(&shop->db, "select count(*) from public.transactions", "20");
	assert_db(&shop->db,
		  "select string_agg(role, ' ' order by log_index) "
		  "from chain.transfers where role <> 'plain'",
		  "claim cancel_refund");
	copied = strdup(db_text(&shop->db, ALL_ROWS));
	shop_close(shop);
	shop_open(shop, true);
	write_piecemeal(shop, load);
	assert_string_equal(db_text(&shop->db, ALL_ROWS), copied);
	free(copied);
}

/* What stands already, or was orphaned, is no reason to fail. */
static void test_blocks_that_are_not_fresh(void **state)
{
	struct bulk *bulk = *state;
	struct load *load = &bulk->load;
	struct shop *shop = &bulk->shop;

	write_facts(shop, &load->facts, &load->changes);
	assert_int_equal(shop_rollback(shop, 10), OK);
	assert_int_equal(
	    shop_commit(shop, (struct store_commit){.has_ancestor = true,
						    .ancestor = 10}),
	    OK);
	assert_db(&shop->db,
		  "select count(*) from chain.transfers where orphaned", "300");
	write_facts(shop, &load->facts, &load->changes);
	write_facts(shop, &load->facts, &load->changes);
	assert_db(&shop->db,
		  "select count(*) || ' ' || count(*) filter (where not "
		  "orphaned) from chain.transfers",
		  "300 300");
	assert_int_equal(shop_rollback(shop, 10), OK);
	make_load(load, 2);
	assert_int_equal(
	    shop_commit(shop, (struct store_commit){.has_ancestor = true,
						    .ancestor = 10}),
	    OK);
	write_facts(shop, &load->facts, &load->changes);
	assert_db(&shop->db,
		  "select count(*) || ' ' || count(*) filter (where not "
		  "orphaned) from chain.transfers",
		  "600 300");
}

/* A payment that an application intends: with the hash, or without. */
static void intend(struct shop *shop, const struct transfer_row *t, bool hashed)
{
	char from[ADDRESS_TEXT_SIZE], to[ADDRESS_TEXT_SIZE];
	char hash[HASH_TEXT_SIZE], amount[USDC_TEXT_SIZE], sql[1024];

	(void)snprintf(
	    sql, sizeof(sql),
	    "insert into public.transactions (chain_id, type, status, "
	    "from_wallet, to_wallet, amount_usdc, tx_hash) values (%d, "
	    "'payout', 'pending', '%s', '%s', %s, nullif('%s', ''))",
	    SHOP_CHAIN, address_format(from, &t->from),
	    address_format(to, &t->to), usdc_format(amount, &t->amount),
	    hashed ? hash_format(hash, &t->at.tx_hash) : "");
	db_run(&shop->db, sql);
}

static void test_what_was_intended_is_found(void **state)
{
	struct bulk *bulk = *state;
	struct load *load = &bulk->load;
	struct shop *shop = &bulk->shop;

	scene_begin(shop, &load->facts);
	assert_int_equal(shop->loaded->n_transactions, 0);
	shop_abandon(shop);
	intend(shop, &load->transfers[52], true);
	intend(shop, &load->transfers[66], false);
	scene_begin(shop, &load->facts);
	assert_int_equal(shop->loaded->n_transactions, 2);
	shop_abandon(shop);
	/* More than are asked for: all are looked up. */
	db_run(&shop->db,
	       "insert into public.transactions (chain_id, type, status, "
	       "from_wallet, to_wallet, amount_usdc) select 31337, 'payout', "
	       "'pending', '0x' || repeat('0b', 20), '0x' || repeat('0c', "
	       "20), 1 from generate_series(1, 1001)");
	scene_begin(shop, &load->facts);
	assert_int_equal(shop->loaded->n_transactions, 2);
	shop_abandon(shop);
}

/* After what was to be copied and was not, a commit is a commit. */
static void test_abandoned(void **state)
{
	struct bulk *bulk = *state;
	struct load *load = &bulk->load;
	struct shop *shop = &bulk->shop;

	scene_begin(shop, &load->facts);
	shop_abandon(shop);
	assert_int_equal(shop_commit(shop, (struct store_commit){.head = 12}),
			 OK);
	assert_db(&shop->db, "select count(*) from chain.transfers", "0");
	/* A row that the table refuses leaves nothing, and says which. */
	load->transfers[MANY - 1].dust = 1000000000000;
	scene_begin(shop, &load->facts);
	assert_int_equal(
	    shop_commit(shop, (struct store_commit){.facts = &load->facts,
						    .from = 11,
						    .to = 11}),
	    ERR_DATABASE);
	assert_non_null(strstr(shop->db.fault.text, "transfers_dust_check"));
	assert_db(&shop->db,
		  "select count(*) from chain.transfers, chain.events", "0");
	load->transfers[MANY - 1].dust = 0;
	write_facts(shop, &load->facts, &load->changes);
	assert_db(&shop->db, "select count(*) from chain.transfers", "300");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_the_same_rows, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(test_blocks_that_are_not_fresh,
					    setup, teardown),
	    cmocka_unit_test_setup_teardown(test_what_was_intended_is_found,
					    setup, teardown),
	    cmocka_unit_test_setup_teardown(test_abandoned, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
