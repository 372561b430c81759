#ifndef GS_COMMON_UTF8_H
#define GS_COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The length (1..4) of the UTF-8 sequence that the NUL-terminated text begins
 * with (RFC 3629: no overlong form, no surrogate); 0 if it is malformed. */
size_t utf8_length(const char *text);

/* C0, DEL and C1 (U+0080 to U+009F): what a terminal would obey. */
bool utf8_is_control(const char *text);

#endif
