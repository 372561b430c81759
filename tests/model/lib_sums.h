#ifndef GS_TESTS_MODEL_SUMS_H
#define GS_TESTS_MODEL_SUMS_H

#include "common/u256.h"

/* Arithmetic of which it is known that it cannot overflow: asserted. */
struct u256 plus(struct u256 a, struct u256 b);
struct u256 minus(struct u256 a, struct u256 b);
bool equal(struct u256 a, struct u256 b);

/* total * part / whole, rounded down as Solidity does; whole > 0. False where
 * the product overflows, which reverts a call. */
bool portion(struct u256 *out, struct u256 total, uint64_t part,
	     uint64_t whole) MUST_CHECK;

#endif
