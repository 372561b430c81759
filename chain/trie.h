#ifndef GS_CHAIN_TRIE_H
#define GS_CHAIN_TRIE_H

#include <stddef.h>

#include "common/arena.h"
#include "common/buf.h"
#include "common/bytes.h"

/* Root hashes of Merkle-Patricia tries, Yellow Paper appendix D. */

/* keccak256(RLP("")): the root of a trie without entries. */
extern const struct hash trie_empty_root;

struct trie_entry {
	struct bytes key;
	struct bytes value; /* not empty: an empty value is no entry */
};

/* The root over entries in ascending byte order of their keys, each key once
 * and of at most TRIE_MAX_KEY bytes. ERR_BUG where that does not hold. */
#define TRIE_MAX_KEY 64
enum err trie_root(struct hash *root, const struct trie_entry *entries,
		   size_t n) MUST_CHECK;

/* The root of transactions or receipts: value i under the key RLP(i). Takes
 * some 40 bytes a value from arena. */
enum err trie_ordered_root(struct hash *root, const struct bytes *values,
			   size_t n, struct arena *arena) MUST_CHECK;

/* Those values: each of n items, size bytes apart, encoded into at most cap
 * bytes. They live in arena. The errors of buf and ERR_NOMEM. */
typedef void (*trie_encode)(struct buf *out, const void *item);
enum err trie_values(struct bytes **values, const void *items, size_t n,
		     size_t size, trie_encode encode, size_t cap,
		     struct arena *arena) MUST_CHECK;

#endif
