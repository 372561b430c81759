#ifndef GS_CHAIN_RLP_H
#define GS_CHAIN_RLP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/bytes.h"
#include "common/u256.h"

/* Recursive Length Prefix, Yellow Paper appendix B. */

/* Writing appends to a buf; the buf's sticky error is checked once, at the
 * end, by whoever uses what was written. */
void rlp_put_bytes(struct buf *out, const void *data, size_t len);
/* Integers are big-endian without leading zeros; 0 is the empty string. */
void rlp_put_u64(struct buf *out, uint64_t value);
/* The same into memory; returns the length, 1..RLP_U64_SIZE. */
#define RLP_U64_SIZE 9
size_t rlp_encode_u64(uint8_t out[RLP_U64_SIZE], uint64_t value);
void rlp_put_u256(struct buf *out, const struct u256 *value);
/* What is put between the two calls becomes one list. Lists nest. */
size_t rlp_open_list(struct buf *out) MUST_CHECK;
void rlp_close_list(struct buf *out, size_t mark);

/* An item as it stands in somebody else's bytes. */
struct rlp_item {
	bool is_list;
	struct bytes payload; /* without its header */
	struct bytes whole;   /* with it */
};

/* Reads one item off the front of *in and moves *in past it. Only the one
 * canonical form is accepted: shortest length, no leading zeros in it, a
 * single byte below 0x80 as itself. Items inside a list are not looked at.
 * ERR_SYNTAX, with both untouched, for anything else. */
enum err rlp_next(struct rlp_item *item, struct bytes *in) MUST_CHECK;
/* A whole text: one item with nothing behind it, canonical all the way down.
 * Nesting above RLP_MAX_DEPTH is ERR_LIMIT. */
#define RLP_MAX_DEPTH 256
enum err rlp_check(struct bytes text) MUST_CHECK;
/* The payload of a string item as an integer; a leading zero is ERR_SYNTAX,
 * more than 64 (256) bits is ERR_RANGE. */
enum err rlp_u64(uint64_t *out, const struct rlp_item *item) MUST_CHECK;
enum err rlp_u256(struct u256 *out, const struct rlp_item *item) MUST_CHECK;

#endif
