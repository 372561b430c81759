#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/audit/audit.h"
#include "daemon/audit/compare.h"
#include "daemon/audit/getter.h"
#include "db/rows.h"

/* What an audit asks contracts, how it reads them, and what it makes of it. */

static const struct address streaming = {{1}}, lending = {{2}}, lockup = {{3}},
			    other = {{4}};
static struct catalog *catalog;

static int add(const struct address *at, const char *abi)
{
	struct fault fault = {0};

	if (catalog_add(catalog, at, abi, &fault) != OK)
		fail_msg("%s", fault.text);
	return 0;
}

static int set_up(void **state)
{
	struct fault fault;

	(void)state;
	if (catalog_new(&catalog, &fault) != OK)
		fail_msg("%s", fault.text);
	return add(&streaming, "PaymentStreaming") ||
	       add(&lending, "MicroLoan") || add(&lockup, "SablierLockup");
}

static int tear_down(void **state)
{
	(void)state;
	catalog_free(catalog);
	return 0;
}

/* The selectors as `cast sig` of Foundry prints them. */
static void calls(void **state)
{
	static const uint8_t balance[] = {0x70, 0xa0, 0x82, 0x31},
			     details[] = {0x17, 0x64, 0xe8, 0x95};
	const struct getters *g = catalog_getters(catalog, &streaming);
	struct address owner = {{0}};
	struct u256 id = u256_from_u64(0x1234);
	uint8_t call[GETTER_SIZE];

	(void)state;
	memset(owner.b, 0x5a, sizeof(owner.b));
	getter_balance_of(call, &owner);
	assert_memory_equal(call, balance, 4);
	for (size_t i = 4; i < 16; i++)
		assert_int_equal(call[i], 0);
	assert_memory_equal(call + 16, owner.b, 20);
	getter_call(call, g->functions[0], &id);
	assert_memory_equal(call, details, 4);
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
static void make_stream(uint8_t answer[352])
{
	static const uint64_t words[11] = {7,	0xa1, 0xb2, 100, 60, 25,
					   999, 3600, 60,   960, 1};

	for (size_t i = 0; i < 11; i++)
		put_word(answer, i, words[i]);
}

static void a_stream_is_read(void **state)
{
	const struct getters *g = catalog_getters(catalog, &streaming);
	struct getters_said said = {.status = NULL};
	uint8_t data[352];
	const char *why = NULL;

	(void)state;
	make_stream(data);
	assert_int_equal(g->n_functions, 1);
	assert_int_equal(
	    getters_take(&said, g, 0, (struct bytes){data, 352}, &why), OK);
	for (size_t i = 0; i < g->n; i++)
		assert_true(said.has[i]);
	assert_int_equal(g->n, 6);
	assert_int_equal(said.wallets[0].b[19], 0xa1);
	assert_int_equal(said.wallets[1].b[19], 0xb2);
	assert_int_equal(said.amounts[0].w[0], 100);
	assert_int_equal(said.amounts[1].w[0], 60);
	assert_int_equal(said.amounts[2].w[0], 25);
	assert_string_equal(said.status, "paused");
}

/* id, worker, requested, approved, rate, fee, due, repaid, target, completed,
 * created, disbursed, due date, status */
static void a_loan_is_read(void **state)
{
	static const uint64_t words[14] = {3,	0xa1, 500, 400, 250, 10, 410,
					   120, 5,    2,   9,	9,   9,	 3};
	const struct getters *g = catalog_getters(catalog, &lending);
	struct getters_said said = {.status = NULL};
	uint8_t data[448];
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < 14; i++)
		put_word(data, i, words[i]);
	assert_int_equal(
	    getters_take(&said, g, 0, (struct bytes){data, 448}, &why), OK);
	assert_int_equal(said.wallets[0].b[19], 0xa1);
	assert_int_equal(said.amounts[0].w[0], 500);
	assert_int_equal(said.amounts[1].w[0], 400);
	assert_int_equal(said.amounts[2].w[0], 10);
	assert_int_equal(said.amounts[3].w[0], 410);
	assert_int_equal(said.amounts[4].w[0], 120);
	assert_string_equal(said.status, "repaying");
}

static bool is_stream(const uint8_t *data, size_t len)
{
	const struct getters *g = catalog_getters(catalog, &streaming);
	struct getters_said said = {.status = NULL};
	const char *why = NULL;
	bool is =
	    getters_take(&said, g, 0, (struct bytes){data, len}, &why) == OK;

	assert_true(is == !why);
	return is;
}

