#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/reconcile/stream_fold.h"
#include "tests/unit/lib_scene.h"

/* Logs that do not fit: numbers at the edge, events that contradict their
 * stream, money that is missing, logs that do not decode. */

static const struct stream_row *stream(struct scene *scene, uint64_t id)
{
	return books_stream(scene->books, STREAMS, id);
}

static void test_largest_amounts(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);
	struct u256 max = {{~0ull, ~0ull, ~0ull, ~0ull}};

	(void)state;
	log_transfer(s, TOKEN, P, STREAMS, max);
	log_created(s, STREAMS, max, W, P, max, U(DURATION), max);
	log_completed(s, STREAMS, max, max);
	log_released(s, STREAMS, max, W, max, max);
	log_transfer(s, TOKEN, STREAMS, W, max);
	log_claimed(s, STREAMS, max, W, max);
	log_transfer(s, TOKEN, P, W, max);
	/* One more unit cannot be claimed, nor added up. */
	log_transfer(s, TOKEN, STREAMS, W, U(1));
	log_claimed(s, STREAMS, max, W, U(1));
	scene_feed(scene);
	assert_int_equal(books_count(scene->books).streams, 1);
	assert_int_equal(books_count(scene->books).quarantined, 1);
	assert_non_null(books_reason(scene->books, 1, 8));
	assert_non_null(books_transaction(scene->books, 1, STREAMS, W, max, 0));
	assert_non_null(books_transaction(scene->books, 1, P, W, max, 0));
	scene_end(scene);
}

/* duration; what end and next release must be, from the start */
static void lasts(struct u256 duration, struct u256 interval, int64_t end,
		  int64_t next, size_t quarantined)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);
	const struct stream_row *row;

	pay(s, P, STREAMS, 1000);
	log_created(s, STREAMS, U(1), W, P, U(1000), duration, interval);
	scene_feed(scene);
	row = stream(scene, 1);
	assert_amounts(row, 1000, 0, 0, 0);
	assert_int_equal(row->end_time, end);
	assert_int_equal(row->next_release_at, next);
	assert_int_equal(books_count(scene->books).quarantined, quarantined);
	scene_end(scene);
}

static void test_durations(void **state)
{
	struct u256 huge = {{0, 0, 0, 1ull << 63}};
	int64_t start = scene_time(1);
	uint64_t longest = (uint64_t)(TIMESTAMP_MAX - start);

	(void)state;
	lasts(huge, U(60), 0, 0, 1);
	lasts(U(longest), U(60), TIMESTAMP_MAX, start + 60, 0);
	lasts(U(longest + 1), U(60), 0, 0, 1);
	lasts(U(UINT64_MAX), U(60), 0, 0, 1);
	lasts(U(60), huge, start + 60, 0, 0);
	lasts(U(0), U(0), start, start, 0);
}

/* Two events of one transaction; the second contradicts. */
static void contradicts(void (*before)(struct script *),
			void (*event)(struct script *), const char *why)
{
	struct scene *scene = scene_new();
	struct stream_row kept;
	struct script *s;

	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 400, 400);
	s = scene_next(scene);
	if (before)
		before(s);
	scene_feed(scene);
	kept = *stream(scene, 1);
	event(scene_next(scene));
	scene_feed(scene);
	assert_int_equal(books_count(scene->books).quarantined, 1);
	assert_string_equal(
	    books_reason(scene->books, 4, scene->script.log_index - 1), why);
	assert_amounts(stream(scene, 1), 1000, kept.released.w[0],
		       kept.claimed.w[0], kept.refunded.w[0]);
	assert_int_equal(stream(scene, 1)->status, kept.status);
	scene_end(scene);
}

