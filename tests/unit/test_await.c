#include "daemon/command/await.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static int set_up(void **state)
{
	static uv_loop_t loop;

	assert_int_equal(uv_loop_init(&loop), 0);
	*state = &loop;
	return 0;
}

static int tear_down(void **state)
{
	/* Only a loop with nothing open can be closed. */
	assert_int_equal(uv_loop_close(*state), 0);
	return 0;
}

struct answer {
	uv_timer_t timer;
	struct await *await;
	enum err err;
	bool closed;
};

static void on_closed(uv_handle_t *handle)
{
	((struct answer *)handle->data)->closed = true;
}

static void on_answer(uv_timer_t *timer)
{
	struct answer *answer = timer->data;
	struct fault fault = {0};

	(void)fault_set(&fault, answer->err, "the server said no");
	await_fire(answer->await, answer->err, answer->err ? &fault : NULL);
}

/* A callback that fires after ms. */
static void ask(struct answer *answer, uv_loop_t *loop, struct await *await,
		uint64_t ms, enum err err)
{
	*answer = (struct answer){.await = await, .err = err};
	answer->timer.data = answer;
	uv_timer_init(loop, &answer->timer);
	uv_timer_start(&answer->timer, on_answer, ms, 0);
}

static void put_away(struct answer *answer, uv_loop_t *loop)
{
	uv_close((uv_handle_t *)&answer->timer, on_closed);
	await_flag(loop, &answer->closed);
}

static void test_answers(void **state)
{
	struct fault fault = {0};
	struct answer answer;
	struct await await;

	await_start(&await);
	ask(&answer, *state, &await, 1, OK);
	assert_int_equal(await_end(&await, *state, 60000, &fault), OK);
	put_away(&answer, *state);
	await_start(&await);
	ask(&answer, *state, &await, 1, ERR_REFUSED);
	assert_int_equal(await_end(&await, *state, 60000, &fault), ERR_REFUSED);
	assert_string_equal(fault.text, "the server said no");
	assert_int_equal(fault.code, ERR_REFUSED);
	put_away(&answer, *state);
}

/* Nothing else wakes the loop before the deadline. */
static void test_answers_at_once(void **state)
{
	struct fault fault = {0};
	struct answer answer;
	struct await await;
	uint64_t began = uv_hrtime();

	await_start(&await);
	ask(&answer, *state, &await, 0, OK);
	assert_int_equal(await_end(&await, *state, 5000, &fault), OK);
	assert_true(uv_hrtime() - began < 2500000000);
	put_away(&answer, *state);
}

static void test_no_answer(void **state)
{
	struct fault fault = {0};
	struct answer answer;
	struct await await;

	await_start(&await);
	ask(&answer, *state, &await, 600000, OK);
	assert_int_equal(await_end(&await, *state, 10, &fault), ERR_TIMEOUT);
	assert_false(await.fired);
	put_away(&answer, *state);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_answers),
	    TEST(test_answers_at_once),
	    TEST(test_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
