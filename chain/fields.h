#ifndef GS_CHAIN_FIELDS_H
#define GS_CHAIN_FIELDS_H

#include "chain/json.h"
#include "common/address.h"
#include "common/arena.h"
#include "common/bytes.h"
#include "common/u256.h"

/* Reads one JSON object of a node, field by field, strictly: QUANTITY and
 * DATA as execution-apis src/schemas/base-types.yaml has them. The error is
 * sticky: after the first one every call does nothing, and a parser checks
 * once, at its end. Faults name the object and the field. Absent and null are
 * the same: a field is there or it is not. */
struct fields {
	const struct json *object;
	char what[64];
	struct fault *fault;
	enum err err; /* OK, ERR_NONSENSE or ERR_NOMEM */
};

/* Starts on object (ERR_NONSENSE when it is none), which faults call what. */
void fields_open(struct fields *f, const struct json *object,
		 struct fault *fault, const char *what, ...) PRINTF_LIKE(4, 5);

/* The result of a call, before it is read: OK when it is of that kind,
 * ERR_NOT_YET for null, ERR_NONSENSE for everything else. */
enum err fields_result(const struct json *result, enum json_kind kind,
		       const char *what, struct fault *fault) MUST_CHECK;

bool fields_has(const struct fields *f, const char *name);

/* Each field is required: ask fields_has first where it may be missing. On
 * failure out is worth nothing. */
void fields_u64(struct fields *f, const char *name, uint64_t *out);
void fields_u256(struct fields *f, const char *name, struct u256 *out);
void fields_hash(struct fields *f, const char *name, struct hash *out);
void fields_address(struct fields *f, const char *name, struct address *out);
void fields_bool(struct fields *f, const char *name, bool *out);
/* DATA of exactly len bytes. */
void fields_fixed(struct fields *f, const char *name, uint8_t *out, size_t len);
/* DATA of at most cap bytes, copied into arena. */
void fields_data(struct fields *f, const char *name, struct bytes *out,
		 size_t cap, struct arena *arena);
/* An array of at most cap elements; NULL on failure. */
const struct json *fields_array(struct fields *f, const char *name, size_t cap);
/* An array of at most cap 32-byte hashes into out, which has room for cap;
 * *n is how many there are. */
void fields_hashes(struct fields *f, const char *name, struct hash *out,
		   size_t *n, size_t cap);
/* Zeroed memory of arena for n elements; NULL on failure. */
void *fields_room(struct fields *f, struct arena *arena, size_t n, size_t size);

/* Refuses the object for a reason the parser found: "receipt 3: ..." */
void fields_refuse(struct fields *f, enum err err, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif
