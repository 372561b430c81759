#ifndef GS_COMMON_NEAREST_H
#define GS_COMMON_NEAREST_H

#include <stddef.h>

/* How many typing errors lie between a and b: insert, delete, replace, swap
 * of neighbours (the optimal string alignment distance). Words longer than
 * NEAREST_MAX are nobody's typing error: SIZE_MAX. */
#define NEAREST_MAX 64
size_t nearest_distance(const char *a, size_t a_len, const char *b,
			size_t b_len);

/* How far another word may be from this one and still be what was meant. */
size_t nearest_limit(const char *word);

/* The nearest valid word, found while going through all of them. */
struct nearest {
	const char *word; /* what was written */
	size_t word_len;
	const char *found; /* NULL: none is near */
	size_t found_len, distance;
};
void nearest_init(struct nearest *nearest, const char *word, size_t len);
void nearest_try(struct nearest *nearest, const char *word, size_t len);

#endif
