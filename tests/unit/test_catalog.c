#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/keccak.h"
#include "contracts-abi/catalog.h"

#define USDC_AT "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
#define STREAMING_AT "0x1ab2a328642e0c682ea079ea8821e0efcd378d42"
#define ELSEWHERE "0x036cbd53842c5426634e7929541ec2318f3dcf7e"
#define ALICE "0x00000000000000000000000000000000000a11ce"
#define BOB "0x0000000000000000000000000000000000000b0b"

/* A log under construction: words are appended to its own data. */
struct draft {
	struct raw_log log;
	uint8_t data[256];
};

static struct address addr(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(&a, text), OK);
	return a;
}

static struct hash number_word(uint64_t v)
{
	struct u256 n = u256_from_u64(v);
	struct hash word;

	u256_to_be(word.b, &n);
	return word;
}

static struct hash address_word(const char *text)
{
	struct address a = addr(text);
	struct hash word = {0};

	memcpy(word.b + 12, a.b, sizeof(a.b));
	return word;
}

static void begin(struct draft *d, const char *at, const char *signature)
{
	memset(d, 0, sizeof(*d));
	d->log.address = addr(at);
	d->log.topics[0] = keccak256(signature, strlen(signature));
	d->log.n_topics = 1;
	d->log.data.data = d->data;
}

static void topic(struct draft *d, struct hash word)
{
	d->log.topics[d->log.n_topics++] = word;
}

static void datum(struct draft *d, struct hash word)
{
	memcpy(d->data + d->log.data.len, word.b, sizeof(word.b));
	d->log.data.len += sizeof(word.b);
}

static void transfer(struct draft *d, const char *at)
{
	begin(d, at, "Transfer(address,address,uint256)");
	topic(d, address_word(ALICE));
	topic(d, address_word(BOB));
	datum(d, number_word(1500000));
}

static int make_catalog(void **state)
{
	struct address usdc = addr(USDC_AT), streaming = addr(STREAMING_AT);
	struct fault fault = {0};
	struct catalog *catalog;

	if (catalog_new(&catalog, &fault) != OK ||
	    catalog_add(catalog, &usdc, "USDC", &fault) != OK ||
	    catalog_add(catalog, &streaming, "PaymentStreaming", &fault) != OK)
		fail_msg("%s", fault.text);
	*state = catalog;
	return 0;
}

static int free_catalog(void **state)
{
	catalog_free(*state);
	return 0;
}

static void assert_number(const struct u256 *field, uint64_t expected)
{
	struct u256 n = u256_from_u64(expected);

	assert_int_equal(u256_cmp(field, &n), 0);
}

static void assert_address(const struct address *field, const char *expected)
{
	struct address a = addr(expected);

	assert_int_equal(address_cmp(field, &a), 0);
}

static struct event decode(void **state, const struct draft *d,
			   enum event_kind kind)
{
	struct catalog_events events;
	const char *why = "";

	memset(&events, 0xff, sizeof(events));
	if (catalog_decode(*state, &d->log, &events, &why) != CATALOG_EVENT)
		fail_msg("%s: %s", event_kind_name(kind), why);
	assert_int_equal(events.n, 1);
	assert_int_equal(events.all[0].kind, kind);
	return events.all[0];
}

static void assert_malformed(void **state, const struct draft *d)
{
	struct catalog_events event = {.n = 1};
	const char *why = NULL;

	assert_int_equal(catalog_decode(*state, &d->log, &event, &why),
			 CATALOG_MALFORMED);
	assert_non_null(why);
	assert_int_equal(event.n, 0);
}

static void assert_not_ours(void **state, const struct draft *d)
{
	struct catalog_events event;
	const char *why = NULL;

	assert_int_equal(catalog_decode(*state, &d->log, &event, &why),
			 CATALOG_NOT_OURS);
}

static void test_transfer(void **state)
{
	struct draft d;
	struct event event;

	transfer(&d, USDC_AT);
	event = decode(state, &d, EVENT_TRANSFER);
	assert_address(&event.from, ALICE);
	assert_address(&event.to, BOB);
	assert_number(&event.amount, 1500000);
	assert_true(address_is_zero(&event.worker));
	assert_true(u256_is_zero(&event.id));

	memset(d.data, 0xff, 32);
	event = decode(state, &d, EVENT_TRANSFER);
	for (size_t i = 0; i < 4; i++)
		assert_true(event.amount.w[i] == UINT64_MAX);
}

