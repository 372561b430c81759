#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib_scene.h"

static void same_place(const struct place *a, const struct place *b)
{
	assert_int_equal(place_cmp(a, b), 0);
	assert_true(hash_eq(&a->block_hash, &b->block_hash));
	assert_true(hash_eq(&a->tx_hash, &b->tx_hash));
	assert_int_equal(a->block_time, b->block_time);
	assert_int_equal(a->tx_index, b->tx_index);
}

static void same_transfer(const struct transfer_row *a,
			  const struct transfer_row *b)
{
	same_place(&a->at, &b->at);
	assert_true(address_eq(&a->from, &b->from));
	assert_true(address_eq(&a->to, &b->to));
	assert_int_equal(u256_cmp(&a->amount, &b->amount), 0);
	assert_int_equal(a->dust, b->dust);
	assert_int_equal(a->role, b->role);
	assert_int_equal(a->has_sender, b->has_sender);
	assert_true(address_eq(&a->sender, &b->sender));
	assert_true(a->nonce == b->nonce);
}

static void same_transaction(const struct transaction_row *a,
			     const struct transaction_row *b)
{
	assert_true(uuid_eq(&a->id, &b->id));
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->status, b->status);
	assert_true(hash_eq(&a->tx_hash, &b->tx_hash));
	assert_true(address_eq(&a->from, &b->from));
	assert_true(address_eq(&a->to, &b->to));
	assert_int_equal(u256_cmp(&a->amount, &b->amount), 0);
	assert_int_equal(a->ordinal, b->ordinal);
	assert_int_equal(object_cmp(&a->stream, &b->stream), 0);
	assert_int_equal(object_cmp(&a->loan, &b->loan), 0);
	assert_int_equal(a->has_block, b->has_block);
	assert_int_equal(a->block_number, b->block_number);
	assert_true(hash_eq(&a->block_hash, &b->block_hash));
	assert_int_equal(a->log_index, b->log_index);
	assert_int_equal(a->confirmations, b->confirmations);
	assert_int_equal(a->submitted_at, b->submitted_at);
	assert_int_equal(a->confirmed_at, b->confirmed_at);
}

static void same_stream(const struct stream_row *a, const struct stream_row *b)
{
	assert_true(uuid_eq(&a->id, &b->id));
	assert_true(address_eq(&a->contract, &b->contract));
	assert_int_equal(
	    u256_cmp(&a->contract_stream_id, &b->contract_stream_id), 0);
	assert_true(address_eq(&a->worker_wallet, &b->worker_wallet));
	assert_true(address_eq(&a->platform_wallet, &b->platform_wallet));
	assert_int_equal(u256_cmp(&a->total, &b->total), 0);
	assert_int_equal(u256_cmp(&a->released, &b->released), 0);
	assert_int_equal(u256_cmp(&a->claimed, &b->claimed), 0);
	assert_int_equal(u256_cmp(&a->refunded, &b->refunded), 0);
	assert_int_equal(a->start_time, b->start_time);
	assert_int_equal(a->end_time, b->end_time);
	assert_int_equal(u256_cmp(&a->release_interval, &b->release_interval),
			 0);
	assert_int_equal(a->next_release_at, b->next_release_at);
	assert_int_equal(a->status, b->status);
	assert_int_equal(a->paused_at, b->paused_at);
	assert_int_equal(a->completed_at, b->completed_at);
	assert_int_equal(a->cancelled_at, b->cancelled_at);
}

static void test_write_and_load(void **state)
{
	struct shop shop;
	struct scene s;

	(void)state;
	shop_open(&shop, true);
	scene_make(&s, 1);
	scene_begin(&shop, &s.facts);
	assert_int_equal(shop.loaded->n_events, 0);
	assert_int_equal(shop.loaded->n_transactions, 0);
	scene_commit(&shop, scene_commit_of(&s));
	assert_int_equal(shop.done.transactions_inserted, 1);
	assert_int_equal(shop.done.streams_inserted, 1);
	assert_db(&shop.db, COUNTS, "2 1 1 1 1 1 2");
	assert_db(&shop.db, "select amount_usdc from public.transactions",
		  "115792089237316195423570985008687907853269984665640564039457"
		  "584007913129.639935");
	assert_db(&shop.db,
		  "select amount_usdc from chain.movements where "
		  "status = 'submitted' and stream_id is not null",
		  "115792089237316195423570985008687907853269984665640564039457"
		  "584007913129.639935");
	assert_db(&shop.db, "select reason from chain.quarantine",
		  "short data: \"\\quoted\"");

	/* what comes back is what went in */
	scene_begin(&shop, &s.facts);
	assert_int_equal(shop.loaded->n_events, 1);
	same_place(&shop.loaded->events[0].at, &s.event.at);
	assert_int_equal(shop.loaded->events[0].n_topics, 3);
	assert_memory_equal(shop.loaded->events[0].topics, s.event.topics,
			    3 * 32);
	assert_int_equal(shop.loaded->events[0].data.len, 5);
	assert_memory_equal(shop.loaded->events[0].data.data, s.event.data.data,
			    5);
	assert_int_equal(shop.loaded->n_transfers, 1);
	same_transfer(&shop.loaded->transfers[0], &s.transfer);
	assert_int_equal(shop.loaded->n_transactions, 1);
	same_transaction(&shop.loaded->transactions[0], &s.payout);
	assert_int_equal(shop.loaded->n_streams, 1);
	same_stream(&shop.loaded->streams[0], &s.stream);
	shop_abandon(&shop);
	assert_false(pg_in_transaction(shop.db.pg));
	shop_close(&shop);
}

