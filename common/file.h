#ifndef GS_COMMON_FILE_H
#define GS_COMMON_FILE_H

#include "common/buf.h"

/* Reads the whole file at path, at most out->cap bytes. The fault says what
 * is wrong with the file, without its path. ERR_MISSING: there is none. */
enum err file_read(struct buf *out, const char *path,
		   struct fault *fault) MUST_CHECK;

#endif
