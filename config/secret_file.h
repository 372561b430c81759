#ifndef GS_CONFIG_SECRET_FILE_H
#define GS_CONFIG_SECRET_FILE_H

#include "common/error.h"

/* A secret's file: its one line of text, without the line's end, no control
 * characters in it. The fault says what is wrong with the file, without its
 * path. The caller frees *out. */
enum err file_read_secret(char **out, const char *path,
			  struct fault *fault) MUST_CHECK;

#endif
