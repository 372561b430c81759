#include "tests/model/lib_play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
	p->listener->feed(p->arg, p, p->world->script.blocks + from, to - from);
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
	p->listener->rollback(p->arg, p, ancestor);
	for (size_t i = ancestor; i < n; i++)
		p->told[i] = false;
}

/* Once. */
static void register_as(struct play *p, unsigned who, uint64_t what)
{
	if (what & 1 && uuid_is_nil(&p->registry.worker[who]))
		p->registry.worker[who] =
		    p->listener->add_worker(p->arg, wallet_of(who));
	if (what & 2 && uuid_is_nil(&p->registry.platform[who]))
		p->registry.platform[who] =
		    p->listener->add_platform(p->arg, wallet_of(who));
}

static bool names(const struct raw_log *log, struct address wallet)
{
	for (size_t k = 1; k < log->n_topics; k++)
		if (memcmp(log->topics[k].b + 12, wallet.b, sizeof(wallet.b)) ==
		    0)
			return true;
	return false;
}

static bool concerns(const struct play *p, const struct block *block,
		     struct address wallet)
{
	const struct address token = wallet_of(WHO_TOKEN);

	for (size_t i = 0; i < block->n_logs; i++) {
		const struct raw_log *log = &block->logs[i].raw;

		if (names(log, wallet) &&
		    (!p->listener->adopts ||
		     (address_eq(&log->address, &token) && log->n_topics == 3)))
			return true;
	}
	return false;
}

/* Blocks that were told and concern it are told again. */
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
		    concerns(p, &p->world->script.blocks[i], wallet_of(who)))
			found[n++] = p->world->script.blocks[i];
	if (n)
		p->listener->feed(p->arg, p, found, n);
	free(found);
}

static void settle(struct play *p)
{
	world_check(p->world);
	tell_rest(p);
	p->listener->settled(p->arg, p);
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
	if (draw(p, 96) == 0)
		register_late(p);
	if (draw(p, 32) == 0)
		settle(p);
}

void play_init(struct play *p, uint64_t seed, bool hostile,
	       const struct listener *listener, void *arg)
{
	*p = (struct play){
	    .world = world_new(seed, hostile),
	    .listener = listener,
	    .arg = arg,
	};
	for (unsigned who = FIRST_PERSON; who < PEOPLE_END; who++)
		if (draw(p, 4))
			register_as(p, who, 1 + draw(p, 3));
}

void play_free(struct play *p)
{
	world_free(p->world);
	free(p->told);
}

void play_run(struct play *p, size_t logs)
{
	while (p->world->logs < logs)
		step(p);
	settle(p);
}

uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t v;

	return text && decimal_parse_u64(&v, text) == OK ? v : otherwise;
}
