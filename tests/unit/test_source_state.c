#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/u256.h"
#include "tests/unit/lib_rig.h"

/* Questions about one state: balances, calls and codes at a block's hash. */

#define BLOCKS 4
#define QUESTIONS 230

static const struct made_plan quiet = {.others = 1};
static uv_loop_t loop;
static struct rig *rig;
static struct state_question questions[QUESTIONS];
static const struct state_answer *answers;
static uint8_t calls[QUESTIONS][2];

/* What the node does, and what it saw. */
static unsigned limit, asked;
static const char *gone;

/* Question i is about account i; its answer holds i. */
static void ask_about(size_t i, enum state_kind kind)
{
	memset(&questions[i], 0, sizeof(questions[i]));
	questions[i].kind = kind;
	questions[i].to.b[18] = (uint8_t)(i >> 8);
	questions[i].to.b[19] = (uint8_t)i;
	calls[i][0] = 0xab;
	calls[i][1] = (uint8_t)i;
	if (kind == STATE_CALL)
		questions[i].data = (struct bytes){calls[i], 2};
}

static const struct made_block *block(void)
{
	return &rig->chain->blocks[2];
}

/* EIP-1898: the second parameter names the block by its hash. */
static void check_block(const struct json *params)
{
	char wanted[HASH_TEXT_SIZE];
	const char *text =
	    json_text(json_member(json_element(params, 1), "blockHash"), NULL);

	assert_non_null(text);
	assert_string_equal(text, hash_format(wanted, &block()->header.hash));
}

static unsigned number_of(const char *address)
{
	struct address a;

	assert_int_equal(address_parse(&a, address), OK);
	return a.b[18] * 256u + a.b[19];
}

static void answer_call(const struct json *call, struct buf *out)
{
	unsigned i = number_of(json_text(json_member(call, "to"), NULL));
	const char *data = json_text(json_member(call, "data"), NULL);
	char wanted[8];

	(void)snprintf(wanted, sizeof(wanted), "0xab%02x", i & 255);
	assert_string_equal(data, wanted);
	if (i % 7 == 3)
		buf_puts(out, "\"error\":{\"code\":3,\"message\":"
			      "\"execution reverted\",\"data\":\"0x\"}");
	else
		buf_printf(out, "\"result\":\"0x%04x\"", i);
}

static bool answer(struct rig *r, const char *method, const struct json *params,
		   struct buf *out)
{
	const struct json *first = json_element(params, 0);

	(void)r;
	if (strcmp(method, "eth_call") != 0 &&
	    strcmp(method, "eth_getBalance") != 0 &&
	    strcmp(method, "eth_getCode") != 0)
		return false;
	check_block(params);
	asked++;
	if (gone)
		buf_printf(out, "\"error\":%s", gone);
	else if (strcmp(method, "eth_call") == 0)
		answer_call(first, out);
	else if (strcmp(method, "eth_getBalance") == 0)
		buf_printf(out, "\"result\":\"0x%x\"",
			   number_of(json_text(first, NULL)));
	else
		buf_puts(out, "\"result\":\"0x\"");
	return true;
}

/* A node that takes so many calls in a batch. */
static void few_calls(struct rig *r, const struct json *request,
		      struct node_reply *reply)
{
	size_t n = json_count(request);

	(void)r;
	if (json_kind(request) != JSON_KIND_ARRAY || n <= limit)
		return;
	buf_reset(&reply->body);
	buf_printf(&reply->body,
		   "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":"
		   "-32600,\"message\":\"batch size %zu exceeds limit of "
		   "%u\"}}",
		   n, limit);
}

static int setup(void **state)
{
	(void)state;
	asked = 0;
	gone = NULL;
	assert_int_equal(uv_loop_init(&loop), 0);
	rig = rig_new(&loop, BLOCKS, &quiet);
	rig->call = answer;
	rig_start(rig);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_free(rig);
	loop_end(&loop);
	return 0;
}

