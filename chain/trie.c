#include "chain/trie.h"

#include "chain/rlp.h"
#include "common/keccak.h"
#include <stdbool.h>
#include <string.h>

/* No tree is built: the entries are sorted, so that every node is a range of
 * them, and its RLP is written depth first onto one buffer. A child is
 * written where its parent wants it and, once whole, replaced by its hash. */

const struct hash trie_empty_root = {
    {0x56, 0xe8, 0x1f, 0x17, 0x1b, 0xcc, 0x55, 0xa6, 0xff, 0x83, 0x45,
     0xe6, 0x92, 0xc0, 0xf8, 0x6e, 0x5b, 0x48, 0xe0, 0x1b, 0x99, 0x6c,
     0xad, 0xc0, 0x01, 0x62, 0x2f, 0xb5, 0xe3, 0x63, 0xb4, 0x21}};

/* Above the largest value: 2 * TRIE_MAX_KEY open branches of up to 16 hashes
 * of 33 bytes, and what is small beside them. */
#define NODES_ROOM (2 * TRIE_MAX_KEY * 1024)

struct range {
	const struct trie_entry *first;
	size_t n;
};

static uint8_t nibble(const struct bytes *key, size_t i)
{
	return i % 2 ? key->data[i / 2] & 15 : key->data[i / 2] >> 4;
}

/* How many nibbles all keys of the range share: sorted, so that comparing the
 * first with the last will do. */
static size_t shared_nibbles(const struct range *range, size_t depth)
{
	const struct bytes *a = &range->first[0].key;
	const struct bytes *b = &range->first[range->n - 1].key;
	size_t end = 2 * (a->len < b->len ? a->len : b->len);

	while (depth < end && nibble(a, depth) == nibble(b, depth))
		depth++;
	return depth;
}

/* Nibbles from..to of key in hex-prefix encoding: Yellow Paper appendix C. */
static void put_path(struct buf *out, const struct bytes *key, size_t from,
		     size_t to, bool is_leaf)
{
	uint8_t path[TRIE_MAX_KEY + 1];
	uint8_t flag = is_leaf ? 0x20 : 0;
	size_t n = 0;

	if ((to - from) % 2)
		path[n++] = flag | 0x10 | nibble(key, from++);
	else
		path[n++] = flag;
	for (; from < to; from += 2)
		path[n++] =
		    (uint8_t)(nibble(key, from) << 4 | nibble(key, from + 1));
	rlp_put_bytes(out, path, n);
}

/* Cuts those entries off the front of rest whose nibble at depth is this. */
static struct range cut(struct range *rest, size_t depth, uint8_t which)
{
	struct range child = {rest->first, 0};

	while (child.n < rest->n &&
	       nibble(&child.first[child.n].key, depth) == which)
		child.n++;
	rest->first += child.n;
	rest->n -= child.n;
	return child;
}

static void put_node(struct buf *out, struct range range, size_t depth);

/* A node inside another one: as it is below 32 bytes, else its hash. */
static void put_child(struct buf *out, struct range range, size_t depth)
{
	size_t mark = out->len;
	struct hash hash;

	put_node(out, range, depth);
	if (out->err != OK || out->len - mark < sizeof(hash.b))
		return;
	hash = keccak256(out->data + mark, out->len - mark);
	out->len = mark;
	rlp_put_bytes(out, hash.b, sizeof(hash.b));
}

/* A key that ends here sorts before those that go on. */
static void put_branch(struct buf *out, struct range range, size_t depth)
{
	struct bytes value = {NULL, 0};

	if (2 * range.first->key.len == depth) {
		value = range.first->value;
		range.first++;
		range.n--;
	}
	for (uint8_t which = 0; which < 16; which++) {
		struct range child = cut(&range, depth, which);

		if (child.n > 0)
			put_child(out, child, depth + 1);
		else
			rlp_put_bytes(out, NULL, 0);
	}
	rlp_put_bytes(out, value.data, value.len);
}

static void put_node(struct buf *out, struct range range, size_t depth)
{
	const struct bytes *key = &range.first->key;
	size_t list = rlp_open_list(out);
	size_t shared;

	if (range.n == 1) {
		put_path(out, key, depth, 2 * key->len, true);
		rlp_put_bytes(out, range.first->value.data,
			      range.first->value.len);
	} else {
		shared = shared_nibbles(&range, depth);
		if (shared > depth) {
			put_path(out, key, depth, shared, false);
			put_child(out, range, shared);
		} else {
			put_branch(out, range, depth);
		}
	}
	rlp_close_list(out, list);
}

static bool comes_before(const struct bytes *a, const struct bytes *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int order = n > 0 ? memcmp(a->data, b->data, n) : 0;

	return order < 0 || (order == 0 && a->len < b->len);
}

/* What the buffer may grow to; ERR_BUG when the entries are not as promised. */
static enum err room_for(size_t *room, const struct trie_entry *entries,
			 size_t n)
{
	size_t largest = 0;

	for (size_t i = 0; i < n; i++) {
		if (entries[i].key.len > TRIE_MAX_KEY ||
		    entries[i].value.len == 0)
			return ERR_BUG;
		if (i > 0 &&
		    !comes_before(&entries[i - 1].key, &entries[i].key))
			return ERR_BUG;
		if (entries[i].value.len > largest)
			largest = entries[i].value.len;
	}
	*room = largest + NODES_ROOM;
	return OK;
}

enum err trie_root(struct hash *root, const struct trie_entry *entries,
		   size_t n)
{
	struct buf out;
	size_t room;
	enum err err = room_for(&room, entries, n);

	if (err != OK)
		return err;
	if (n == 0) {
		*root = trie_empty_root;
		return OK;
	}
	buf_init(&out, room);
	put_node(&out, (struct range){entries, n}, 0);
	err = out.err;
	if (err == OK)
		*root = keccak256(out.data, out.len);
	buf_free(&out);
	return err;
}

/* RLP(0) is 0x80 and sorts between 0x7f and 0x8180: 1..127, 0, 128... */
static size_t index_at(size_t place, size_t n)
{
	size_t zero = n <= 128 ? n - 1 : 127;

	if (place == zero)
		return 0;
	return place < zero ? place + 1 : place;
}

enum err trie_ordered_root(struct hash *root, const struct bytes *values,
			   size_t n, struct arena *arena)
{
	struct trie_entry *entries = ARENA_ARRAY(arena, struct trie_entry, n);
	uint8_t(*keys)[RLP_U64_SIZE] = arena_alloc(arena, n, RLP_U64_SIZE);

	if (!entries || !keys)
		return ERR_NOMEM;
	for (size_t place = 0; place < n; place++) {
		size_t i = index_at(place, n);
		size_t len = rlp_encode_u64(keys[place], i);

		entries[place].key = (struct bytes){keys[place], len};
		entries[place].value = values[i];
	}
	return trie_root(root, entries, n);
}

enum err trie_values(struct bytes **values, const void *items, size_t n,
		     size_t size, trie_encode encode, size_t cap,
		     struct arena *arena)
{
	struct bytes *list = ARENA_ARRAY(arena, struct bytes, n);
	const uint8_t *item = items;
	enum err err = list ? OK : ERR_NOMEM;
	struct buf text;

	buf_init(&text, cap);
	for (size_t i = 0; i < n && err == OK; i++, item += size) {
		buf_reset(&text);
		encode(&text, item);
		err = text.err;
		if (err == OK)
			list[i] = arena_copy(arena, text.data, text.len);
		if (err == OK && !list[i].data)
			err = ERR_NOMEM;
	}
	buf_free(&text);
	if (err == OK)
		*values = list;
	return err;
}
