/* An operator's words about reorgs too deep: written, found, settled, audited. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib_store.h"

static const struct actor ann = {.type = ACTOR_OPERATOR,
				 .id = "ann@desk",
				 .action = "reorg.accept",
				 .request_id = "r1"};

struct told {
	struct shop shop;
	bool found;
	struct reorg_word word;
	struct reorg_look look;
	struct block_row block;
};

static void answered(struct told *told, enum err err, const struct fault *fault)
{
	told->shop.db.err = err;
	told->shop.db.fault = *fault;
	told->shop.db.done = true;
}

static void on_word(void *arg, enum err err, const struct fault *fault,
		    const struct reorg_word *word)
{
	struct told *told = arg;

	told->found = word != NULL;
	if (word)
		told->word = *word;
	answered(told, err, fault);
}

static void on_look(void *arg, enum err err, const struct fault *fault,
		    const struct reorg_look *look)
{
	struct told *told = arg;

	if (look)
		told->look = *look;
	answered(told, err, fault);
}

static void on_block(void *arg, enum err err, const struct fault *fault,
		     const struct block_row *block)
{
	struct told *told = arg;

	told->found = block != NULL;
	if (block)
		told->block = *block;
	answered(told, err, fault);
}

static void on_done(void *arg, enum err err, const struct fault *fault,
		    const struct store_done *done)
{
	(void)done;
	answered(arg, err, fault);
}

static enum err waited(struct told *told)
{
	db_wait(&told->shop.db);
	return told->shop.db.err;
}

static void say(struct told *told, uint64_t to, uint8_t hash)
{
	struct hash of = hash_of(hash);

	assert_int_equal(
	    store_reorg_add(told->shop.store, to, &of, &ann, on_word, told),
	    OK);
	assert_int_equal(waited(told), OK);
	assert_true(told->found);
}

static void find_open(struct told *told)
{
	assert_int_equal(store_reorg_open(told->shop.store, on_word, told), OK);
	assert_int_equal(waited(told), OK);
}

static enum err get(struct told *told, uint64_t id)
{
	assert_int_equal(store_reorg_get(told->shop.store, id, on_word, told),
			 OK);
	return waited(told);
}

/* Blocks 10 to 14 of branch 0; a confirmed payout in 11, one more in 13. */
static void play(struct told *told)
{
	struct block_row blocks[5];
	struct transfer_row transfers[2];
	struct transaction_row rows[2];
	bool is_new[2] = {true, true};
	struct facts facts = {.blocks = blocks,
			      .n_blocks = 5,
			      .transfers = transfers,
			      .n_transfers = 2};
	struct changes changes = {.transactions = rows,
				  .transaction_is_new = is_new,
				  .n_transactions = 2};

	for (uint64_t n = 10; n <= 14; n++)
		blocks[n - 10] = block_of(n, 0, n == 11 || n == 13);
	for (uint8_t i = 0; i < 2; i++) {
		transfers[i] = transfer_of(place_of(11 + 2u * i, 0, i + 1, 0),
					   1, 2, u256_from_u64(5));
		rows[i] = payout_of(&transfers[i], i + 1);
	}
	assert_int_equal(shop_begin(&told->shop, &facts), OK);
	assert_int_equal(shop_commit(&told->shop,
				     (struct store_commit){
					 .facts = &facts,
					 .changes = &changes,
					 .head = 14,
					 .has_finalized = true,
					 .finalized = 12,
				     }),
			 OK);
}

static void open_told(struct told *told)
{
	memset(told, 0, sizeof(*told));
	shop_open(&told->shop, true);
	play(told);
}

static void a_later_word_withdraws_an_open_one(void **state)
{
	struct told told;
	uint64_t first;

	(void)state;
	open_told(&told);
	find_open(&told);
	assert_false(told.found);
	say(&told, 11, 11);
	first = told.word.id;
	assert_false(told.word.settled);
	say(&told, 10, 10);
	find_open(&told);
	assert_int_equal(told.word.to, 10);
	assert_string_equal(told.word.actor, "ann@desk");
	assert_int_equal(get(&told, first), OK);
	assert_true(told.word.settled && !told.word.done);
	assert_string_equal(told.word.reason, "another word came after it");
	assert_int_equal(get(&told, 999), ERR_MISSING);
	find_open(&told);
	assert_int_equal(store_reorg_refuse(told.shop.store, told.word.id,
					    "no \"such\" block", on_done,
					    &told),
			 OK);
	assert_int_equal(waited(&told), OK);
	assert_int_equal(get(&told, told.word.id), OK);
	assert_string_equal(told.word.reason, "no \"such\" block");
	find_open(&told);
	assert_false(told.found);
	shop_close(&told.shop);
}

static void look(struct told *told, uint64_t block)
{
	assert_int_equal(
	    store_reorg_look(told->shop.store, block, on_look, told), OK);
	assert_int_equal(waited(told), OK);
}

static void what_is_known_of_a_block(void **state)
{
	struct block_row b;
	struct hash first = hash_of(SHOP_START);
	struct told told;

	(void)state;
	open_told(&told);
	look(&told, 12);
	b = block_of(12, 0, false);
	assert_true(told.look.has_hash && hash_eq(&told.look.hash, &b.hash));
	assert_int_equal(told.look.tip, 14);
	assert_int_equal(told.look.finalized, 12);
	assert_int_equal(told.look.above.blocks, 2);
	assert_int_equal(told.look.above.transfers, 1);
	assert_int_equal(told.look.above.transactions, 1);
	assert_int_equal(told.look.above.confirmed, 0);
	look(&told, 20); /* not there: the nearest below */
	assert_false(told.look.has_hash);
	assert_int_equal(told.look.below.number, 14);
	assert_int_equal(told.look.above.blocks, 0);
	db_run(&told.shop.db, "delete from chain.blocks where number <= 11");
	look(&told, SHOP_START); /* what the chain is known by stays */
	assert_true(told.look.has_hash && hash_eq(&told.look.hash, &first));
	assert_false(told.look.has_below);
	assert_int_equal(told.look.above.confirmed, 1);
	shop_close(&told.shop);
}