/* The same facts again change nothing. */
static void test_idempotent(void **state)
{
	struct shop shop;
	struct scene s;
	struct store_commit commit;

	(void)state;
	shop_open(&shop, true);
	scene_play(&shop, &s, 1);
	scene_begin(&shop, &s.facts);
	commit = scene_commit_of(&s);
	commit.changes = NULL;
	scene_commit(&shop, commit);
	assert_db(&shop.db, COUNTS, "2 1 1 1 1 1 2");
	assert_db(&shop.db,
		  "select verified_by || ranges::text from chain.coverage",
		  "receipts{[10,12)}");
	shop_close(&shop);
}

/* A block is not replaced in passing. */
static void test_other_block(void **state)
{
	struct shop shop;
	struct scene s;

	(void)state;
	shop_open(&shop, true);
	scene_play(&shop, &s, 1);
	scene_make(&s, 2);
	scene_begin(&shop, &s.facts);
	assert_int_equal(shop_commit(&shop, scene_commit_of(&s)), ERR_DATABASE);
	assert_non_null(strstr(shop.db.fault.text, "block 11 is stored as 0x"));
	assert_false(pg_in_transaction(shop.db.pg));
	assert_db(&shop.db, COUNTS, "2 1 1 1 1 1 2");
	shop_close(&shop);
}

/* stream 1 - tx 7 - stream 2 - tx 8 (with a transfer) - and tx 9 of stream 3,
 * which has nothing to do with them. */
static void test_closure(void **state)
{
	struct event_row events[] = {
	    event_of(place_of(11, 1, 7, 1), 1),
	    event_of(place_of(11, 1, 7, 2), 2),
	    event_of(place_of(12, 1, 8, 4), 2),
	    event_of(place_of(13, 1, 9, 1), 3),
	};
	struct transfer_row transfer =
	    transfer_of(place_of(12, 1, 8, 3), 0x55, 0x66, u256_from_u64(5));
	struct stream_row streams[] = {stream_of(1, 1), stream_of(2, 2),
				       stream_of(3, 3)};
	bool yes[] = {true, true, true};
	struct changes changes = {
	    .streams = streams, .stream_is_new = yes, .n_streams = 3};
	struct facts facts = {.events = events,
			      .n_events = 4,
			      .transfers = &transfer,
			      .n_transfers = 1};
	struct event_row next = event_of(place_of(20, 1, 15, 0), 1);
	struct facts later = {.events = &next, .n_events = 1};
	struct transfer_row beside =
	    transfer_of(place_of(12, 1, 8, 9), 0x77, 0x66, u256_from_u64(5));
	struct facts late = {.transfers = &beside, .n_transfers = 1};
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	db_run(&shop.db,
	       "insert into public.workers (email, display_name, "
	       "wallet_address) values ('a@x.org', 'A', '0x' || "
	       "repeat('66', 20)), ('b@x.org', 'B', '0x' || repeat('33', "
	       "20)), ('c@x.org', 'C', '0x' || repeat('99', 20))");
	scene_begin(&shop, &facts);
	scene_commit(
	    &shop, (struct store_commit){.facts = &facts, .changes = &changes});
	scene_begin(&shop, &later);
	assert_int_equal(shop.loaded->n_events, 3);
	assert_int_equal(shop.loaded->events[2].at.block_number, 12);
	assert_int_equal(shop.loaded->n_transfers, 1);
	assert_int_equal(shop.loaded->n_streams, 2);
	assert_int_equal(shop.loaded->n_parties, 2); /* of three */
	shop_abandon(&shop);
	/* a plain transfer in a transaction that holds events */
	scene_begin(&shop, &late);
	assert_int_equal(shop.loaded->n_events, 3);
	assert_int_equal(shop.loaded->n_streams, 2);
	shop_abandon(&shop);
	shop_close(&shop);
}

