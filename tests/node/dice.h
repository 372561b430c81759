#ifndef GS_TESTS_NODE_DICE_H
#define GS_TESTS_NODE_DICE_H

#include <stdbool.h>
#include <stdint.h>

/* Chance that can be replayed and reached at once: the dice of (seed, a, b, c)
 * fall the same way whenever they are thrown. SplitMix64 (Steele, Lea, Flood:
 * "Fast Splittable Pseudorandom Number Generators", 2014). */
struct dice {
	uint64_t state;
};

static inline uint64_t dice_mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static inline uint64_t dice_next(struct dice *dice)
{
	dice->state += UINT64_C(0x9e3779b97f4a7c15);
	return dice_mix(dice->state);
}

static inline struct dice dice_of(uint64_t seed, uint64_t a, uint64_t b,
				  uint64_t c)
{
	const uint64_t parts[] = {a, b, c};
	struct dice dice = {seed};

	for (unsigned i = 0; i < 3; i++)
		dice.state = dice_next(&dice) ^ dice_mix(parts[i] + i);
	return dice;
}

/* 0..n-1; n > 0. */
static inline uint64_t dice_below(struct dice *dice, uint64_t n)
{
	return dice_next(dice) % n;
}

static inline bool dice_chance(struct dice *dice, unsigned permille)
{
	return dice_below(dice, 1000) < permille;
}

#endif