static void do_create(struct script *s)
{
	create(s, 1, W, P, 1000);
}
static void do_over_claim(struct script *s)
{
	claim(s, 1, W, 401);
}
static void do_foreign_claim(struct script *s)
{
	claim(s, 1, W2, 100);
}
static void do_claim(struct script *s)
{
	claim(s, 1, W, 100);
}
static void do_foreign_release(struct script *s)
{
	release(s, 1, W2, 100, 500);
}
static void do_release(struct script *s)
{
	release(s, 1, W, 100, 500);
}
static void do_back_release(struct script *s)
{
	release(s, 1, W, 100, 300);
}
static void do_over_release(struct script *s)
{
	release(s, 1, W, 601, 1001);
}
static void do_wrapped_release(struct script *s)
{
	struct u256 max = {{~0ull, ~0ull, ~0ull, ~0ull}};

	log_released(s, STREAMS, U(1), W, max, U(399));
}
static void do_pause(struct script *s)
{
	pause_stream(s, 1);
}
static void do_resume(struct script *s)
{
	resume_stream(s, 1);
}
static void do_complete(struct script *s)
{
	complete(s, 1, W, 600, 1000);
}
static void do_low_complete(struct script *s)
{
	log_completed(s, STREAMS, U(1), U(399));
}
static void do_high_complete(struct script *s)
{
	log_completed(s, STREAMS, U(1), U(1001));
}
static void do_wrong_complete(struct script *s)
{
	log_completed(s, STREAMS, U(1), U(1000));
	release(s, 1, W, 500, 900);
}
static void do_cancel(struct script *s)
{
	cancel(s, 1, W, P, 400, 600);
}
static void do_low_cancel(struct script *s)
{
	cancel(s, 1, W, P, 400, 599);
}

static void test_contradictions(void **state)
{
	(void)state;
	contradicts(NULL, do_create,
		    "a stream with this id was already created");
	contradicts(NULL, do_over_claim,
		    "more would be claimed than was released");
	contradicts(NULL, do_foreign_claim,
		    "a claim by another worker than the stream's");
	contradicts(do_cancel, do_claim,
		    "a claim from a stream that is cancelled");
	contradicts(NULL, do_foreign_release,
		    "a release to another worker than the stream's");
	contradicts(NULL, do_back_release,
		    "the releases before it do not add up to its total");
	contradicts(NULL, do_wrapped_release,
		    "the releases before it do not add up to its total");
	contradicts(NULL, do_over_release,
		    "more would be released than the stream's total");
	contradicts(do_pause, do_release,
		    "a release from a stream that is not active");
	contradicts(do_complete, do_release,
		    "a release from a stream that is not active");
	contradicts(do_pause, do_pause,
		    "a pause of a stream that is not active");
	contradicts(NULL, do_resume,
		    "a resumption of a stream that is not paused");
	contradicts(do_pause, do_low_complete,
		    "a completion of a stream that is not active");
	contradicts(NULL, do_low_complete,
		    "less would be paid than was already released");
	contradicts(NULL, do_high_complete,
		    "more would be paid than the stream's total");
	contradicts(NULL, do_low_cancel,
		    "its refund is not what was left to release");
	contradicts(do_cancel, do_cancel,
		    "a cancellation of a stream that has ended");
	contradicts(do_complete, do_cancel,
		    "a cancellation of a stream that has ended");
}

static void test_wrong_last_release(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 400, 400);
	do_wrong_complete(scene_next(scene));
	scene_feed(scene);
	assert_string_equal(books_reason(scene->books, 3, 1),
			    "its total differs from that of StreamCompleted");
	assert_int_equal(stream(scene, 1)->status, STREAM_COMPLETED);
	scene_end(scene);
}

/* The release that StreamCompleted announces is in its transaction, and is
 * one. */
static void test_late_last_release(void **state)
{
	struct scene *scene = scene_new();
	const char *why = "a release from a stream that is not active";
	struct script *s;

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	log_completed(scene_next(scene), STREAMS, U(1), U(1000));
	release(scene_next(scene), 1, W, 1000, 1000);
	create(scene_next(scene), 2, W, P, 1000);
	s = scene_next(scene);
	complete(s, 2, W, 1000, 1000);
	release(s, 2, W, 0, 1000);
	scene_feed(scene);
	assert_string_equal(books_reason(scene->books, 3, 0), why);
	assert_amounts(stream(scene, 1), 1000, 0, 0, 0);
	assert_string_equal(books_reason(scene->books, 5, 2), why);
	assert_int_equal(books_count(scene->books).quarantined, 2);
	scene_end(scene);
}

