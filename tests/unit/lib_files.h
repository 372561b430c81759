#ifndef GS_TESTS_LIB_FILES_H
#define GS_TESTS_LIB_FILES_H

#include <stddef.h>

#include "chain/json.h"
#include "common/arena.h"
#include "common/bytes.h"

/* Files that tests read. What fails fails the test; a corpus that is absent
 * skips it. Memory is the caller's: free, json_doc_free. */

/* A file of the corpora, NUL-terminated; name is below CORPORA. */
char *corpus_text(const char *name, size_t *len);
struct json_doc *corpus_json(const char *name);
/* The reply ("<<" line) of an execution-apis fixture. */
struct json_doc *corpus_reply(const char *name);
/* A file of the tests' own, below tests/. */
struct json_doc *own_json(const char *name);

struct json_doc *json_doc_of(const char *text);
/* A path of names and [indexes]: "response/result", "0/response". */
const struct json *json_at(const struct json *value, const char *path);
/* "0x" or bare hex digits as bytes of arena. */
struct bytes hex_bytes(struct arena *arena, const char *text);
struct hash hash_from(const char *text);

/* The value as text with one bit flipped in the last hex digit of the nth
 * "0x" text behind the name; NULL when there is no such digit. */
char *flip_bit(const struct json *value, const char *name, size_t nth);

#endif
