#ifndef GS_COMMON_U256_H
#define GS_COMMON_U256_H

#include "common/bytes.h"
#include <stdbool.h>
#include <stdint.h>

/* An unsigned 256-bit integer; w[0] is the least significant limb. */
struct u256 {
	uint64_t w[4];
};

struct u256 u256_from_u64(uint64_t v);
/* Big-endian, len <= 32 (a shorter one is padded on the left). */
struct u256 u256_from_be(const uint8_t *data, size_t len);
void u256_to_be(uint8_t out[32], const struct u256 *v);

int u256_cmp(const struct u256 *a, const struct u256 *b);
bool u256_is_zero(const struct u256 *v);
/* False, with out untouched, when v does not fit. */
bool u256_to_u64(uint64_t *out, const struct u256 *v) MUST_CHECK;
/* Checked: false, with out untouched, on overflow or underflow. */
bool u256_add(struct u256 *out, const struct u256 *a,
	      const struct u256 *b) MUST_CHECK;
bool u256_sub(struct u256 *out, const struct u256 *a,
	      const struct u256 *b) MUST_CHECK;
bool u256_mul_u64(struct u256 *out, const struct u256 *a,
		  uint64_t factor) MUST_CHECK;
/* v / divisor, rounded down, and in rest (NULL: not asked for) what is left
 * over. divisor is not 0. */
struct u256 u256_div_u64(const struct u256 *v, uint64_t divisor,
			 uint64_t *rest);

#define U256_TEXT_SIZE 80 /* 78 digits, NUL */
const char *u256_format(char text[U256_TEXT_SIZE], const struct u256 *v);
enum err u256_parse(struct u256 *out,
		    const char *text) MUST_CHECK; /* decimal */
/* A JSON-RPC QUANTITY of up to 64 digits. */
enum err u256_parse_quantity(struct u256 *out, const char *text) MUST_CHECK;

/* USDC has six decimals: base units 1234567 <-> "1.234567". Exact over the
 * whole range; format always writes six decimals, as numeric(78,6) prints. */
#define USDC_DECIMALS 6
#define USDC_TEXT_SIZE 82
const char *usdc_format(char text[USDC_TEXT_SIZE], const struct u256 *units);
/* Up to six decimals; more only if they are zero. */
enum err usdc_parse(struct u256 *units, const char *text) MUST_CHECK;

#endif
