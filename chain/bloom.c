#include "chain/bloom.h"

#include "common/keccak.h"
#include <string.h>

#define BITS_PER_VALUE 3

/* Byte pair i of the hash, modulo 2048, numbered from the last byte's lowest
 * bit: Yellow Paper 4.3.1, M3:2048. */
static unsigned bit_of(const struct hash *hash, size_t i)
{
	return (hash->b[2 * i] << 8 | hash->b[2 * i + 1]) & 2047u;
}

void bloom_add(struct bloom *bloom, const void *data, size_t len)
{
	struct hash hash = keccak256(data, len);

	for (size_t i = 0; i < BITS_PER_VALUE; i++) {
		unsigned bit = bit_of(&hash, i);

		bloom->b[255 - bit / 8] |= (uint8_t)(1u << bit % 8);
	}
}

bool bloom_has(const struct bloom *bloom, const void *data, size_t len)
{
	struct hash hash = keccak256(data, len);

	for (size_t i = 0; i < BITS_PER_VALUE; i++) {
		unsigned bit = bit_of(&hash, i);

		if (!(bloom->b[255 - bit / 8] & 1u << bit % 8))
			return false;
	}
	return true;
}

void bloom_add_log(struct bloom *bloom, const struct raw_log *log)
{
	bloom_add(bloom, log->address.b, sizeof(log->address.b));
	for (size_t i = 0; i < log->n_topics; i++)
		bloom_add(bloom, log->topics[i].b, sizeof(log->topics[i].b));
}

void bloom_merge(struct bloom *bloom, const struct bloom *other)
{
	for (size_t i = 0; i < sizeof(bloom->b); i++)
		bloom->b[i] |= other->b[i];
}

bool bloom_eq(const struct bloom *a, const struct bloom *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}
