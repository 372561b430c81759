#include "common/nearest.h"

#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t nearest_distance(const char *a, size_t a_len, const char *b,
			size_t b_len)
{
	/* row[i % 3][j]: between the first i of a and the first j of b */
	size_t row[3][NEAREST_MAX + 1];

	if (a_len > NEAREST_MAX || b_len > NEAREST_MAX)
		return SIZE_MAX;
	for (size_t j = 0; j <= b_len; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		const size_t *before = row[(i - 1) % 3];
		const size_t *swapped = row[(i + 1) % 3]; /* i - 2 */
		size_t *now = row[i % 3];

		now[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t cost = a[i - 1] != b[j - 1];
			size_t d = least(before[j], now[j - 1]) + 1;

			d = least(d, before[j - 1] + cost);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d = least(d, swapped[j - 2] + 1);
			now[j] = d;
		}
	}
	return row[a_len % 3][b_len];
}

size_t nearest_limit(const char *word)
{
	return (strlen(word) + 1) / 2;
}

void nearest_init(struct nearest *nearest, const char *word, size_t len)
{
	*nearest = (struct nearest){.word = word, .word_len = len};
	nearest->distance = nearest_limit(word) + 1;
}

void nearest_try(struct nearest *nearest, const char *word, size_t len)
{
	size_t distance =
	    nearest_distance(nearest->word, nearest->word_len, word, len);

	if (distance >= nearest->distance)
		return;
	nearest->found = word;
	nearest->found_len = len;
	nearest->distance = distance;
}