/* A loan as it goes in comes out, with its money; then it goes. */
static void test_loan(void **state)
{
	struct loan_row loan = {
	    .contract = shop_contract,
	    .contract_loan_id = u256_from_u64(9),
	    .worker_wallet = address_of(0x33),
	    .requested = u256_from_u64(100000000),
	    .approved = u256_from_u64(90000000),
	    .fee = u256_from_u64(2250000),
	    .fee_bps = 250,
	    .owed = u256_from_u64(92250000),
	    .repaid = u256_from_u64(250000),
	    .remaining = u256_from_u64(92000000),
	    .repayments = 1,
	    .status = LOAN_REPAYING,
	    .requested_at = 4000,
	    .approved_at = 4001,
	    .disbursed_at = 4002,
	    .due_at = 4003,
	    .repaid_at = 4004,
	    .defaulted_at = 4005,
	};
	struct event_row event = event_of(place_of(11, 1, 7, 1), 9);
	struct transaction_row advance = {
	    .type = TYPE_ADVANCE,
	    .status = STATUS_SUBMITTED,
	    .tx_hash = event.at.tx_hash,
	    .from = shop_contract,
	    .to = address_of(0x33),
	    .amount = loan.approved,
	    .loan = {shop_contract, loan.contract_loan_id},
	};
	struct transition_row transition = {.subject = SUBJECT_LOAN,
					    .from = -1,
					    .to = LOAN_REPAYING,
					    .reason = "RepaymentMade"};
	bool yes = true;
	struct facts facts = {.events = &event, .n_events = 1};
	struct changes changes = {.loans = &loan,
				  .loan_is_new = &yes,
				  .n_loans = 1,
				  .transactions = &advance,
				  .transaction_is_new = &yes,
				  .n_transactions = 1,
				  .transitions = &transition,
				  .n_transitions = 1};
	struct loan_row *got;
	struct shop shop;

	(void)state;
	event.kind = 32; /* LoanDisbursed */
	assert_int_equal(uuid_v7(&loan.id, 1), OK);
	assert_int_equal(uuid_v7(&advance.id, 1), OK);
	shop_open(&shop, true);
	scene_begin(&shop, &facts);
	scene_commit(
	    &shop, (struct store_commit){.facts = &facts, .changes = &changes});
	scene_begin(&shop, &facts);
	assert_int_equal(shop.loaded->n_loans, 1);
	got = shop.loaded->loans;
	assert_memory_equal(got, &loan, sizeof(loan));
	assert_int_equal(shop.loaded->n_transactions, 1);
	assert_int_equal(
	    object_cmp(&shop.loaded->transactions[0].loan, &advance.loan), 0);
	assert_db(&shop.db,
		  "select format('%s %s %s', fee_percentage, "
		  "repaid_amount_usdc, tasks_repaid) from loans",
		  "2.50 0.250000 1");
	shop_abandon(&shop);

	loan.status = transition.from = LOAN_REPAYING;
	transition.to = -1;
	changes = (struct changes){.gone_loans = &loan,
				   .n_gone_loans = 1,
				   .transitions = &transition,
				   .n_transitions = 1};
	scene_begin(&shop, &facts);
	scene_commit(&shop, (struct store_commit){.changes = &changes});
	assert_db(&shop.db,
		  "select string_agg(coalesce(to_status, 'gone'), ' ' order by "
		  "id) from chain.transitions where subject = 'loan' and not "
		  "exists (select from public.loans)",
		  "repaying gone");
	shop_close(&shop);
}

static void test_roles_and_quarantine(void **state)
{
	struct shop shop;
	struct scene s;
	struct quarantine_row q;
	struct changes changes = {.roles = &s.transfer,
				  .n_roles = 1,
				  .quarantine = &q,
				  .n_quarantine = 1};

	(void)state;
	shop_open(&shop, true);
	scene_play(&shop, &s, 1);
	q = (struct quarantine_row){.at = s.event.at,
				    .contract = s.event.contract,
				    .n_topics = s.event.n_topics,
				    .data = s.event.data,
				    .reason = "claims more than was released"};
	memcpy(q.topics, s.event.topics, sizeof(q.topics));
	s.transfer.role = ROLE_CLAIM;
	scene_commit(&shop, (struct store_commit){.changes = &changes});
	scene_begin(&shop, &s.facts);
	assert_int_equal(shop.loaded->transfers[0].role, ROLE_CLAIM);
	assert_int_equal(shop.loaded->n_quarantined, 1); /* not the malformed */
	assert_string_equal(shop.loaded->quarantined[0].reason, q.reason);
	changes = (struct changes){.release = &q, .n_release = 1};
	scene_commit(&shop, (struct store_commit){.changes = &changes});
	assert_db(&shop.db, "select count(*) from chain.quarantine", "1");
	shop_close(&shop);
}

