#include "tests/unit/lib_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct books *cast(void)
{
	struct books *books = books_new();

	books_platform(books, P2);
	books_worker(books, W);
	books_platform(books, P);
	books_worker(books, W2);
	return books;
}

struct scene *scene_new(void)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	script_init(&scene->script);
	scene->books = cast();
	return scene;
}

void scene_end(struct scene *scene)
{
	struct books *scratch = books_like(scene->books);

	books_check(scene->books);
	books_node(scratch, scene->script.n, scene->finalized);
	books_feed(scratch, scene->script.blocks, scene->script.n);
	books_assert_same(scene->books, scratch);
	books_free(scratch);
	books_free(scene->books);
	script_free(&scene->script);
	free(scene);
}

int64_t scene_time(uint64_t block_number)
{
	return 1700000000 + (int64_t)block_number * 12;
}

void scene_block(struct scene *scene)
{
	uint64_t number = scene->script.n + 1;

	script_block(&scene->script, number, scene->fork, scene_time(number));
}

void scene_tx(struct scene *scene, unsigned tx)
{
	script_tx(&scene->script, tx);
}

struct script *scene_next(struct scene *scene)
{
	scene_block(scene);
	scene_tx(scene, (unsigned)scene->script.n);
	return &scene->script;
}

void scene_feed(struct scene *scene)
{
	books_node(scene->books, scene->script.n, scene->finalized);
	books_feed(scene->books, scene->script.blocks + scene->fed,
		   scene->script.n - scene->fed);
	scene->fed = scene->script.n;
}

void scene_feed_one(struct scene *scene, uint64_t number)
{
	books_node(scene->books, scene->script.n, scene->finalized);
	books_feed(scene->books, scene->script.blocks + number - 1, 1);
	if (scene->fed < number)
		scene->fed = number;
}

void scene_finalize(struct scene *scene, uint64_t number)
{
	scene->finalized = number;
	books_node(scene->books, scene->script.n, number);
}

void scene_reorg(struct scene *scene, uint64_t ancestor)
{
	script_cut(&scene->script, ancestor);
	scene->fed = ancestor;
	scene->fork++;
	books_rollback(scene->books, ancestor);
}

void pay(struct script *s, struct address from, struct address to,
	 uint64_t amount)
{
	log_transfer(s, TOKEN, from, to, U(amount));
}

void create(struct script *s, uint64_t id, struct address worker,
	    struct address platform, uint64_t total)
{
	pay(s, platform, STREAMS, total);
	log_created(s, STREAMS, U(id), worker, platform, U(total), U(DURATION),
		    U(INTERVAL));
}

void release(struct script *s, uint64_t id, struct address worker,
	     uint64_t amount, uint64_t total_released)
{
	log_released(s, STREAMS, U(id), worker, U(amount), U(total_released));
}

void complete(struct script *s, uint64_t id, struct address worker,
	      uint64_t amount, uint64_t total_released)
{
	log_completed(s, STREAMS, U(id), U(total_released));
	release(s, id, worker, amount, total_released);
}

void claim(struct script *s, uint64_t id, struct address worker,
	   uint64_t amount)
{
	pay(s, STREAMS, worker, amount);
	log_claimed(s, STREAMS, U(id), worker, U(amount));
}

void pause_stream(struct script *s, uint64_t id)
{
	log_paused(s, STREAMS, U(id), P);
}

void resume_stream(struct script *s, uint64_t id)
{
	log_resumed(s, STREAMS, U(id), P);
}

void cancel(struct script *s, uint64_t id, struct address worker,
	    struct address platform, uint64_t part, uint64_t refund)
{
	if (part)
		pay(s, STREAMS, worker, part);
	if (refund)
		pay(s, STREAMS, platform, refund);
	log_cancelled(s, STREAMS, U(id), platform, U(refund));
}

static void assert_amount(const struct u256 *amount, uint64_t expected)
{
	uint64_t got;

	assert_true(u256_to_u64(&got, amount));
	assert_int_equal(got, expected);
}

void assert_amounts(const struct stream_row *row, uint64_t total,
		    uint64_t released, uint64_t claimed, uint64_t refunded)
{
	assert_non_null(row);
	assert_amount(&row->total, total);
	assert_amount(&row->released, released);
	assert_amount(&row->claimed, claimed);
	assert_amount(&row->refunded, refunded);
}

void assert_paid(struct scene *scene, unsigned tx, struct address from,
		 struct address to, uint64_t amount, unsigned k,
		 enum transaction_type type, uint64_t id)
{
	const struct transaction_row *row =
	    books_transaction(scene->books, tx, from, to, U(amount), k);
	const struct object_ref *object = &row->stream;

	assert_non_null(row);
	assert_true(row->has_block);
	assert_int_equal(row->type, type);
	if (type == TYPE_ADVANCE || type == TYPE_REPAYMENT)
		object = &row->loan;
	assert_int_equal(!object_is_none(object), id != 0);
	if (id)
		assert_amount(&object->id, id);
}

void assert_unpaid(struct scene *scene, unsigned tx, struct address from,
		   struct address to, uint64_t amount)
{
	assert_null(
	    books_transaction(scene->books, tx, from, to, U(amount), 0));
}
