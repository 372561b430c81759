#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "chain/endpoint.h"

/* Whom to ask: three nodes, and a clock that the tests set. */

#define N 3
static struct endpoint *nodes[N];
static const struct endpoint_want one = {.calls = 1};

static int setup(void **state)
{
	static const char *const names[N] = {"a", "b", "c"};

	(void)state;
	for (size_t i = 0; i < N; i++) {
		nodes[i] = endpoint_new(names[i], "http://127.0.0.1");
		assert_non_null(nodes[i]);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		endpoint_free(nodes[i]);
	return 0;
}

static const char *picked(const struct endpoint_want *want, uint64_t now)
{
	return endpoint_pick(nodes, N, want, now)->node.name;
}

static void answer(size_t i, double seconds, uint64_t now)
{
	endpoint_asked(nodes[i], &one, now);
	endpoint_succeeded(nodes[i], seconds, 100, now);
	nodes[i]->in_flight = 0;
}

static void failing_ones_are_avoided(void **state)
{
	(void)state;
	assert_string_equal(picked(&one, 100), "a");
	endpoint_failed(nodes[0], 100);
	assert_string_equal(picked(&one, 100), "b");
	endpoint_failed(nodes[1], 100);
	endpoint_failed(nodes[1], 100);
	assert_string_equal(picked(&one, 100), "c");
	endpoint_failed(nodes[2], 100);
	endpoint_failed(nodes[2], 100);
	endpoint_failed(nodes[2], 100);
	/* All fail: the one whose time comes first. */
	assert_string_equal(picked(&one, 101), "a");
	assert_false(endpoint_is_healthy(nodes[0], 1099));
	assert_true(endpoint_is_healthy(nodes[0], 1100));
	endpoint_succeeded(nodes[1], 0.01, 100, 200);
	assert_true(endpoint_is_healthy(nodes[1], 201));
}

static void each_is_tried_then_the_fastest(void **state)
{
	(void)state;
	answer(0, 0.030, 100);
	assert_string_equal(picked(&one, 200), "b");
	answer(1, 0.010, 200);
	assert_string_equal(picked(&one, 300), "c");
	answer(2, 0.020, 300);
	assert_string_equal(picked(&one, 400), "b");
	/* Two questions are before it already. */
	nodes[1]->in_flight = 2;
	assert_string_equal(picked(&one, 400), "c");
	nodes[1]->in_flight = 0;
	/* What was measured a minute ago is measured anew. */
	answer(1, 0.010, 60000);
	answer(2, 0.020, 60000);
	assert_string_equal(picked(&one, 60050), "b");
	assert_string_equal(picked(&one, 60100), "a");
}

static void large_answers_say_nothing_of_speed(void **state)
{
	(void)state;
	answer(0, 0.010, 100);
	endpoint_succeeded(nodes[0], 9.0, 1u << 20, 200);
	assert_int_equal(nodes[0]->latency_us, 10000);
}

static void trouble_weighs(void **state)
{
	(void)state;
	answer(0, 0.010, 0);
	answer(1, 0.015, 0);
	answer(2, 0.500, 0);
	assert_string_equal(picked(&one, 10), "a");
	endpoint_failed(nodes[0], 10);
	endpoint_succeeded(nodes[0], 0.010, 100, 20);
	assert_string_equal(picked(&one, 30), "b");
	for (int i = 0; i < 20; i++)
		endpoint_succeeded(nodes[0], 0.010, 100, 40);
	assert_string_equal(picked(&one, 50), "a");
}

static void laggards_are_not_asked_for_what_they_lack(void **state)
{
	const struct endpoint_want high = {.height = 50, .calls = 1};
	const struct endpoint_want low = {.height = 49, .calls = 1};

	(void)state;
	endpoint_lags(nodes[0], 50, 100);
	assert_string_equal(picked(&high, 200), "b");
	assert_string_equal(picked(&low, 200), "a");
	assert_string_equal(picked(&one, 200), "a");
	assert_string_equal(picked(&high, 1100), "a");
	/* All lag: one of them is asked all the same. */
	for (size_t i = 0; i < N; i++)
		endpoint_lags(nodes[i], 50, 2000);
	assert_string_equal(picked(&high, 2100), "a");
}

static void who_contradicts_a_quorum_comes_last(void **state)
{
	(void)state;
	nodes[0]->disagrees = true;
	assert_string_equal(picked(&one, 0), "b");
	endpoint_failed(nodes[1], 0);
	endpoint_failed(nodes[2], 0);
	assert_string_equal(picked(&one, 0), "b");
	assert_false(endpoint_is_healthy(nodes[0], 0));
}

static void another_than_one(void **state)
{
	const struct endpoint_want other = {.calls = 1, .except = nodes[0]};

	(void)state;
	assert_string_equal(picked(&other, 0), "b");
	assert_null(endpoint_pick(nodes, 1, &other, 0));
}

static void requests_in_flight_are_capped(void **state)
{
	const struct endpoint_want urgent = {.calls = 1, .urgent = true};

	(void)state;
	endpoint_configure(nodes[0], 2, 0);
	endpoint_asked(nodes[0], &one, 0);
	endpoint_asked(nodes[0], &one, 0);
	assert_true(endpoint_ready_at(nodes[0], &one, 5) == UINT64_MAX);
	assert_int_equal(endpoint_ready_at(nodes[0], &urgent, 5), 5);
	endpoint_asked(nodes[0], &urgent, 5);
	assert_int_equal(nodes[0]->in_flight, 2);
	assert_string_equal(picked(&one, 5), "b");
}

static void a_wait_is_kept(void **state)
{
	(void)state;
	endpoint_refused(nodes[0], 5000, 100);
	assert_int_equal(endpoint_ready_at(nodes[0], &one, 200), 5100);
	assert_string_equal(picked(&one, 5000), "b");
	assert_int_equal(endpoint_ready_at(nodes[0], &one, 5200), 5200);
}

static void a_hedge_waits_for_the_usual_time(void **state)
{
	(void)state;
	assert_int_equal(endpoint_hedge_ms(nodes[0]), 200);
	answer(0, 0.100, 0);
	assert_int_equal(endpoint_hedge_ms(nodes[0]), 300);
	answer(1, 0.001, 0);
	assert_int_equal(endpoint_hedge_ms(nodes[1]), 30);
	answer(2, 5.0, 0);
	assert_int_equal(endpoint_hedge_ms(nodes[2]), 1000);
}

/* How many single calls go out in so many seconds from `from` on. */
static uint32_t drive(struct pace *pace, uint64_t from, unsigned seconds)
{
	uint32_t sent = 0;

	for (uint64_t ms = from; ms < from + seconds * 1000u; ms++)
		while (sent < 1000000 && pace_ready_at(pace, ms) <= ms) {
			pace_sent(pace, 1, ms);
			sent++;
			if (pace->per_second == 0)
				break;
		}
	return sent;
}

static void a_pace_is_held(void **state)
{
	struct pace pace = {0};

	(void)state;
	assert_int_equal(pace_ready_at(&pace, 7), 7);
	pace_configure(&pace, 50);
	/* Half a second's worth at once, then as many each second. */
	assert_in_range(drive(&pace, 1000, 10), 515, 530);
	/* A large batch has its turn; those after it wait for it. */
	assert_in_range(pace_ready_at(&pace, 11000), 11000, 11021);
	pace_sent(&pace, 200, 12000);
	assert_in_range(pace_ready_at(&pace, 12000), 15400, 15600);
}

/* However many single calls there are, a batch goes out in its turn. */
static void a_batch_is_not_starved(void **state)
{
	struct pace pace = {0};
	uint64_t now, sent = 0;

	(void)state;
	pace_configure(&pace, 10);
	for (now = 1000; now < 61000; now += 10) {
		if (pace_ready_at(&pace, now) > now)
			continue;
		pace_sent(&pace, sent++ % 2 ? 30 : 1, now);
	}
	assert_in_range(sent, 38, 42); /* 60 s of ten, 31 in two */
}

static void a_pace_is_learned(void **state)
{
	struct pace pace = {0};
	uint64_t now;

	(void)state;
	for (now = 1000; now < 3000; now += 10)
		pace_sent(&pace, 1, now); /* 100 a second */
	pace_refused(&pace, now);
	assert_int_equal(pace.per_second, 50);
	pace_refused(&pace, now + 10); /* of the same wave */
	assert_int_equal(pace.per_second, 50);
	pace_fine(&pace, now + 1999);
	assert_int_equal(pace.per_second, 50);
	pace_fine(&pace, now + 2000);
	assert_int_equal(pace.per_second, 63);
	/* Little was sent lately: that says nothing of the limit. */
	pace_refused(&pace, now + 60000);
	assert_int_equal(pace.per_second, PACE_LEAST);
	pace_configure(&pace, 30);
	assert_int_equal(pace.per_second, PACE_LEAST);
	for (int i = 1; i < 100; i++)
		pace_fine(&pace, now + 60000 + (uint64_t)i * 2000);
	assert_int_equal(pace.per_second, 30);
	pace_configure(&pace, 4);
	pace_refused(&pace, now + 500000);
	assert_int_equal(pace.per_second, 4);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(failing_ones_are_avoided),
	    TEST(each_is_tried_then_the_fastest),
	    TEST(large_answers_say_nothing_of_speed),
	    TEST(trouble_weighs),
	    TEST(laggards_are_not_asked_for_what_they_lack),
	    TEST(who_contradicts_a_quorum_comes_last),
	    TEST(another_than_one),
	    TEST(requests_in_flight_are_capped),
	    TEST(a_wait_is_kept),
	    TEST(a_hedge_waits_for_the_usual_time),
	    cmocka_unit_test(a_pace_is_held),
	    cmocka_unit_test(a_batch_is_not_starved),
	    cmocka_unit_test(a_pace_is_learned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