static void test_stream_created(void **state)
{
	struct draft d;
	struct event event;

	begin(&d, STREAMING_AT,
	      "StreamCreated(uint256,address,address,uint256,uint256,uint256)");
	topic(&d, number_word(7));
	topic(&d, address_word(ALICE));
	topic(&d, address_word(BOB));
	datum(&d, number_word(9000000));
	datum(&d, number_word(3600));
	datum(&d, number_word(60));
	event = decode(state, &d, EVENT_STREAM_CREATED);
	assert_number(&event.id, 7);
	assert_address(&event.worker, ALICE);
	assert_address(&event.platform, BOB);
	assert_number(&event.amount, 9000000);
	assert_number(&event.duration, 3600);
	assert_number(&event.release_interval, 60);
	assert_true(address_is_zero(&event.from));
}

static void test_release_and_claim(void **state)
{
	struct draft d;
	struct event event;

	begin(&d, STREAMING_AT,
	      "PaymentReleased(uint256,address,uint256,uint256)");
	topic(&d, number_word(7));
	topic(&d, address_word(ALICE));
	datum(&d, number_word(11));
	datum(&d, number_word(22));
	event = decode(state, &d, EVENT_PAYMENT_RELEASED);
	assert_number(&event.id, 7);
	assert_address(&event.worker, ALICE);
	assert_number(&event.amount, 11);
	assert_number(&event.total_released, 22);

	begin(&d, STREAMING_AT, "EarningsClaimed(uint256,address,uint256)");
	topic(&d, number_word(8));
	topic(&d, address_word(BOB));
	datum(&d, number_word(33));
	event = decode(state, &d, EVENT_EARNINGS_CLAIMED);
	assert_number(&event.id, 8);
	assert_address(&event.worker, BOB);
	assert_number(&event.amount, 33);
}

static void test_pause_and_resume(void **state)
{
	struct draft d;
	struct event event;

	begin(&d, STREAMING_AT, "StreamPaused(uint256,address)");
	topic(&d, number_word(9));
	topic(&d, address_word(ALICE));
	event = decode(state, &d, EVENT_STREAM_PAUSED);
	assert_number(&event.id, 9);
	assert_address(&event.by, ALICE);

	begin(&d, STREAMING_AT, "StreamResumed(uint256,address)");
	topic(&d, number_word(9));
	topic(&d, address_word(BOB));
	event = decode(state, &d, EVENT_STREAM_RESUMED);
	assert_number(&event.id, 9);
	assert_address(&event.by, BOB);
}

static void test_stream_ends(void **state)
{
	struct draft d;
	struct event event;

	begin(&d, STREAMING_AT, "StreamCancelled(uint256,address,uint256)");
	topic(&d, number_word(10));
	topic(&d, address_word(BOB));
	datum(&d, number_word(44));
	event = decode(state, &d, EVENT_STREAM_CANCELLED);
	assert_number(&event.id, 10);
	assert_address(&event.by, BOB);
	assert_number(&event.amount, 44);

	begin(&d, STREAMING_AT, "StreamCompleted(uint256,uint256)");
	topic(&d, number_word(11));
	datum(&d, number_word(55));
	event = decode(state, &d, EVENT_STREAM_COMPLETED);
	assert_number(&event.id, 11);
	assert_number(&event.amount, 55);
}

static void test_look_alikes(void **state)
{
	struct draft d;

	transfer(&d, ELSEWHERE);
	assert_not_ours(state, &d);
	transfer(&d, STREAMING_AT);
	assert_not_ours(state, &d);
	begin(&d, USDC_AT, "StreamPaused(uint256,address)");
	topic(&d, number_word(9));
	topic(&d, address_word(ALICE));
	assert_not_ours(state, &d);
}

static void test_other_events(void **state)
{
	static const char *const others[] = {
	    "Approval(address,address,uint256)",
	    "LoanRequested(uint256,address,uint256)",
	    "MinterRemoved(address)",
	};
	struct draft d;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		begin(&d, STREAMING_AT, others[i]);
		assert_not_ours(state, &d);
		begin(&d, USDC_AT, others[i]);
		assert_not_ours(state, &d);
	}
	transfer(&d, USDC_AT);
	d.log.n_topics = 0;
	assert_not_ours(state, &d);
}

