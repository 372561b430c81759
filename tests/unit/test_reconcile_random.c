#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "tests/unit/lib_model.h"

/* A chain at random, told in random batches, in order and out of it, with
 * rollbacks. At every step amounts are conserved and the books agree with
 * themselves; whenever all is told, with the contract; at the end, with books
 * that were told everything at once. GS_SEED=n runs one seed again; GS_EVENTS=n
 * sets how many events there are to be. */

#define ROUND_EVENTS 20000
#define FINAL_DEPTH 12

struct round {
	struct model *model;
	struct books *books;
	bool *told; /* by block number - 1 */
	size_t n_told, room;
	uint64_t finalized;
};

static uint64_t draw(struct round *r, uint64_t below)
{
	return model_random(r->model, below);
}

static void tell(struct round *r, size_t from, size_t to)
{
	const struct script *s = model_script(r->model);

	books_node(r->books, s->n, r->finalized);
	books_feed(r->books, s->blocks + from, to - from);
	for (size_t i = from; i < to; i++) {
		r->n_told += !r->told[i];
		r->told[i] = true;
	}
}

static void mine(struct round *r)
{
	size_t blocks = 1 + draw(r, 8);
	size_t n;

	while (blocks--)
		model_mine(r->model);
	n = model_script(r->model)->n;
	if (n > r->room) {
		r->told = realloc(r->told, n * 2 * sizeof(*r->told));
		assert_non_null(r->told);
		for (size_t i = r->room; i < n * 2; i++)
			r->told[i] = false;
		r->room = n * 2;
	}
}

/* Some range near the head, or anywhere; what is told already comes again. */
static void tell_some(struct round *r)
{
	size_t n = model_script(r->model)->n;
	size_t from, len = 1 + draw(r, 12);

	if (!n)
		return;
	from = draw(r, 3) ? n - 1 - draw(r, n < 24 ? n : 24) : draw(r, n);
	tell(r, from, from + len > n ? n : from + len);
}

static void tell_rest(struct round *r)
{
	size_t n = model_script(r->model)->n;

	for (size_t i = n; i-- > 0;)
		if (!r->told[i])
			tell(r, i, i + 1);
}

/* The first block that was not told, a batch of them. */
static void tell_next(struct round *r)
{
	size_t n = model_script(r->model)->n;
	size_t i = 0, len = 1 + draw(r, 12);

	while (i < n && r->told[i])
		i++;
	if (i < n)
		tell(r, i, i + len > n ? n : i + len);
}

static void reorg(struct round *r)
{
	size_t n = model_script(r->model)->n;
	uint64_t ancestor = n - draw(r, n - r->finalized + 1);

	model_reorg(r->model, ancestor);
	books_rollback(r->books, ancestor);
	for (size_t i = ancestor; i < n; i++) {
		r->n_told -= r->told[i];
		r->told[i] = false;
	}
}

static void finalize(struct round *r)
{
	size_t n = model_script(r->model)->n;

	if (n > r->finalized + FINAL_DEPTH)
		r->finalized = n - FINAL_DEPTH;
}

/* All was told: what was touched last is as the contract says. */
static void check_touched(struct round *r)
{
	const struct stream_row *rows;
	size_t n = books_touched(r->books, &rows);
	struct address streams = STREAMS;

	for (size_t i = 0; i < n; i++)
		if (address_eq(&rows[i].contract, &streams))
			model_assert_stream(r->model, &rows[i]);
}

static void check_all(struct round *r)
{
	struct books *scratch = books_like(r->books);
	const struct script *s = model_script(r->model);

	for (size_t id = 1; id <= model_streams(r->model); id++)
		model_assert_stream(r->model,
				    books_stream(r->books, STREAMS, id));
	assert_int_equal(books_escrow(r->books, STREAMS),
			 model_escrow(r->model));
	books_check(r->books);
	books_node(scratch, s->n, r->finalized);
	books_feed(scratch, s->blocks, s->n);
	books_assert_same(r->books, scratch);
	books_free(scratch);
}

static struct books *cast(struct model *model)
{
	struct books *books = books_new();

	for (unsigned n = 10; n < 34; n++) {
		uint64_t is = model_random(model, 8);

		if (is < 4 || is == 7)
			books_worker(books, wallet(n));
		if (is == 4 || is == 5 || is == 7)
			books_platform(books, wallet(n));
	}
	return books;
}

static size_t play(uint64_t seed, size_t events)
{
	struct round r = {.model = model_new(seed)};
	bool orderly = draw(&r, 3) == 0;
	size_t told;

	r.books = cast(r.model);
	while (books_count(r.books).events < events) {
		mine(&r);
		finalize(&r);
		if (orderly || draw(&r, 3))
			tell_next(&r);
		else
			tell_some(&r);
		if (draw(&r, 24) == 0)
			reorg(&r);
		else if (r.n_told == model_script(r.model)->n)
			check_touched(&r);
	}
	tell_rest(&r);
	check_all(&r);
	told = books_count(r.books).events;
	books_free(r.books);
	model_free(r.model);
	free(r.told);
	return told;
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	uint64_t v;

	return text && decimal_parse_u64(&v, text) == OK ? v : otherwise;
}

static void test_random(void **state)
{
	uint64_t seed =
	    from_environment("GS_SEED", (uint64_t)time(NULL) * 1000003);
	size_t wanted = from_environment("GS_EVENTS", 200000);
	size_t events = 0;

	(void)state;
	while (events < wanted) {
		printf("GS_SEED=%llu\n", (unsigned long long)seed);
		fflush(stdout);
		events += play(seed++, ROUND_EVENTS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
