#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/keccak.h"
#include "daemon/sync/watchlist.h"

static struct address wallet(uint32_t number)
{
	struct hash hash = keccak256(&number, sizeof(number));
	struct address address;

	memcpy(address.b, hash.b, sizeof(address.b));
	return address;
}

static void has_what_was_added_and_nothing_else(void **state)
{
	struct watchlist list;
	const struct address zero = {{0}};

	(void)state;
	watchlist_init(&list);
	for (uint32_t i = 0; i < 10000; i++) {
		struct address a = wallet(i);

		assert_false(watchlist_has(&list, &a));
		assert_int_equal(watchlist_add(&list, &a), OK);
		assert_int_equal(watchlist_add(&list, &a), OK);
		assert_true(watchlist_has(&list, &a));
	}
	assert_int_equal(list.n, 10000);
	for (uint32_t i = 0; i < 20000; i++) {
		struct address a = wallet(i);

		assert_int_equal(watchlist_has(&list, &a), i < 10000);
	}
	assert_int_equal(watchlist_add(&list, &zero), OK);
	assert_false(watchlist_has(&list, &zero));
	watchlist_free(&list);
}

/* Addresses that differ only at their beginning share a slot and must still
 * be told apart. */
static void tells_crowded_addresses_apart(void **state)
{
	struct watchlist list;
	struct address a = {{0}};

	(void)state;
	watchlist_init(&list);
	for (unsigned i = 1; i < 200; i++) {
		a.b[0] = (uint8_t)i;
		assert_int_equal(watchlist_add(&list, &a), OK);
	}
	assert_int_equal(list.n, 199);
	a.b[0] = 200;
	assert_false(watchlist_has(&list, &a));
	watchlist_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(has_what_was_added_and_nothing_else),
	    cmocka_unit_test(tells_crowded_addresses_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