static void test_malformed(void **state)
{
	struct draft d;

	/* ERC-721's Transfer: the same topic0, the id indexed. */
	begin(&d, USDC_AT, "Transfer(address,address,uint256)");
	topic(&d, address_word(ALICE));
	topic(&d, address_word(BOB));
	topic(&d, number_word(1));
	assert_malformed(state, &d);

	for (size_t len = 0; len <= 96; len++) {
		transfer(&d, USDC_AT);
		d.log.data.len = len;
		if (len != 32)
			assert_malformed(state, &d);
	}
	for (uint8_t n = 1; n < 3; n++) {
		transfer(&d, USDC_AT);
		d.log.n_topics = n;
		assert_malformed(state, &d);
	}
	for (size_t bit = 0; bit < 96; bit++) {
		transfer(&d, USDC_AT);
		d.log.topics[1 + bit % 2].b[bit / 8] |= 1 << bit % 8;
		assert_malformed(state, &d);
	}
}

/* The token's Transfer and seven more, and the ten of a streaming contract. */
#define OF_TOKEN 8
#define FOLLOWED (OF_TOKEN + 10)

static void test_interests(void **state)
{
	const struct catalog_interest *all;
	size_t n = catalog_interests(*state, &all);
	size_t transfers = 0;

	assert_int_equal(n, FOLLOWED);
	for (size_t i = 0; i < n; i++) {
		struct address usdc = addr(USDC_AT);

		transfers += address_eq(&all[i].address, &usdc);
	}
	assert_int_equal(transfers, OF_TOKEN);
}

static void test_add(void **state)
{
	struct address other = addr(ELSEWHERE), usdc = addr(USDC_AT);
	const struct catalog_interest *all;
	struct fault fault = {0};
	struct draft d;

	assert_int_equal(catalog_add(*state, &other, "usdc", &fault),
			 ERR_USAGE);
	assert_non_null(strstr(fault.text, "PaymentStreaming"));
	assert_int_equal(catalog_add(*state, &usdc, "PaymentStreaming", &fault),
			 ERR_CONFLICT);
	assert_int_equal(catalog_interests(*state, &all), FOLLOWED);

	assert_int_equal(catalog_add(*state, &other, "USDC", &fault), OK);
	assert_int_equal(catalog_interests(*state, &all), FOLLOWED + OF_TOKEN);
	transfer(&d, ELSEWHERE);
	decode(state, &d, EVENT_TRANSFER);
	transfer(&d, USDC_AT);
	decode(state, &d, EVENT_TRANSFER);
}

static void test_empty(void **state)
{
	const struct catalog_interest *all;
	struct fault fault = {0};
	struct catalog *empty = NULL;
	void *as_state;
	struct draft d;

	(void)state;
	assert_int_equal(catalog_new(&empty, &fault), OK);
	assert_int_equal(catalog_interests(empty, &all), 0);
	transfer(&d, USDC_AT);
	as_state = empty;
	assert_not_ours(&as_state, &d);
	catalog_free(empty);
	catalog_free(NULL);
}

/* Random words behind an address and topic0 of ours: whatever decodes must
 * fit in every respect, the rest is malformed; nothing reads past the end
 * (which the sanitizers watch: the data is a block of exactly its size). */
static void test_random(void **state)
{
	const struct catalog_interest *all;
	size_t n = catalog_interests(*state, &all);
	uint32_t seed = 20240229;
	size_t fits = 0;

	for (size_t round = 0; round < 200000; round++) {
		struct raw_log log = {.n_topics = round % 5};
		size_t len = round % 7 ? 32 * (round % 4) : round % 131;
		uint8_t *data = malloc(len ? len : 1);
		const char *why = NULL;
		struct catalog_events event;

		assert_non_null(data);
		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)(seed = seed * 1664525 + 1013904223);
		for (size_t t = 1; t < 4; t++)
			for (size_t i = round & 8 ? 0 : 12; i < 32; i++)
				log.topics[t].b[i] =
				    (uint8_t)(seed = seed * 22695477 + 1);
		log.address = all[round % n].address;
		log.topics[0] = all[round % n].topic0;
		log.data = (struct bytes){data, len};
		switch (catalog_decode(*state, &log, &event, &why)) {
		case CATALOG_EVENT:
			fits++;
			break;
		case CATALOG_MALFORMED:
			assert_non_null(why);
			break;
		case CATALOG_NOT_OURS:
			assert_int_equal(log.n_topics, 0);
			break;
		}
		free(data);
	}
	assert_in_range(fits, 1000, 50000);
}

int main(void)
{
#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, make_catalog, free_catalog)
	const struct CMUnitTest tests[] = {
	    TEST(test_transfer),
	    TEST(test_stream_created),
	    TEST(test_release_and_claim),
	    TEST(test_pause_and_resume),
	    TEST(test_stream_ends),
	    TEST(test_look_alikes),
	    TEST(test_other_events),
	    TEST(test_malformed),
	    TEST(test_interests),
	    TEST(test_add),
	    TEST(test_empty),
	    TEST(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
