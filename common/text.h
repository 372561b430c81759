#ifndef GS_COMMON_TEXT_H
#define GS_COMMON_TEXT_H

#include <stddef.h>

/* The length (1..4) of the UTF-8 sequence that the NUL-terminated text begins
 * with (RFC 3629: no overlong form, no surrogate); 0 if it is malformed. */
size_t utf8_length(const char *text);

/* The candidate a person most likely meant by word: the fewest letters added,
 * left out, changed or swapped. NULL when none is near. */
const char *text_nearest(const char *word, const char *const *candidates,
			 size_t n);

#endif