/* Nothing moved: the stream follows its events, the log is noticed. */
static void test_money_missing(void **state)
{
	struct scene *scene = scene_new();
	const char *why = "no USDC Transfer moved the money it speaks of";

	(void)state;
	log_created(scene_next(scene), STREAMS, U(1), W, P, U(1000),
		    U(DURATION), U(INTERVAL));
	release(scene_next(scene), 1, W, 400, 400);
	log_claimed(scene_next(scene), STREAMS, U(1), W, U(100));
	pay(scene_next(scene), STREAMS, W, 300);
	log_cancelled(&scene->script, STREAMS, U(1), P, U(600));
	scene_feed(scene);
	assert_string_equal(books_reason(scene->books, 1, 0), why);
	assert_string_equal(books_reason(scene->books, 3, 0), why);
	assert_string_equal(books_reason(scene->books, 4, 1), why);
	assert_amounts(stream(scene, 1), 1000, 400, 400, 600);
	assert_paid(scene, 4, STREAMS, W, 300, 0, TYPE_PAYOUT, 1);
	scene_end(scene);
}

static void test_never_created(void **state)
{
	struct scene *scene = scene_new();

	(void)state;
	create(scene_next(scene), 1, W, P, 1000);
	release(scene_next(scene), 1, W, 400, 400);
	claim(scene_next(scene), 1, W, 400);
	pause_stream(scene_next(scene), 1);
	for (uint64_t n = 2; n <= 4; n++)
		scene_feed_one(scene, n);
	assert_null(stream(scene, 1));
	assert_int_equal(books_count(scene->books).quarantined, 3);
	assert_string_equal(books_reason(scene->books, 2, 0),
			    "nobody saw this stream created");
	/* The money did reach the worker. */
	assert_paid(scene, 3, STREAMS, W, 400, 0, TYPE_PAYOUT, 0);
	scene_feed_one(scene, 1);
	assert_int_equal(books_count(scene->books).quarantined, 0);
	assert_amounts(stream(scene, 1), 1000, 400, 400, 0);
	assert_int_equal(stream(scene, 1)->status, STREAM_PAUSED);
	assert_paid(scene, 3, STREAMS, W, 400, 0, TYPE_PAYOUT, 1);
	scene_end(scene);
}

static void test_malformed(void **state)
{
	struct scene *scene = scene_new();
	struct script *s = scene_next(scene);
	struct address streams = STREAMS, token = TOKEN;
	struct hash words[4] = {{{0}}};

	(void)state;
	log_raw(s, &streams, "StreamPaused(uint256,address)", words, 1, 2);
	log_raw(s, &token, "Transfer(address,address,uint256)", words, 3, 3);
	memset(words[1].b, 0xff, sizeof(words[1].b));
	log_raw(s, &streams, "StreamPaused(uint256,address)", words, 2, 2);
	log_raw(s, &streams, "Paused(address)", words, 0, 1);
	/* A look-alike from somewhere else. */
	log_created(s, X, U(1), W, P, U(1000), U(DURATION), U(INTERVAL));
	create(s, 2, W, P, 10);
	scene_feed(scene);
	assert_int_equal(books_count(scene->books).malformed, 3);
	assert_int_equal(books_count(scene->books).streams, 1);
	/* The contract's pause is of no stream. */
	assert_int_equal(books_count(scene->books).events, 2);
	scene_end(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_largest_amounts),
	    cmocka_unit_test(test_durations),
	    cmocka_unit_test(test_contradictions),
	    cmocka_unit_test(test_wrong_last_release),
	    cmocka_unit_test(test_late_last_release),
	    cmocka_unit_test(test_money_missing),
	    cmocka_unit_test(test_never_created),
	    cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