static void what_is_no_stream_is_refused(void **state)
{
	uint8_t data[448] = {0};
	struct bytes answer = {data, 0};
	struct u256 word;

	(void)state;
	make_stream(data);
	assert_true(is_stream(data, 352));
	assert_false(is_stream(data, 448)); /* a loan's length */
	assert_false(is_stream(data, 351));
	assert_false(is_stream(data, 0));
	put_word(data, 10, 4); /* no status */
	assert_false(is_stream(data, 352));
	make_stream(data);
	data[32 + 11] = 1; /* a worker of more than 160 bits */
	assert_false(is_stream(data, 352));
	make_stream(data);
	assert_false(getter_number(&word, &answer));
	answer.len = 32;
	assert_true(getter_number(&word, &answer));
	assert_int_equal(word.w[0], 7);
}

/* A status of a mapping is one of the database's. */
static void statuses_are_ours(void **state)
{
	const char *const *streams = getter_statuses(FAMILY_STREAMS);
	const char *const *loans = getter_statuses(FAMILY_LOANS);
	enum stream_status s;
	enum loan_status l;

	(void)state;
	for (size_t i = 0; streams[i]; i++)
		assert_true(stream_status_parse(&s, streams[i]));
	for (size_t i = 0; loans[i]; i++)
		assert_true(loan_status_parse(&l, loans[i]));
}

static void who_can_be_asked(void **state)
{
	static const char *const none[] = {"LlamaPay", "USDC",
					   "ReputationLedger"};
	struct address at = {{9}};

	(void)state;
	assert_int_equal(catalog_getters(catalog, &streaming)->family,
			 FAMILY_STREAMS);
	assert_int_equal(catalog_getters(catalog, &lending)->family,
			 FAMILY_LOANS);
	assert_non_null(catalog_getters(catalog, &lending)->count);
	assert_int_equal(catalog_getters(catalog, &lockup)->n_functions, 5);
	assert_null(catalog_getters(catalog, &lockup)->count);
	assert_null(catalog_getters(catalog, &other));
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		at.b[0]++;
		add(&at, none[i]);
		assert_null(catalog_getters(catalog, &at));
	}
}

/* Says all that the getters name. */
static struct getters_said say_all(const struct getters *g)
{
	struct getters_said said = {.status = "active"};

	for (size_t i = 0; i < g->n; i++)
		said.has[i] = true;
	return said;
}

static void equal_ones_have_no_difference(void **state)
{
	const struct getters *g = catalog_getters(catalog, &streaming);
	struct unlike list[GETTER_FIELDS];
	struct audit_object books = {.amounts = {u256_from_u64(5)},
				     .status = "active",
				     .is_newer = true};
	struct getters_said chain = say_all(g);

	(void)state;
	chain.amounts[0] = u256_from_u64(5);
	assert_int_equal(object_compare(list, g, &books, &chain), 0);
}

/* Differs in all. */
static void make_unlike(struct audit_object *books, struct getters_said *chain)
{
	books->amounts[0] = u256_from_u64(5000000);
	books->amounts[1] = u256_from_u64(4000000);
	books->status = "active";
	chain->amounts[0] = u256_from_u64(5000001);
	chain->amounts[1] = u256_from_u64(1500000);
	chain->amounts[2] = u256_from_u64(1);
	chain->status = "cancelled";
	chain->wallets[0].b[0] = 1;
	chain->wallets[1].b[0] = 2;
}

static void each_field_is_compared(void **state)
{
	const struct getters *g = catalog_getters(catalog, &streaming);
	struct unlike list[GETTER_FIELDS];
	struct audit_object books = {.is_newer = false};
	struct getters_said chain = say_all(g);

	(void)state;
	make_unlike(&books, &chain);
	assert_int_equal(object_compare(list, g, &books, &chain), 6);
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
	g = catalog_getters(catalog, &lending);
	chain = say_all(g);
	make_unlike(&books, &chain);
	chain.amounts[4] = u256_from_u64(7);
	assert_int_equal(object_compare(list, g, &books, &chain), 6);
	assert_string_equal(list[4].what, "repaid");
}

/* A lockup does not say what was released, a burned one no owner, a depleted
 * one no status. */
static void only_what_is_said_is_compared(void **state)
{
	const struct getters *g = catalog_getters(catalog, &lockup);
	struct unlike list[GETTER_FIELDS];
	struct audit_object books = {.is_newer = false};
	struct getters_said chain = say_all(g);

	(void)state;
	make_unlike(&books, &chain);
	assert_int_equal(object_compare(list, g, &books, &chain), 5);
	assert_string_equal(list[3].what, "claimed");
	chain.has[0] = false; /* the worker */
	chain.has[4] = false; /* the status */
	assert_int_equal(object_compare(list, g, &books, &chain), 3);
	assert_string_equal(list[0].what, "platform");
	assert_string_equal(list[1].what, "total");
	assert_string_equal(list[2].what, "claimed");
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
	    cmocka_unit_test(who_can_be_asked),
	    cmocka_unit_test(equal_ones_have_no_difference),
	    cmocka_unit_test(each_field_is_compared),
	    cmocka_unit_test(only_what_is_said_is_compared),
	    cmocka_unit_test(the_sentence),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
