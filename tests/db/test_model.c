#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "daemon/reconcile/facts.h"
#include "lib_store.h"
#include "lib_tables.h"
#include "tests/unit/lib_cast.h"

/* Worlds of tests/model, told to the real database: whenever all of one is
 * told, the tables hold what the world knows. GS_MODEL_SEED=n plays one seed
 * again; GS_MODEL_EVENTS=n sets how many logs its world is to have. */

#define EVENTS 2000

struct keeper {
	struct shop shop;
	struct cast cast;
	const struct play *play;
	uint8_t people; /* for what must be unique */
};

static bool is_watched(void *arg, const struct address *wallet)
{
	const struct keeper *k = arg;
	const struct registry *known = &k->play->registry;

	for (unsigned who = FIRST_PERSON; who < PEOPLE_END; who++) {
		struct address person = wallet_of(who);

		if (address_eq(&person, wallet))
			return !uuid_is_nil(&known->worker[who]) ||
			       !uuid_is_nil(&known->platform[who]);
	}
	return false;
}

static struct store_commit commit_of(const struct keeper *k)
{
	const struct world *world = k->play->world;

	return (struct store_commit){
	    .sources = k->cast.contracts,
	    .n_sources = CAST_CONTRACTS,
	    .head = world->script.n,
	    .head_time = world_time(world),
	    .has_finalized = true,
	    .finalized = k->play->finalized,
	    .has_tip = true,
	    .tip = world->script.n,
	    .start_block = 1,
	};
}

static void commit(struct keeper *k, const struct store_commit *what)
{
	if (shop_commit(&k->shop, *what) != OK)
		fail_msg("%s", k->shop.db.fault.text);
}

static void settle(struct keeper *k, const struct facts *facts,
		   const char *reason, struct store_commit *to)
{
	struct reconcile_input in = {
	    .rules = &k->cast.rules,
	    .head = to->head,
	    .finalized = to->finalized,
	    .has_finalized = to->has_finalized,
	    .reason = reason,
	};
	struct arena *arena = k->shop.arena;
	struct changes changes;
	struct fault fault = {0};

	assert_int_equal(facts_join(&in, arena, facts, k->shop.loaded), OK);
	if (reconcile(&changes, arena, &in, UINT64_C(1700000000000), &fault) !=
	    OK)
		fail_msg("reconcile: %s", fault.text);
	to->facts = facts;
	to->changes = &changes;
	commit(k, to);
}

static void feed(void *arg, const struct play *play, const struct block *blocks,
		 size_t n)
{
	struct keeper *k = arg;
	struct span span = {
	    .from = blocks[0].ref.number,
	    .to = blocks[n - 1].ref.number,
	    .blocks = (struct block *)(uintptr_t)blocks,
	    .n_blocks = n,
	    .verified_by = "receipts",
	};
	struct facts_scope scope = {&k->cast.rules, is_watched, k, false};
	struct store_commit to;
	struct facts facts;

	k->play = play;
	arena_reset(k->shop.arena);
	assert_int_equal(facts_read(&facts, k->shop.arena, &span, &scope), OK);
	if (shop_begin(&k->shop, &facts) != OK)
		fail_msg("%s", k->shop.db.fault.text);
	to = commit_of(k);
	to.from = span.from;
	to.to = span.to;
	settle(k, &facts, NULL, &to);
}

static void rollback(void *arg, const struct play *play, uint64_t ancestor)
{
	struct keeper *k = arg;
	struct store_commit to;

	k->play = play;
	arena_reset(k->shop.arena);
	if (shop_rollback(&k->shop, ancestor) != OK)
		fail_msg("%s", k->shop.db.fault.text);
	to = commit_of(k);
	to.has_ancestor = true;
	to.ancestor = to.tip = ancestor;
	settle(k, NULL, "reorg", &to);
}

/* Every person has an id and a number of its own. */
static struct uuid next_person(struct keeper *k)
{
	return uuid_of(++k->people);
}

static struct uuid add_worker(void *arg, struct address wallet)
{
	struct keeper *k = arg;
	struct uuid id = next_person(k);
	char uuid[UUID_TEXT_SIZE], text[ADDRESS_TEXT_SIZE], sql[400];

	snprintf(sql, sizeof(sql),
		 "insert into public.workers (id, email, display_name, "
		 "wallet_address) values ('%s', 'w%d@example.com', 'W', '%s')",
		 uuid_format(uuid, &id), k->people,
		 address_format(text, &wallet));
	db_run(&k->shop.db, sql);
	return id;
}

static struct uuid add_platform(void *arg, struct address wallet)
{
	struct keeper *k = arg;
	struct uuid id = next_person(k);
	char uuid[UUID_TEXT_SIZE], text[ADDRESS_TEXT_SIZE], sql[400];

	snprintf(sql, sizeof(sql),
		 "insert into public.platforms (id, email, name, "
		 "wallet_address, api_key_hash) values ('%s', "
		 "'p%d@example.com', 'P', '%s', lpad('%d', 64, '0'))",
		 uuid_format(uuid, &id), k->people,
		 address_format(text, &wallet), k->people);
	db_run(&k->shop.db, sql);
	return id;
}

/* The batch that follows whatever the head is: it adopts and confirms. */
static void settled(void *arg, const struct play *play)
{
	struct keeper *k = arg;
	struct store_commit to;

	k->play = play;
	arena_reset(k->shop.arena);
	to = commit_of(k);
	commit(k, &to);
	tables_check(&k->shop.db, play);
}

static void test_worlds(void **state)
{
	static const struct listener listener = {
	    .adopts = true,
	    .feed = feed,
	    .rollback = rollback,
	    .add_worker = add_worker,
	    .add_platform = add_platform,
	    .settled = settled,
	};
	uint64_t seed =
	    from_environment("GS_MODEL_SEED", (uint64_t)time(NULL) * 1000003);
	struct keeper keeper = {.people = 0};
	struct play play;

	(void)state;
	printf("GS_MODEL_SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	shop_open(&keeper.shop, true);
	cast_init(&keeper.cast);
	play_init(&play, seed, false, &listener, &keeper);
	play_run(&play, from_environment("GS_MODEL_EVENTS", EVENTS));
	play_free(&play);
	cast_free(&keeper.cast);
	shop_close(&keeper.shop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_worlds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