/* An event that is read later than the money of its transaction. */
static void test_what_a_new_event_may_be_about(void **state)
{
	struct shop shop;
	struct scene s;
	struct facts first, second;

	(void)state;
	shop_open(&shop, true);
	scene_make(&s, 1);
	first = second = s.facts;
	first.n_events = first.n_malformed = 0;
	second.n_transfers = second.n_malformed = 0;
	scene_begin(&shop, &first);
	scene_commit(&shop, (struct store_commit){.facts = &first});
	scene_begin(&shop, &second);
	assert_int_equal(shop.loaded->n_events, 0);
	assert_int_equal(shop.loaded->n_transfers, 1);
	same_transfer(&shop.loaded->transfers[0], &s.transfer);
	shop_abandon(&shop);
	shop_close(&shop);
}

static void test_lease_lost(void **state)
{
	struct shop shop;
	struct scene s;

	(void)state;
	shop_open(&shop, true);
	scene_make(&s, 1);
	scene_begin(&shop, &s.facts);
	db_run(&shop.db, "select 1"); /* still inside the transaction */
	shop.lease.term++;
	assert_int_equal(shop_commit(&shop, scene_commit_of(&s)),
			 ERR_LEASE_LOST);
	assert_non_null(strstr(shop.db.fault.text, "another process leads"));
	assert_db(&shop.db, COUNTS, "0 0 0 0 0 0 0");
	assert_db(&shop.db, "select count(*) from chain.coverage", "0");
	shop.lease.term--;
	shop.holder.b[0] ^= 1;
	assert_int_equal(shop_commit(&shop, scene_commit_of(&s)),
			 ERR_LEASE_LOST);
	assert_db(&shop.db, COUNTS, "0 0 0 0 0 0 0");
	shop_close(&shop);
}

/* The connection dies between begin and commit: redone, nothing is double. */
static void test_killed_between(void **state)
{
	struct shop shop, other;
	struct scene s;
	char sql[96];

	(void)state;
	shop_open(&shop, true);
	shop_open(&other, false);
	scene_make(&s, 1);
	snprintf(sql, sizeof(sql), "select pg_terminate_backend(%s)",
		 db_text(&shop.db, "select pg_backend_pid()"));
	scene_begin(&shop, &s.facts);
	assert_db(&other.db, sql, "t");
	assert_int_equal(shop_commit(&shop, scene_commit_of(&s)),
			 ERR_TRANSPORT);
	assert_int_equal(db_connect(&shop.db, 5000), OK);
	assert_db(&shop.db, COUNTS, "0 0 0 0 0 0 0");
	scene_play(&shop, &s, 1);
	assert_db(&shop.db, COUNTS, "2 1 1 1 1 1 2");
	shop_close(&shop);
	shop_close(&other);
}

static void test_prune(void **state)
{
	struct block_row blocks[400];
	struct facts facts = {.blocks = blocks, .n_blocks = 400};
	struct store_commit commit = {.facts = &facts, .has_finalized = true};
	struct shop shop;

	(void)state;
	shop_open(&shop, true);
	for (size_t i = 0; i < 400; i++)
		blocks[i] = block_of(10 + i, 1, i == 3);
	/* far below what is final: the newest stay, and what holds facts */
	commit.finalized = commit.head = 1000000;
	scene_commit(&shop, commit);
	assert_db(&shop.db,
		  "select concat_ws(' ', count(*), min(number), "
		  "max(number)) from chain.blocks",
		  "130 13 409");
	shop_resume(&shop, &shop_token, 1);
	assert_int_equal(shop.resume.n_blocks, 129);
	assert_int_equal(shop.resume.blocks[128].number, 409);
	shop_close(&shop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_write_and_load),
	    cmocka_unit_test(test_idempotent),
	    cmocka_unit_test(test_other_block),
	    cmocka_unit_test(test_closure),
	    cmocka_unit_test(test_loan),
	    cmocka_unit_test(test_roles_and_quarantine),
	    cmocka_unit_test(test_what_a_new_event_may_be_about),
	    cmocka_unit_test(test_lease_lost),
	    cmocka_unit_test(test_killed_between),
	    cmocka_unit_test(test_prune),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
