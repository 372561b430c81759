#include "tests/model/lib_sums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

__extension__ typedef unsigned __int128 u128;

struct u256 plus(struct u256 a, struct u256 b)
{
	assert_true(u256_add(&a, &a, &b));
	return a;
}

struct u256 minus(struct u256 a, struct u256 b)
{
	assert_true(u256_sub(&a, &a, &b));
	return a;
}

bool equal(struct u256 a, struct u256 b)
{
	return u256_cmp(&a, &b) == 0;
}

bool portion(struct u256 *out, struct u256 total, uint64_t part, uint64_t whole)
{
	struct u256 v;
	u128 carry = 0;

	for (int i = 0; i < 4; i++) {
		carry += (u128)total.w[i] * part;
		v.w[i] = (uint64_t)carry;
		carry >>= 64;
	}
	if (carry)
		return false;
	for (int i = 3; i >= 0; i--) {
		carry = carry << 64 | v.w[i];
		v.w[i] = (uint64_t)(carry / whole);
		carry %= whole;
	}
	*out = v;
	return true;
}