static void between(struct told *told, uint64_t above, uint64_t below)
{
	assert_int_equal(
	    store_block_between(told->shop.store, above, below, on_block, told),
	    OK);
	assert_int_equal(waited(told), OK);
}

static void a_block_between_two(void **state)
{
	struct told told;

	(void)state;
	open_told(&told);
	between(&told, 10, 14);
	assert_int_equal(told.block.number, 12);
	db_run(&told.shop.db, "delete from chain.blocks where number = 12");
	between(&told, 10, 14);
	assert_int_equal(told.block.number, 11);
	between(&told, 11, 14); /* nothing at or below the middle */
	assert_int_equal(told.block.number, 13);
	between(&told, 13, 14);
	assert_false(told.found);
	between(&told, 0, UINT32_MAX);
	assert_true(told.found);
	shop_close(&told.shop);
}

static void on_loaded(void *arg, enum err err, const struct fault *fault,
		      struct loaded *loaded)
{
	struct told *told = arg;

	told->shop.loaded = loaded;
	answered(told, err, fault);
}

static enum err undo(struct told *told)
{
	struct store_commit commit = {.head = 14,
				      .has_ancestor = true,
				      .ancestor = told->word.to,
				      .has_finalized = true,
				      .finalized = told->word.to,
				      .word = &told->word};
	bool not_new[2] = {false};
	struct changes changes = {.transaction_is_new = not_new};
	enum err err;

	assert_int_equal(store_begin_rollback(told->shop.store,
					      told->shop.arena, told->word.to,
					      &told->word, on_loaded, told),
			 OK);
	err = waited(told);
	if (err)
		return err;
	changes.transactions = told->shop.loaded->transactions;
	changes.n_transactions = told->shop.loaded->n_transactions;
	for (size_t i = 0; i < changes.n_transactions; i++)
		changes.transactions[i].status = STATUS_SUBMITTED;
	commit.changes = &changes;
	return shop_commit(&told->shop, commit);
}

static void what_was_final_is_undone(void **state)
{
	struct told told;

	(void)state;
	open_told(&told);
	assert_db(&told.shop.db,
		  "select count(*) from public.transactions where status = "
		  "'confirmed'",
		  "1");
	say(&told, 10, 10);
	assert_int_equal(undo(&told), OK);
	assert_int_equal(get(&told, told.word.id), OK);
	assert_true(told.word.done);
	assert_int_equal(told.word.undone.blocks, 4);
	assert_int_equal(told.word.undone.transactions, 2);
	assert_int_equal(told.word.undone.confirmed, 1);
	assert_db(&told.shop.db,
		  "select concat_ws(' ', final_number, final_hash is null) "
		  "from chain.chains",
		  "10 t");
	assert_db(&told.shop.db,
		  "select string_agg(distinct status || ' ' || "
		  "coalesce(block_number::text, '-'), ', ') "
		  "from public.transactions",
		  "submitted -");
	/* the word, that it is done, and one row that was confirmed; the other
	 * one only lost its block */
	assert_db(&told.shop.db,
		  "select string_agg(concat_ws(' ', actor_type, actor_id, "
		  "resource_type, request_id, changes_after ->> 'outcome', "
		  "changes_before ->> 'status'), ', ' order by created_at, id) "
		  "from public.audit_logs where action = 'reorg.accept'",
		  "operator ann@desk reorg r1, "
		  "operator ann@desk reorg r1 done, "
		  "operator ann@desk transaction r1 confirmed");
	assert_int_equal(undo(&told), ERR_CONFLICT); /* once only */
	shop_close(&told.shop);
}

static enum err halt(struct told *told, const char *why)
{
	struct shop *shop = &told->shop;

	assert_int_equal(store_lease_halt(shop->store, &shop->holder,
					  shop->lease.term, why, on_done, told),
			 OK);
	return waited(told);
}

static void a_halt_is_said_with_the_lease(void **state)
{
	const char *state_of = "select halted from chain.lease where "
			       "halted_term = term";
	struct told told;

	(void)state;
	open_told(&told);
	db_run(&told.shop.db, "update chain.lease set expires_at = now()");
	assert_int_equal(halt(&told, "block 7"), OK);
	assert_db(&told.shop.db, state_of, "block 7");
	assert_db(&told.shop.db,
		  "select expires_at > now() + interval '50 s' "
		  "from chain.lease",
		  "t");
	assert_non_null(strstr(shop_status(&told.shop, &shop_token, 1),
			       "\"state\" : \"halted\""));
	assert_int_equal(halt(&told, NULL), OK);
	assert_null(strstr(shop_status(&told.shop, &shop_token, 1),
			   "\"state\" : \"halted\""));
	/* the next one to lead has not halted, whatever the last one said */
	assert_int_equal(halt(&told, "block 7"), OK);
	db_run(&told.shop.db, "update chain.lease set term = term + 1");
	assert_null(strstr(shop_status(&told.shop, &shop_token, 1),
			   "\"state\" : \"halted\""));
	assert_int_equal(halt(&told, "block 7"), ERR_LEASE_LOST);
	shop_close(&told.shop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_later_word_withdraws_an_open_one),
	    cmocka_unit_test(what_is_known_of_a_block),
	    cmocka_unit_test(a_block_between_two),
	    cmocka_unit_test(what_was_final_is_undone),
	    cmocka_unit_test(a_halt_is_said_with_the_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
