#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/audit/audit.h"
#include "daemon/audit/getter.h"
#include "daemon/audit/kinds.h"

/* What an audit asks contracts, how it reads them, and what it makes of it. */

/* The selectors as `cast sig` of Foundry prints them. */
static void calls(void **state)
{
	static const uint8_t balance[] = {0x70, 0xa0, 0x82, 0x31};
	struct address owner = {{0}};
	struct u256 id = u256_from_u64(0x1234);
	uint8_t call[GETTER_SIZE];

	(void)state;
	memset(owner.b, 0x5a, sizeof(owner.b));
	getter_of_address(call, "balanceOf(address)", &owner);
	assert_memory_equal(call, balance, 4);
	for (size_t i = 4; i < 16; i++)
		assert_int_equal(call[i], 0);
	assert_memory_equal(call + 16, owner.b, 20);
	getter_of_number(call, "getStreamDetails(uint256)", &id);
	for (size_t i = 4; i < 34; i++)
		assert_int_equal(call[i], 0);
	assert_int_equal(call[34], 0x12);
	assert_int_equal(call[35], 0x34);
}

static const struct object_kind *const stream = &object_kinds[0];
static const struct object_kind *const loan = &object_kinds[1];

static void put_word(uint8_t *answer, size_t i, uint64_t value)
{
	const struct u256 v = u256_from_u64(value);

	u256_to_be(answer + 32 * i, &v);
}

/* id, worker, platform, total, released, claimed, start, duration, interval,
 * last release, status */
static void make_stream(uint8_t answer[352])
{
	static const uint64_t words[11] = {7,	0xa1, 0xb2, 100, 60, 25,
					   999, 3600, 60,   960, 1};

	for (size_t i = 0; i < 11; i++)
		put_word(answer, i, words[i]);
}

static void a_stream_is_read(void **state)
{
	uint8_t data[352];
	struct bytes answer = {data, sizeof(data)};
	struct audit_object o;

	(void)state;
	make_stream(data);
	assert_true(object_read(&o, stream, &answer));
	assert_int_equal(o.id.w[0], 7);
	assert_int_equal(o.wallets[0].b[19], 0xa1);
	assert_int_equal(o.wallets[1].b[19], 0xb2);
	assert_int_equal(o.amounts[0].w[0], 100);
	assert_int_equal(o.amounts[1].w[0], 60);
	assert_int_equal(o.amounts[2].w[0], 25);
	assert_string_equal(o.status, "paused");
}

/* id, worker, requested, approved, rate, fee, due, repaid, target, completed,
 * created, disbursed, due date, status */
static void a_loan_is_read(void **state)
{
	static const uint64_t words[14] = {3,	0xa1, 500, 400, 250, 10, 410,
					   120, 5,    2,   9,	9,   9,	 3};
	uint8_t data[448];
	struct bytes answer = {data, sizeof(data)};
	struct audit_object o;

	(void)state;
	for (size_t i = 0; i < 14; i++)
		put_word(data, i, words[i]);
	assert_true(object_read(&o, loan, &answer));
	assert_int_equal(o.id.w[0], 3);
	assert_int_equal(o.wallets[0].b[19], 0xa1);
	assert_int_equal(o.amounts[0].w[0], 500);
	assert_int_equal(o.amounts[1].w[0], 400);
	assert_int_equal(o.amounts[2].w[0], 10);
	assert_int_equal(o.amounts[3].w[0], 410);
	assert_int_equal(o.amounts[4].w[0], 120);
	assert_string_equal(o.status, "repaying");
	assert_false(object_read(&o, stream, &answer));
}

static void what_is_no_stream_is_refused(void **state)
{
	uint8_t data[352];
	struct bytes answer = {data, sizeof(data)};
	struct audit_object o;
	struct u256 word;

	(void)state;
	make_stream(data);
	put_word(data, 10, 4); /* no status */
	assert_false(object_read(&o, stream, &answer));
	make_stream(data);
	data[32 + 11] = 1; /* a worker of more than 160 bits */
	assert_false(object_read(&o, stream, &answer));
	make_stream(data);
	answer.len--;
	assert_false(object_read(&o, stream, &answer));
	answer.len = 0;
	assert_false(object_read(&o, stream, &answer));
	assert_false(getter_number(&word, &answer));
	answer.len = 32;
	assert_true(getter_number(&word, &answer));
	assert_int_equal(word.w[0], 7);
}

