#ifndef GS_CHAIN_JSON_INDEX_H
#define GS_CHAIN_JSON_INDEX_H

#include "chain/json.h"
#include "common/bytes.h"

/* What json.c and json_scan.c share: how a document is held. Its text is
 * copied once; strings are decoded in place, where they get shorter or stay,
 * and end in a NUL that stands where their closing quote was. Beside it is one
 * array of entries, one for each value and each name, in the order of the text:
 *
 *   {"a":[7,"x"],"b":null}    object "a" array 7 "x" "b" null
 *
 * so that nothing is allocated for a value, and what follows a value is found
 * by its size. */
struct json {
	union {
		const char *text; /* STRING, decoded; REAL, as it was written */
		int64_t integer;
		bool truth;
	};
	uint32_t n;    /* elements, members, or bytes of text */
	uint32_t size; /* entries, this one and those inside it */
	enum json_kind kind;
};

struct json_doc {
	char *text;
	size_t text_size; /* bytes that text has room for */
	struct json *index;
	size_t n, room; /* entries */
};

/* The entry behind the value. */
static inline const struct json *json_behind(const struct json *value)
{
	return value + value->size;
}

/* Decodes the string whose opening quote *at stands on, into entry, and passes
 * it. NULL; or what is wrong with it, and where is *at. */
const char *json_unquote(char **at, struct json *entry);

/* Reads the len bytes at doc->text, behind which JSON_PADDING zeros stand, into
 * doc->index. */
#define JSON_PADDING 8
enum err json_scan(struct json_doc *doc, size_t len,
		   struct fault *fault) MUST_CHECK;

#endif
