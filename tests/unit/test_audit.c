#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/audit/audit.h"
#include "daemon/audit/compare.h"
#include "daemon/audit/getter.h"

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
	getter_balance(call, &owner);
	assert_memory_equal(call, balance, 4);
	for (size_t i = 4; i < 16; i++)
		assert_int_equal(call[i], 0);
	assert_memory_equal(call + 16, owner.b, 20);
	getter_stream(call, &id);
	for (size_t i = 4; i < 34; i++)
		assert_int_equal(call[i], 0);
	assert_int_equal(call[34], 0x12);
	assert_int_equal(call[35], 0x34);
}

static void put_word(uint8_t *answer, size_t i, uint64_t value)
{
	const struct u256 v = u256_from_u64(value);

	u256_to_be(answer + 32 * i, &v);
}

/* id, worker, platform, total, released, claimed, start, duration, interval,
 * last release, status */
static void make_answer(uint8_t answer[352])
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
	struct stream_row row;

	(void)state;
	make_answer(data);
	assert_true(getter_read_stream(&row, &answer));
	assert_int_equal(row.contract_stream_id.w[0], 7);
	assert_int_equal(row.worker_wallet.b[19], 0xa1);
	assert_int_equal(row.platform_wallet.b[19], 0xb2);
	assert_int_equal(row.total.w[0], 100);
	assert_int_equal(row.released.w[0], 60);
	assert_int_equal(row.claimed.w[0], 25);
	assert_int_equal(row.status, STREAM_PAUSED);
}

static void what_is_no_stream_is_refused(void **state)
{
	uint8_t data[352];
	struct bytes answer = {data, sizeof(data)};
	struct stream_row row;
	struct u256 word;

	(void)state;
	make_answer(data);
	put_word(data, 10, STREAM_STATUSES);
	assert_false(getter_read_stream(&row, &answer));
	make_answer(data);
	data[32 + 11] = 1; /* a worker of more than 160 bits */
	assert_false(getter_read_stream(&row, &answer));
	make_answer(data);
	answer.len--;
	assert_false(getter_read_stream(&row, &answer));
	answer.len = 0;
	assert_false(getter_read_stream(&row, &answer));
	assert_false(getter_word(&word, &answer));
	answer.len = 32;
	assert_true(getter_word(&word, &answer));
	assert_int_equal(word.w[0], 7);
}

static void equal_streams_have_no_difference(void **state)
{
	struct unlike list[COMPARE_MOST];
	struct stream_row a = {.total = u256_from_u64(5)}, b = a;

	(void)state;
	/* What no getter tells. */
	b.refunded = u256_from_u64(9);
	b.start_time = 17;
	assert_int_equal(compare_stream(list, &a, &b), 0);
}

static void each_field_is_compared(void **state)
{
	struct unlike list[COMPARE_MOST];
	struct stream_row a = {.total = u256_from_u64(5000000),
			       .released = u256_from_u64(4000000)};
	struct stream_row b = {.total = u256_from_u64(5000001),
			       .released = u256_from_u64(1500000),
			       .claimed = u256_from_u64(1),
			       .status = STREAM_CANCELLED};

	(void)state;
	b.worker_wallet.b[0] = 1;
	b.platform_wallet.b[0] = 2;
	assert_int_equal(compare_stream(list, &a, &b), COMPARE_MOST);
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
	    "has the state it began with; 1 contract; 4 streams");
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
	    cmocka_unit_test(what_is_no_stream_is_refused),
	    cmocka_unit_test(equal_streams_have_no_difference),
	    cmocka_unit_test(each_field_is_compared),
	    cmocka_unit_test(the_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
