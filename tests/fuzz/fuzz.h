#ifndef GS_TESTS_FUZZ_H
#define GS_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chain/json.h"
#include "chain/receipt.h"
#include "common/arena.h"
#include "common/bytes.h"

/* What fuzz targets share. A target is one file here; what it reads and what
 * must hold of it stands at its top. ./dev fuzz links it with libFuzzer, which
 * calls this with one input after another; ./dev test links it with
 * lib_replay.c, which calls it with the inputs that are kept. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold, whatever the input: ends the program where it does not. */
#define CHECK(condition)                                                       \
	((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *what, const char *file, int line);

/* An input, taken apart from its front on. */
struct input {
	const uint8_t *at;
	size_t left;
};

/* The next byte; 0 behind the end. */
uint8_t input_byte(struct input *in);
/* The next len bytes; zeros behind the end. */
void input_take(struct input *in, void *out, size_t len);
/* All that comes before the next byte of this value, or all that is left; the
 * byte itself is dropped. NUL-terminated and of exactly that size, so that a
 * sanitizer sees who reads on; the caller frees it. len may be NULL. */
char *input_text(struct input *in, int end, size_t *len);
#define INPUT_ALL (-1) /* for end: whatever is left */

/* A copy of len bytes of text in which secret stands for each byte 0x01: what
 * must never be shown. The caller frees it. */
struct buf with_secret(const char *text, size_t len, const char *secret);

/* The input as JSON; NULL when it is none. */
struct json_doc *input_json(const uint8_t *data, size_t size);
/* An arena that is large enough for every input. */
struct arena *fuzz_arena(void);

/* A fault says what is wrong: its code, and a sentence. */
void check_fault(enum err err, const struct fault *fault);

bool same_raw_log(const struct raw_log *a, const struct raw_log *b);
bool same_receipt(const struct receipt *a, const struct receipt *b);

#endif
