#ifndef GS_CONFIG_FILE_H
#define GS_CONFIG_FILE_H

#include "common/buf.h"
#include "common/error.h"

/* Reads the whole file at path, at most out->cap bytes. The fault says what
 * is wrong with the file, without its path. ERR_MISSING: there is none. */
enum err file_read(struct buf *out, const char *path,
		   struct fault *fault) MUST_CHECK;

/* A secret's file: its one line of text, without the line's end, no control
 * characters in it. The caller frees *out. */
enum err file_read_secret(char **out, const char *path,
			  struct fault *fault) MUST_CHECK;

#endif
