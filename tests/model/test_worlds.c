#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/model/lib_compare.h"

/* Worlds at random, told in random batches, in order and out of it, twice, with
 * reorgs, while wallets register. Now and then what is left is told, and then
 * every row must be what the world knows it to be; at the end, also what books
 * hold that were told all of it at once. GS_MODEL_SEED=n plays one seed again;
 * GS_MODEL_EVENTS=n sets how many logs there are to be. */

#define WORLD_EVENTS 4000
#ifdef __SANITIZE_ADDRESS__
#define EVENTS 40000
#else
#define EVENTS 1000000
#endif

struct play {
	struct world *world;
	struct books *books;
	struct registry registry;
	bool keep_all;
	uint64_t finalized;
	bool *told; /* by block number - 1 */
	size_t room;
};

static uint64_t draw(struct play *p, uint64_t below)
{
	return world_draw(p->world, below);
}

static size_t blocks(const struct play *p)
{
	return p->world->script.n;
}

/* Blocks by their index, to excluded. */
static void tell(struct play *p, size_t from, size_t to)
{
	books_node(p->books, blocks(p), p->finalized);
	books_feed(p->books, p->world->script.blocks + from, to - from);
	for (size_t i = from; i < to; i++)
		p->told[i] = true;
}

static void mine(struct play *p)
{
	for (size_t n = 1 + draw(p, 8); n > 0; n--)
		world_mine(p->world);
	if (blocks(p) <= p->room)
		return;
	p->told = realloc(p->told, blocks(p) * 2 * sizeof(*p->told));
	assert_non_null(p->told);
	for (size_t i = p->room; i < blocks(p) * 2; i++)
		p->told[i] = false;
	p->room = blocks(p) * 2;
}

/* A range near the head, or anywhere; what is told already comes again. */
static void tell_some(struct play *p)
{
	size_t n = blocks(p), near = n < 24 ? n : 24;
	size_t from = draw(p, 3) ? n - 1 - draw(p, near) : draw(p, n);
	size_t to = from + 1 + draw(p, 12);

	tell(p, from, to > n ? n : to);
}

/* Ranges of what was not told, the newest one first. */
static void tell_rest(struct play *p)
{
	for (size_t to = blocks(p); to > 0;) {
		size_t from = to, most = 1 + draw(p, 12);

		while (from > 0 && !p->told[from - 1] && to - from < most)
			from--;
		if (from < to)
			tell(p, from, to);
		to = from < to ? from : to - 1;
	}
}

static void finalize(struct play *p)
{
	uint64_t final = blocks(p) - draw(p, 40);

	if (blocks(p) > 40 && final > p->finalized)
		p->finalized = final;
	/* What can still be undone is remembered. */
	if (p->finalized + REMEMBERED / 2 < blocks(p))
		p->finalized = blocks(p) - REMEMBERED / 2;
}

/* To other blocks, or for a moment only: the same ones come again. */
static void reorg(struct play *p)
{
	size_t n = blocks(p);
	uint64_t lowest = p->finalized ? p->finalized : 1;
	uint64_t ancestor = n - draw(p, n - lowest + 1);

	if (draw(p, 3))
		world_reorg(p->world, ancestor);
	books_rollback(p->books, ancestor);
	for (size_t i = ancestor; i < n; i++)
		p->told[i] = false;
}

static void register_as(struct play *p, unsigned who, uint64_t what)
{
	if (what & 1)
		p->registry.worker[who] =
		    books_worker(p->books, address_of(who));
	if (what & 2)
		p->registry.platform[who] =
		    books_platform(p->books, address_of(who));
}

static bool names(const struct block *block, struct address wallet)
{
	for (size_t i = 0; i < block->n_logs; i++) {
		const struct raw_log *log = &block->logs[i].raw;

		for (size_t k = 1; k < log->n_topics; k++)
			if (memcmp(log->topics[k].b + 12, wallet.b,
				   sizeof(wallet.b)) == 0)
				return true;
	}
	return false;
}

/* Blocks that were told and name it are told again. */
static void register_late(struct play *p)
{
	unsigned who =
	    FIRST_PERSON + (unsigned)draw(p, PEOPLE_END - FIRST_PERSON);
	struct block *found = calloc(blocks(p), sizeof(*found));
	size_t n = 0;

	assert_non_null(found);
	register_as(p, who, 1 + draw(p, 3));
	for (size_t i = 0; i < blocks(p); i++)
		if (p->told[i] &&
		    names(&p->world->script.blocks[i], address_of(who)))
			found[n++] = p->world->script.blocks[i];
	books_node(p->books, blocks(p), p->finalized);
	if (n)
		books_feed(p->books, found, n);
	free(found);
}

static void settle(struct play *p)
{
	world_check(p->world);
	tell_rest(p);
	compare(p->world, &p->registry, p->books, p->finalized, p->keep_all);
}

/* Books that are told everything at once come out the same. */
static void check_from_scratch(struct play *p)
{
	struct books *scratch = books_like(p->books);

	books_check(p->books);
	books_node(scratch, blocks(p), p->finalized);
	books_feed(scratch, p->world->script.blocks, blocks(p));
	books_assert_same(p->books, scratch);
	books_free(scratch);
}

static void step(struct play *p)
{
	mine(p);
	finalize(p);
	if (draw(p, 3))
		tell_some(p);
	else
		tell_rest(p);
	if (draw(p, 16) == 0)
		reorg(p);
	if (draw(p, 128) == 0)
		register_late(p);
	if (draw(p, 32) == 0)
		settle(p);
}

static size_t play(uint64_t seed)
{
	struct play p = {.world = world_new(seed), .books = books_new()};
	size_t logs;

	p.keep_all = draw(&p, 4) == 0;
	if (p.keep_all)
		books_keep_all(p.books);
	for (unsigned who = FIRST_PERSON; who < PEOPLE_END; who++)
		if (draw(&p, 4))
			register_as(&p, who, 1 + draw(&p, 3));
	while (p.world->logs < WORLD_EVENTS)
		step(&p);
	settle(&p);
	check_from_scratch(&p);
	logs = p.world->logs;
	books_free(p.books);
	world_free(p.world);
	free(p.told);
	return logs;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t v;

	return text && decimal_parse_u64(&v, text) == OK ? v : otherwise;
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
		events += play(seed);
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