/* A status of the contract is one of ours. */
static void statuses_are_ours(void **state)
{
	enum stream_status s;
	enum loan_status l;

	(void)state;
	for (size_t i = 0; i < stream->n_statuses; i++)
		assert_true(stream_status_parse(&s, stream->statuses[i]));
	for (size_t i = 0; i < loan->n_statuses; i++)
		assert_true(loan_status_parse(&l, loan->statuses[i]));
}

static void whose_getters_are_known(void **state)
{
	char streaming[] = "PaymentStreaming", lending[] = "MicroLoan",
	     other[] = "Other";
	struct config_contract c = {.role = ROLE_STREAMING, .abi = streaming};

	(void)state;
	assert_ptr_equal(object_kind_of(&c), stream);
	c.abi = other;
	assert_null(object_kind_of(&c));
	c = (struct config_contract){.role = ROLE_LOANS, .abi = lending};
	assert_ptr_equal(object_kind_of(&c), loan);
	c.role = ROLE_REPUTATION;
	assert_null(object_kind_of(&c));
}

static void equal_ones_have_no_difference(void **state)
{
	struct unlike list[UNLIKE_MOST];
	struct audit_object a = {.amounts = {u256_from_u64(5)},
				 .status = "active"};
	struct audit_object b = a;

	(void)state;
	b.is_newer = true;
	assert_int_equal(object_compare(list, stream, &a, &b), 0);
}

static void each_field_is_compared(void **state)
{
	struct unlike list[UNLIKE_MOST];
	struct audit_object a = {
	    .amounts = {u256_from_u64(5000000), u256_from_u64(4000000)},
	    .status = "active"};
	struct audit_object b = {.amounts = {u256_from_u64(5000001),
					     u256_from_u64(1500000),
					     u256_from_u64(1)},
				 .status = "cancelled"};

	(void)state;
	b.wallets[0].b[0] = 1;
	b.wallets[1].b[0] = 2;
	assert_int_equal(object_compare(list, stream, &a, &b), 6);
	assert_string_equal(list[0].what, "worker");
	assert_string_equal(list[0].found,
			    "0x0100000000000000000000000000000000000000");
	assert_string_equal(list[0].difference, "");
	assert_string_equal(list[1].what, "platform");
	assert_string_equal(list[2].what, "total");
	assert_string_equal(list[2].difference, "0.000001");
	assert_string_equal(list[3].what, "released");
	assert_string_equal(list[3].expected, "4.000000");
	assert_string_equal(list[3].found, "1.500000");
	assert_string_equal(list[3].difference, "-2.500000");
	assert_string_equal(list[4].what, "claimed");
	assert_string_equal(list[5].expected, "active");
	assert_string_equal(list[5].found, "cancelled");
	b.amounts[4] = u256_from_u64(7);
	assert_int_equal(object_compare(list, loan, &a, &b), 6);
	assert_string_equal(list[4].what, "repaid");
}

static void the_sentence(void **state)
{
	struct audit_result result = {
	    .wallets = {.checked = 5,
			.differ = 1,
			.explained = 1,
			.uncovered = 2,
			.no_state = 3},
	    .contracts = {.checked = 1},
	    .streams = {.checked = 4},
	};
	struct buf text;

	(void)state;
	buf_init(&text, 1024);
	audit_put_sentence(&text, &result);
	assert_string_equal(
	    text.data,
	    "5 wallets, 3 as it should be, 1 not as the books say, 1 with "
	    "less, by gas or unlogged, 2 not covered, 3 not checked: no node "
	    "has the state it began with; 1 contract; 4 streams; 0 loans");
	buf_reset(&text);
	audit_put_counts(&text, &result);
	assert_non_null(
	    strstr(text.data,
		   "\"wallets\":{\"checked\":5,\"differ\":1,\"explained\":1,"
		   "\"uncovered\":2,\"no_state\":3}"));
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(calls),
	    cmocka_unit_test(a_stream_is_read),
	    cmocka_unit_test(a_loan_is_read),
	    cmocka_unit_test(what_is_no_stream_is_refused),
	    cmocka_unit_test(statuses_are_ours),
	    cmocka_unit_test(whose_getters_are_known),
	    cmocka_unit_test(equal_ones_have_no_difference),
	    cmocka_unit_test(each_field_is_compared),
	    cmocka_unit_test(the_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
