#include "tests/model/lib_sums.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

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
	if (!u256_mul_u64(&total, &total, part))
		return false;
	*out = u256_div_u64(&total, whole, NULL);
	return true;
}
