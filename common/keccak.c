#include "common/keccak.h"

#include <endian.h>
#include <nettle/sha3.h>
#include <string.h>

/* FIPS 202, table 3: 1600 bits of state less twice the digest's 256. */
#define RATE 136

static void absorb(struct sha3_state *state, const uint8_t block[RATE])
{
	for (size_t i = 0; i < RATE / 8; i++) {
		uint64_t lane;

		memcpy(&lane, block + 8 * i, sizeof(lane));
		state->a[i] ^= le64toh(lane);
	}
	sha3_permute(state);
}

struct hash keccak256(const void *data, size_t len)
{
	struct sha3_state state = {{0}};
	const uint8_t *at = data;
	uint8_t last[RATE] = {0};
	struct hash digest;

	for (; len >= RATE; at += RATE, len -= RATE)
		absorb(&state, at);
	if (len)
		memcpy(last, at, len);
	last[len] = 0x01;
	last[RATE - 1] |= 0x80;
	absorb(&state, last);
	for (size_t i = 0; i < sizeof(digest.b) / 8; i++) {
		uint64_t lane = htole64(state.a[i]);

		memcpy(digest.b + 8 * i, &lane, sizeof(lane));
	}
	return digest;
}
