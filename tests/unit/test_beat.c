#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/sync/beat.h"
#include "tests/node/dice.h"

/* A chain of which only the times are played, and one who follows it by the
 * beat. All in microseconds. */

#define MS UINT64_C(1000)
#define SECOND (1000 * MS)
#define BLOCKS_MOST 1000
#define BEGUN (5 * SECOND)

struct play {
	uint64_t made[BLOCKS_MOST]; /* when each block is there, ascending */
	size_t n;
	uint64_t travel; /* of a question and its answer */
	struct beat beat;
	uint64_t now;
	size_t had; /* of the blocks */
	struct dice dice;
	/* Since play_until's beginning: */
	unsigned asked;
	uint64_t waits; /* of the blocks, from made to the answer */
	uint64_t longest;
	size_t came;
};

static void begin(struct play *p, uint64_t travel)
{
	*p = (struct play){.travel = travel, .now = BEGUN};
	p->dice = dice_of(1, travel, 0, 0);
	p->made[p->n++] = BEGUN - SECOND / 3;
	p->had = 1;
}

static uint64_t late(struct play *p, uint64_t most)
{
	return most ? dice_below(&p->dice, most) : 0;
}

/* n more, each at its place on a grid, or up to `jitter` after it. */
static void grid(struct play *p, size_t n, uint64_t interval, uint64_t jitter)
{
	uint64_t from = p->made[p->n - 1] + jitter;

	for (size_t i = 1; i <= n; i++)
		p->made[p->n++] = from + i * interval + late(p, jitter);
}

/* n more, each an interval and up to `jitter` after the one before. */
static void chain(struct play *p, size_t n, uint64_t interval, uint64_t jitter)
{
	for (; n > 0; n--, p->n++)
		p->made[p->n] = p->made[p->n - 1] + interval + late(p, jitter);
}

static void ask(struct play *p)
{
	uint64_t asked = p->now, served = asked + p->travel / 2;
	size_t before = p->had;

	p->now += p->travel;
	while (p->had < p->n && p->made[p->had] <= served)
		p->had++;
	for (; before < p->had; before++) {
		uint64_t wait = p->now - p->made[before];

		p->waits += wait;
		p->longest = wait > p->longest ? wait : p->longest;
		p->came++;
	}
	p->asked++;
	beat_answer(&p->beat, p->had, asked, p->now);
	p->now = beat_next(&p->beat, p->now);
}

/* Until so many more have come. */
static void follow(struct play *p, size_t blocks)
{
	size_t until = p->had + blocks;

	p->asked = 0;
	p->waits = p->longest = p->came = 0;
	while (p->had < until)
		ask(p);
}

static double questions(const struct play *p)
{
	return (double)p->asked / (double)p->came;
}

static double wait_ms(const struct play *p)
{
	return (double)p->waits / (double)p->came / (double)MS;
}

#define EXPECT(p, most, most_ms)                                               \
	do {                                                                   \
		assert_true(questions(p) <= (most));                           \
		assert_true(wait_ms(p) <= (most_ms));                          \
	} while (0)

static void a_grid_with_little_jitter(void **state)
{
	for (uint64_t interval = SECOND / 2; interval <= 12 * SECOND;
	     interval *= 2) {
		double silent = (double)interval / (4.0 * SECOND);
		struct play p;

		(void)state;
		begin(&p, MS / 2);
		grid(&p, 400, interval, 20 * MS);
		follow(&p, 30);
		follow(&p, 300);
		EXPECT(&p, 4 + silent, 5);
	}
}

static void a_chain_with_little_jitter(void **state)
{
	struct play p;

	(void)state;
	begin(&p, MS / 2);
	chain(&p, 400, SECOND, 20 * MS);
	follow(&p, 30);
	follow(&p, 300);
	EXPECT(&p, 4, 6);
}

static void much_jitter(void **state)
{
	struct play p;

	(void)state;
	begin(&p, MS / 2);
	grid(&p, 400, SECOND, 500 * MS);
	follow(&p, 30);
	follow(&p, 300);
	EXPECT(&p, 4.5, 90);
}

