#ifndef GS_COMMON_EMBEDDED_H
#define GS_COMMON_EMBEDDED_H

#include <stddef.h>

/* A file of ours inside the binary: see common/embed.cmake. */
struct embedded {
	const char *name; /* the file's name without folder and ending */
	const char *text; /* NUL-terminated */
	size_t len;	  /* without the NUL */
};

#endif
