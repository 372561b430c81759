#include "daemon/reconcile/native.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Random transactions, of few wallets and amounts so that much is equal: the
 * movements that are left over are those that were made, in 18 decimals. */

#define WALLETS 3
#define ROUNDS 20000

struct transaction {
	struct arena *arena;
	struct natives natives;
	size_t made, counted;		/* movements */
	__int128 balances[WALLETS + 1]; /* made, not counted; the last is
					   nobody's */
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

static struct event event_of(enum event_kind kind, size_t from, size_t to,
			     uint64_t amount)
{
	return (struct event){.kind = kind,
			      .from = wallet(from),
			      .to = wallet(to),
			      .amount = u256_from_u64(amount)};
}

static void move(struct transaction *t, size_t from, size_t to, __int128 amount)
{
	t->balances[from] -= amount;
	t->balances[to] += amount;
}

static void log_native(struct transaction *t, enum event_kind kind, size_t from,
		       size_t to, uint64_t amount)
{
	struct event event = event_of(kind, from, to, amount);

	assert_true(native_is(kind));
	assert_int_equal(natives_add(&t->natives, t->arena, &event, NULL), OK);
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
	struct event transfer = event_of(EVENT_TRANSFER, from, to, units);

	if (units > 0 && (from != to || !zero5))
		log_native(t, native_kind(from, to), from, to,
			   units * NATIVE_PER_UNIT);
	natives_consume(&t->natives, &transfer);
	t->made++;
	t->counted++;
}

static void by_value(struct transaction *t, size_t from, size_t to,
		     uint64_t amount)
{
	if (amount == 0 || from == to)
		return;
	log_native(t, native_kind(from, to), from, to, amount);
	t->made++;
	move(t, from, to, amount);
}

static void play(struct transaction *t, uint32_t *seed)
{
	size_t calls = 1 + next(seed, 12);
	bool zero5 = next(seed, 2);

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

/* What is left over is what was sent by value. */
static void check(struct transaction *t)
{
	for (size_t i = 0; i < t->natives.n; i++) {
		const struct native *native = &t->natives.all[i];
		const struct event *transfer = &native->transfer;
		uint64_t units;

		if (native->consumed)
			continue;
		t->counted++;
		assert_int_equal(transfer->kind, EVENT_TRANSFER);
		assert_true(transfer->dust < NATIVE_PER_UNIT);
		assert_true(u256_to_u64(&units, &transfer->amount));
		move(t, owner(&transfer->to), owner(&transfer->from),
		     (__int128)units * NATIVE_PER_UNIT + transfer->dust);
	}
	assert_int_equal(t->counted, t->made);
	for (size_t i = 0; i <= WALLETS; i++)
		assert_true(t->balances[i] == 0);
}

static void test_random(void **state)
{
	struct transaction t = {.arena = arena_new(1 << 20)};
	uint32_t seed = 5042002;

	(void)state;
	assert_non_null(t.arena);
	for (size_t round = 0; round < ROUNDS; round++) {
		play(&t, &seed);
		check(&t);
		t.natives.n = t.made = t.counted = 0;
	}
	arena_free(t.arena);
}

static void test_kinds(void **state)
{
	size_t n = 0;

	(void)state;
	for (int kind = 0; kind < EVENT_KINDS; kind++)
		n += native_is((enum event_kind)kind);
	assert_int_equal(n, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
