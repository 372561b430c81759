#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "db/store/store_impl.h"

static struct hash hash_of(uint8_t seed)
{
	struct hash h;

	memset(h.b, seed, sizeof(h.b));
	return h;
}

static void test_unique(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct concern c = {0};
	struct address contract = {{1}}, other = {{2}};

	(void)state;
	assert_non_null(arena);
	concern_settle(&c);
	assert_int_equal(c.n_txs, 0);
	for (int i = 0; i < 300; i++) {
		struct hash tx = hash_of((uint8_t)(i % 7));
		struct u256 id = u256_from_u64((uint64_t)(i % 5));

		concern_add_tx(&c, arena, &tx);
		concern_add_object(&c, arena, i % 2 ? &contract : &other, &id);
	}
	concern_settle(&c);
	assert_false(c.failed);
	assert_int_equal(c.n_txs, 7);
	assert_int_equal(c.n_objects, 10);
	for (size_t i = 1; i < c.n_txs; i++)
		assert_true(hash_cmp(&c.txs[i - 1], &c.txs[i]) < 0);
	arena_free(arena);
}

/* Only what fits 160 bits, and never the event's own topic. */
static void test_topics(void **state)
{
	struct hash topics[4] = {{{0}}, {{0}}, hash_of(0x44), {{0}}};
	struct address expected;
	struct arena *arena = arena_new(1 << 20);
	struct concern c = {0};

	(void)state;
	assert_non_null(arena);
	memset(topics[0].b + 12, 0x11, 20);
	memset(topics[3].b + 12, 0x33, 20);
	memset(topics[1].b + 11, 0x22, 21);
	memset(expected.b, 0x33, sizeof(expected.b));
	concern_add_topics(&c, arena, topics, 4);
	concern_add_data(&c, arena, (struct bytes){topics[2].b, 32});
	assert_int_equal(c.n_wallets, 1);
	assert_true(address_eq(&c.wallets[0], &expected));
	arena_free(arena);
}

static void test_no_memory(void **state)
{
	struct arena *arena = arena_new(64);
	struct concern c = {0};

	(void)state;
	assert_non_null(arena);
	for (int i = 0; i < 100; i++) {
		struct hash tx = hash_of((uint8_t)i);

		concern_add_tx(&c, arena, &tx);
	}
	assert_true(c.failed);
	concern_settle(&c);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unique),
	    cmocka_unit_test(test_topics),
	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