static void on_state(void *arg, enum err err, const struct fault *fault,
		     const struct state_answer *list)
{
	(void)arg;
	rig->request = NULL;
	rig->done = true;
	rig->err = err;
	rig->fault = *fault;
	answers = list;
}

static enum err ask(size_t n)
{
	const struct block_ref ref = {.number = 2,
				      .hash = block()->header.hash};

	rig->done = false;
	assert_int_equal(source_state(rig->source, &ref, questions, n,
				      rig->arena, on_state, NULL,
				      &rig->request),
			 OK);
	return rig_wait(rig);
}

static void check_answer(size_t i)
{
	const struct state_answer *a = &answers[i];
	struct u256 word;

	assert_int_equal(a->reverted,
			 questions[i].kind == STATE_CALL && i % 7 == 3);
	if (questions[i].kind == STATE_CODE || a->reverted) {
		assert_int_equal(a->value.len, 0);
		return;
	}
	assert_int_equal(a->value.len,
			 questions[i].kind == STATE_CALL ? 2 : 32);
	word = u256_from_be(a->value.data, a->value.len);
	assert_int_equal(word.w[0], i);
}

static void mixed(void)
{
	for (size_t i = 0; i < QUESTIONS; i++)
		ask_about(i, (enum state_kind)(i % 3));
	assert_int_equal(ask(QUESTIONS), OK);
	for (size_t i = 0; i < QUESTIONS; i++)
		check_answer(i);
}

static void every_question_has_its_answer(void **state)
{
	(void)state;
	mixed();
	assert_int_equal(asked, QUESTIONS);
	/* By and by more at once, but never all of them. */
	assert_in_range(node_requests(rig->node), 3, 8);
}

static void a_node_that_takes_few_at_once(void **state)
{
	(void)state;
	limit = 10;
	rig->reply = few_calls;
	mixed();
}

static void state_that_is_gone(void **state)
{
	static const char *const words[] = {
	    "{\"code\":-32000,\"message\":\"missing trie node 8b16 (path )\"}",
	    "{\"code\":4444,\"message\":\"Pruned history unavailable\"}",
	    "{\"code\":-32000,\"message\":\"World state unavailable\"}",
	    "{\"code\":-32002,\"message\":\"No state available for block\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		gone = words[i];
		ask_about(0, STATE_BALANCE);
		assert_int_equal(ask(1), ERR_MISSING);
		assert_int_equal(rig->fault.code, ERR_MISSING);
	}
}

static void other_refusals_are_none_of_that(void **state)
{
	(void)state;
	gone = "{\"code\":-32602,\"message\":\"invalid argument 1\"}";
	ask_about(0, STATE_BALANCE);
	assert_int_equal(ask(1), ERR_REFUSED);
}

static bool nonsense(struct rig *r, const char *method,
		     const struct json *params, struct buf *out)
{
	(void)r;
	(void)params;
	if (strcmp(method, "eth_call") != 0)
		return false;
	buf_puts(out, "\"result\":\"0xabc\"");
	return true;
}

static void what_is_no_hex_text(void **state)
{
	(void)state;
	rig->call = nonsense;
	ask_about(0, STATE_CALL);
	/* Asked again, and then given up, which takes some seconds. */
	assert_int_equal(ask(1), ERR_NONSENSE);
	assert_non_null(strstr(rig->fault.text, "eth_call"));
}

static void nothing_comes_after_a_cancel(void **state)
{
	const struct block_ref ref = {.number = 2,
				      .hash = block()->header.hash};

	(void)state;
	ask_about(0, STATE_CODE);
	rig->done = false;
	assert_int_equal(source_state(rig->source, &ref, questions, 1,
				      rig->arena, on_state, NULL,
				      &rig->request),
			 OK);
	rig_cancel(rig);
	assert_int_equal(ask(1), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	    TEST(every_question_has_its_answer),
	    TEST(a_node_that_takes_few_at_once),
	    TEST(state_that_is_gone),
	    TEST(other_refusals_are_none_of_that),
	    TEST(what_is_no_hex_text),
	    TEST(nothing_comes_after_a_cancel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
