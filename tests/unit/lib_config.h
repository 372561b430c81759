#ifndef GS_TESTS_UNIT_LIB_CONFIG_H
#define GS_TESTS_UNIT_LIB_CONFIG_H

#include <stddef.h>

#include "config/config.h"

/* Configuration files for tests, each in a folder that goes with its test. */

/* Stands in every secret of config_good, and must never be in an error. */
#define SECRET "hunter2"

extern const char config_good[]; /* says something about every option */
/* Just enough to be complete; the cases of one error are put behind it. */
extern const char config_least[];

struct folder {
	char path[64];
	char file[96];
	char secret[96];
};

/* Around each test (cmocka): a struct folder, and an environment that says
 * nothing to us. */
int folder_make(void **state);
int folder_remove(void **state);

void write_bytes(const char *path, const void *data, size_t len);
void write_text(const char *path, const char *text);
/* Must load; free with config_free. NULL: no file. */
struct config *load(const char *path);
struct config *load_text(const struct folder *f, const char *text);
/* Loading must fail, and the sentence must hold expected and no secret. */
void refuse(const char *path, const char *expected);
void refuse_text(const struct folder *f, const char *text,
		 const char *expected);

#endif