static void punctual(void **state)
{
	struct play p;

	(void)state;
	begin(&p, MS / 2);
	grid(&p, 400, SECOND, 0);
	follow(&p, 30);
	follow(&p, 300);
	EXPECT(&p, 3, 4);
}

static void missed_slots(void **state)
{
	struct play p;

	(void)state;
	begin(&p, MS / 2);
	for (int i = 0; i < 50; i++) {
		grid(&p, 9, 2 * SECOND, 20 * MS);
		grid(&p, 1, 4 * SECOND, 20 * MS);
	}
	follow(&p, 30);
	follow(&p, 400);
	EXPECT(&p, 6, 50);
}

static void another_cadence(void **state)
{
	struct play p;

	(void)state;
	begin(&p, MS / 2);
	grid(&p, 40, SECOND, 20 * MS);
	grid(&p, 40, 12 * SECOND, 20 * MS);
	grid(&p, 60, SECOND / 2, 20 * MS);
	follow(&p, 60);
	follow(&p, 20);
	EXPECT(&p, 7, 20);
	follow(&p, 30);
	EXPECT(&p, 30, 2500);
	follow(&p, 20);
	EXPECT(&p, 6, 20);
}

static void bursts(void **state)
{
	struct play p;

	(void)state;
	begin(&p, MS / 2);
	for (int i = 0; i < 20; i++) {
		grid(&p, 20, SECOND, 20 * MS);
		chain(&p, 5, 20 * MS, 5 * MS);
	}
	follow(&p, 30);
	follow(&p, 400);
	EXPECT(&p, 5, 350);
}

static void a_stalled_chain(void **state)
{
	struct play p;
	unsigned asked;

	(void)state;
	begin(&p, MS / 2);
	grid(&p, 40, SECOND, 20 * MS);
	grid(&p, 1, 600 * SECOND, 0);
	grid(&p, 40, SECOND, 20 * MS);
	follow(&p, 38);
	follow(&p, 3);
	asked = p.asked;
	EXPECT(&p, 250, 1100);
	assert_true(asked < 700);
	follow(&p, 5);
	follow(&p, 30);
	EXPECT(&p, 7, 40);
}

static void a_far_node(void **state)
{
	struct play p;

	(void)state;
	begin(&p, 100 * MS);
	grid(&p, 400, SECOND, 20 * MS);
	follow(&p, 30);
	follow(&p, 300);
	EXPECT(&p, 2.5, 125);
}

/* We slept, or worked: what came meanwhile is seen late. */
static void we_are_late(void **state)
{
	struct play p;

	(void)state;
	begin(&p, MS / 2);
	grid(&p, 400, SECOND, 20 * MS);
	follow(&p, 30);
	for (int i = 0; i < 10; i++) {
		p.now += 7 * SECOND / 2;
		follow(&p, 10);
		follow(&p, 20);
		EXPECT(&p, 5, 7);
	}
}

/* A head that goes back says nothing; nor does a node that answers late. */
static void heads_that_go_back(void **state)
{
	struct play p;

	(void)state;
	begin(&p, MS / 2);
	grid(&p, 400, SECOND, 20 * MS);
	follow(&p, 30);
	for (int i = 0; i < 100; i++) {
		follow(&p, 1);
		beat_answer(&p.beat, p.had - 1, p.now - MS, p.now);
	}
	follow(&p, 30);
	EXPECT(&p, 4, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_grid_with_little_jitter),
	    cmocka_unit_test(a_chain_with_little_jitter),
	    cmocka_unit_test(much_jitter),
	    cmocka_unit_test(punctual),
	    cmocka_unit_test(missed_slots),
	    cmocka_unit_test(another_cadence),
	    cmocka_unit_test(bursts),
	    cmocka_unit_test(a_stalled_chain),
	    cmocka_unit_test(a_far_node),
	    cmocka_unit_test(we_are_late),
	    cmocka_unit_test(heads_that_go_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
