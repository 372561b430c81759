#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "tests/model/lib_compare.h"
#include "tests/model/lib_play.h"

/* Whenever all of a world is told, every row of the books must be what the
 * world knows it to be; at the end, also what books hold that were told all of
 * it at once. GS_MODEL_SEED=n plays one seed again; GS_MODEL_EVENTS=n sets how
 * many logs there are to be. */

#define WORLD_EVENTS 4000
#ifdef __SANITIZE_ADDRESS__
#define EVENTS 40000
#else
#define EVENTS 1000000
#endif

struct reader {
	struct books *books;
	bool keep_all;
};

static void feed(void *arg, const struct play *play, const struct block *blocks,
		 size_t n)
{
	struct reader *r = arg;

	books_node(r->books, play->world->script.n, play->finalized);
	books_feed(r->books, blocks, n);
}

static void rollback(void *arg, const struct play *play, uint64_t ancestor)
{
	struct reader *r = arg;

	(void)play;
	books_rollback(r->books, ancestor);
}

static struct uuid add_worker(void *arg, struct address wallet)
{
	struct reader *r = arg;

	return books_worker(r->books, wallet);
}

static struct uuid add_platform(void *arg, struct address wallet)
{
	struct reader *r = arg;

	return books_platform(r->books, wallet);
}

static void settled(void *arg, const struct play *play)
{
	struct reader *r = arg;

	compare(play->world, &play->registry, r->books, play->finalized,
		r->keep_all);
}

static void check_from_scratch(struct reader *r, const struct play *play)
{
	const struct script *script = &play->world->script;
	struct books *scratch = books_like(r->books);

	books_check(r->books);
	books_node(scratch, script->n, play->finalized);
	books_feed(scratch, script->blocks, script->n);
	books_assert_same(r->books, scratch);
	books_free(scratch);
}

static size_t play_world(uint64_t seed)
{
	static const struct listener listener = {
	    .feed = feed,
	    .rollback = rollback,
	    .add_worker = add_worker,
	    .add_platform = add_platform,
	    .settled = settled,
	};
	struct reader reader = {
	    .books = books_new(),
	    .keep_all = seed / 4 % 4 == 0,
	};
	struct play play;
	size_t logs;

	if (reader.keep_all)
		books_keep_all(reader.books);
	play_init(&play, seed, seed % 4 == 0, &listener, &reader);
	play_run(&play, WORLD_EVENTS);
	check_from_scratch(&reader, &play);
	logs = play.world->logs;
	play_free(&play);
	books_free(reader.books);
	return logs;
}

static void test_worlds(void **state)
{
	uint64_t seed =
	    from_environment("GS_MODEL_SEED", (uint64_t)time(NULL) * 1000003);
	size_t wanted = from_environment("GS_MODEL_EVENTS", EVENTS);
	size_t events = 0;

	(void)state;
	for (; events < wanted; seed++) {
		printf("GS_MODEL_SEED=%llu\n", (unsigned long long)seed);
		fflush(stdout);
		events += play_world(seed);
	}
	printf("%zu events\n", events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_worlds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
