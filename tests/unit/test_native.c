#include "daemon/reconcile/native.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Random transactions, of few wallets and amounts so that much is equal: the
 * movements that are left over are those that were made, in 18 decimals. */

#define WALLETS 3
#define READINGS_MOST 256
#define ROUNDS 20000

struct transaction {
	struct reading readings[READINGS_MOST];
	size_t n;
	size_t movements;
	__int128 balances[WALLETS + 1]; /* the last is nobody's */
};

static uint32_t next(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 16) % below;
}

static struct address wallet(size_t n)
{
	return (struct address){{[19] = (uint8_t)(n == WALLETS ? 0 : n + 1)}};
}

static void add(struct transaction *t, enum event_kind kind, size_t from,
		size_t to, uint64_t amount)
{
	t->readings[t->n++] = (struct reading){
	    .match = CATALOG_EVENT,
	    .event = {.kind = kind,
		      .from = wallet(from),
		      .to = wallet(to),
		      .amount = u256_from_u64(amount)},
	};
}

static void move(struct transaction *t, size_t from, size_t to, uint64_t amount)
{
	t->movements++;
	t->balances[from] -= amount;
	t->balances[to] += amount;
}

static enum event_kind native_kind(size_t from, size_t to)
{
	return from == WALLETS ? EVENT_NATIVE_MINTED
	       : to == WALLETS ? EVENT_NATIVE_BURNED
			       : EVENT_NATIVE_TRANSFER;
}

/* Of nothing the chain logs nothing; of what stays where it is, only before
 * the hardfork. */
static void by_token(struct transaction *t, size_t from, size_t to,
		     uint64_t units, bool zero5)
{
	if (units > 0 && (from != to || !zero5))
		add(t, native_kind(from, to), from, to,
		    units * NATIVE_PER_UNIT);
	if (from == WALLETS || to == WALLETS)
		add(t, from == WALLETS ? EVENT_MINT : EVENT_BURN, from, to,
		    units);
	add(t, EVENT_TRANSFER, from, to, units);
	move(t, from, to, units * NATIVE_PER_UNIT);
}

static void by_value(struct transaction *t, size_t from, size_t to,
		     uint64_t amount)
{
	if (amount == 0 || from == to)
		return;
	add(t, native_kind(from, to), from, to, amount);
	move(t, from, to, amount);
}

static void make(struct transaction *t, uint32_t *seed)
{
	size_t calls = 1 + next(seed, 12);
	bool zero5 = next(seed, 2);

	memset(t, 0, sizeof(*t));
	for (size_t i = 0; i < calls; i++) {
		size_t from = next(seed, WALLETS + 1);
		size_t to = next(seed, from == WALLETS ? WALLETS : WALLETS + 1);
		uint64_t units = next(seed, 3);

		if (next(seed, 2))
			by_token(t, from, to, units, zero5);
		else
			by_value(t, from, to,
				 units * NATIVE_PER_UNIT +
				     (next(seed, 3) ? 0 : next(seed, 3)));
	}
}

static size_t owner(const struct address *address)
{
	return address->b[19] ? address->b[19] - 1u : WALLETS;
}

static void check(struct transaction *t)
{
	size_t movements = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct reading *r = &t->readings[i];
		uint64_t units;
		__int128 amount;

		if (r->match != CATALOG_EVENT ||
		    r->event.kind != EVENT_TRANSFER)
			continue;
		movements++;
		assert_true(r->dust < NATIVE_PER_UNIT);
		assert_true(u256_to_u64(&units, &r->event.amount));
		amount = (__int128)units * NATIVE_PER_UNIT + r->dust;
		t->balances[owner(&r->event.from)] += amount;
		t->balances[owner(&r->event.to)] -= amount;
	}
	assert_int_equal(movements, t->movements);
	for (size_t i = 0; i <= WALLETS; i++)
		assert_true(t->balances[i] == 0);
}

static void test_random(void **state)
{
	struct transaction t;
	uint32_t seed = 5042002;

	(void)state;
	for (size_t round = 0; round < ROUNDS; round++) {
		make(&t, &seed);
		native_settle(t.readings, t.n);
		for (size_t i = 0; i < t.n; i++)
			assert_false(native_is(&t.readings[i]));
		check(&t);
	}
}

/* What does not decode is left to whoever looks after it. */
static void test_malformed(void **state)
{
	struct transaction t = {.n = 0};

	(void)state;
	add(&t, EVENT_NATIVE_TRANSFER, 0, 1, NATIVE_PER_UNIT);
	add(&t, EVENT_TRANSFER, 0, 1, 1);
	t.readings[0].match = CATALOG_MALFORMED;
	native_settle(t.readings, t.n);
	assert_int_equal(t.readings[0].match, CATALOG_MALFORMED);
	assert_int_equal(t.readings[1].match, CATALOG_EVENT);

	t.readings[0].match = CATALOG_EVENT;
	t.readings[1].match = CATALOG_MALFORMED;
	native_settle(t.readings, t.n);
	assert_int_equal(t.readings[0].match, CATALOG_EVENT);
	assert_int_equal(t.readings[0].event.kind, EVENT_TRANSFER);
	assert_int_equal(t.readings[0].event.amount.w[0], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
