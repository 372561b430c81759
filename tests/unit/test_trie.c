#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chain/rlp.h"
#include "chain/trie.h"
#include "common/keccak.h"
#include "tests/unit/lib_files.h"

#define MAX_ENTRIES 64

static struct arena *arena;

static void the_empty_root_is_known(void **state)
{
	struct hash root, computed = keccak256("\x80", 1);

	(void)state;
	assert_true(hash_eq(&computed, &trie_empty_root));
	assert_int_equal(trie_root(&root, NULL, 0), OK);
	assert_true(hash_eq(&root, &trie_empty_root));
	assert_int_equal(trie_ordered_root(&root, NULL, 0, arena), OK);
	assert_true(hash_eq(&root, &trie_empty_root));
}

/* Value i: RLP(i + 1) for every third, which makes nodes below 32 bytes, else
 * the hash of i twice. */
static struct bytes ordered_value(size_t i)
{
	uint8_t index[4] = {(uint8_t)(i >> 24), (uint8_t)(i >> 16),
			    (uint8_t)(i >> 8), (uint8_t)i};
	uint8_t small[RLP_U64_SIZE], twice[64];
	struct hash hash = keccak256(index, sizeof(index));

	if (i % 3 == 0)
		return arena_copy(arena, small, rlp_encode_u64(small, i + 1));
	memcpy(twice, hash.b, 32);
	memcpy(twice + 32, hash.b, 32);
	return arena_copy(arena, twice, sizeof(twice));
}

/* The roots are those of @ethereumjs/mpt over the same values: 127 to 130 and
 * 256 are where keys grow. */
static void ordered_roots_are_known(void **state)
{
	static const struct {
		size_t n;
		const char *root;
	} cases[] = {
#define ROOT(n, root) {n, "0x" root}
	    ROOT(1, "ac92bc8d02906a87a573c32c72bb427036f0e43d7a7375c5c491ebba0"
		    "64add15"),
	    ROOT(2, "2699a5be07c72be347ca0602ffe882087c34a4925c1e200236be8b286"
		    "b727fb9"),
	    ROOT(3, "8d3cc2c2210ffda2bb033da74ca71ad18728cb0fc989c52031147deb6"
		    "3f6be8f"),
	    ROOT(17, "63fe70bb92567eddb06fb9444fb3d3f296d32a661bc361242790fab7"
		     "85961809"),
	    ROOT(127, "8dd14deccba4dce833177c3587b515e976b7bfbe509b4868cf265bb"
		      "e00f9669c"),
	    ROOT(128, "806ca1621b922ae78e421a1028df08fc8559cc45e288424b8b5351f"
		      "b11efa7df"),
	    ROOT(129, "3528717c8b342adb3b6d5ba081812e169fff28eb5e7344ee5807a34"
		      "078ee7f94"),
	    ROOT(130, "a8bb055ef0c2fc77cb00b12318d57b0c03da112738749856ae64145"
		      "3d3772c0a"),
	    ROOT(256, "c4332fc71856bd3c6c12a06bdab059e943c2fc2e101a26f8bce7fe4"
		      "0a314ef14"),
	    ROOT(257, "42a8d962435afa65c7853392625bd38e87228062c6acb28c7236414"
		      "233b2b7ab"),
	    ROOT(1000, "2216f1a2f39f7b889a055d235d44f681d1b953dabd69bb83f5a347"
		       "005e373a22"),
#undef ROOT
	};
	struct bytes values[1000];

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		values[i] = ordered_value(i);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hash want = hash_from(cases[i].root), root;

		assert_int_equal(
		    trie_ordered_root(&root, values, cases[i].n, arena), OK);
		assert_true(hash_eq(&root, &want));
	}
}

/* A value moved, changed, added or left out changes the root. */
static void every_value_and_place_counts(void **state)
{
	struct bytes values[200], other[200];
	struct hash root, bent;

	(void)state;
	for (size_t i = 0; i < 200; i++)
		values[i] = ordered_value(i);
	assert_int_equal(trie_ordered_root(&root, values, 200, arena), OK);
	for (size_t i = 0; i < 200; i++) {
		uint8_t copy[64];

		memcpy(other, values, sizeof(other));
		memcpy(copy, values[i].data, values[i].len);
		copy[0] ^= 1;
		other[i].data = copy;
		assert_int_equal(trie_ordered_root(&bent, other, 200, arena),
				 OK);
		assert_false(hash_eq(&root, &bent));
	}
	memcpy(other, values, sizeof(other));
	other[0] = values[1];
	other[1] = values[0];
	assert_int_equal(trie_ordered_root(&bent, other, 200, arena), OK);
	assert_false(hash_eq(&root, &bent));
	assert_int_equal(trie_ordered_root(&bent, values, 199, arena), OK);
	assert_false(hash_eq(&root, &bent));
}

#define BYTES(text)                                                            \
	{                                                                      \
		(const uint8_t *)(text), sizeof(text) - 1                      \
	}

/* The example of ethereum.org's page on Merkle-Patricia tries: keys that are
 * the beginning of others, so that branches hold values. */
static void keys_may_begin_others(void **state)
{
	const struct trie_entry entries[] = {
	    {BYTES("do"), BYTES("verb")},
	    {BYTES("dog"), BYTES("puppy")},
	    {BYTES("doge"), BYTES("coin")},
	    {BYTES("horse"), BYTES("stallion")},
	};
	struct hash want =
	    hash_from("0x5991bb8c6514148a29db676a14ac506cd2cd5775a"
		      "ce63c30a4fe457715e9ac84");
	struct hash root;

	(void)state;
	assert_int_equal(trie_root(&root, entries, 4), OK);
	assert_true(hash_eq(&root, &want));
}

static void unsorted_entries_are_our_bug(void **state)
{
	const struct trie_entry swapped[] = {{BYTES("b"), BYTES("1")},
					     {BYTES("a"), BYTES("2")}};
	const struct trie_entry twice[] = {{BYTES("a"), BYTES("1")},
					   {BYTES("a"), BYTES("2")}};
	const struct trie_entry empty[] = {{BYTES("a"), {NULL, 0}}};
	struct hash root;

	(void)state;
	assert_int_equal(trie_root(&root, swapped, 2), ERR_BUG);
	assert_int_equal(trie_root(&root, twice, 2), ERR_BUG);
	assert_int_equal(trie_root(&root, empty, 1), ERR_BUG);
}

/* The official tests give keys of their own, so they go to trie_root; what
 * they delete is left out here, as this trie is never changed. */
struct table {
	struct trie_entry entries[MAX_ENTRIES];
	size_t n;
};

static struct bytes corpus_bytes(const char *text)
{
	if (strncmp(text, "0x", 2) == 0)
		return hex_bytes(arena, text);
	return arena_copy(arena, text, strlen(text));
}

static int by_key(const void *a, const void *b)
{
	const struct trie_entry *x = a, *y = b;
	size_t n = x->key.len < y->key.len ? x->key.len : y->key.len;
	int order = n ? memcmp(x->key.data, y->key.data, n) : 0;

	return order ? order
		     : (x->key.len > y->key.len) - (x->key.len < y->key.len);
}

static void set(struct table *table, const char *key, const char *value,
		bool is_secure)
{
	struct trie_entry entry = {.key = corpus_bytes(key)};
	struct hash hash = keccak256(entry.key.data, entry.key.len);
	size_t i = 0;

	if (is_secure)
		entry.key = arena_copy(arena, hash.b, sizeof(hash.b));
	while (i < table->n && by_key(&table->entries[i], &entry) != 0)
		i++;
	if (i < table->n)
		table->entries[i] = table->entries[--table->n];
	if (!value)
		return;
	entry.value = corpus_bytes(value);
	assert_true(table->n < MAX_ENTRIES);
	table->entries[table->n++] = entry;
}

static void check_root(struct table *table, const struct json *test)
{
	struct hash want = hash_from(json_text(json_at(test, "root"), NULL));
	struct hash root;

	qsort(table->entries, table->n, sizeof(table->entries[0]), by_key);
	assert_int_equal(trie_root(&root, table->entries, table->n), OK);
	assert_true(hash_eq(&root, &want));
}

static void run_ordered(const char *file, const char *const *names, size_t n,
			bool is_secure)
{
	struct json_doc *doc = corpus_json(file);

	assert_int_equal(json_count(json_doc_root(doc)), n);
	for (size_t i = 0; i < n; i++) {
		const struct json *test = json_at(json_doc_root(doc), names[i]);
		const struct json *in = json_at(test, "in");
		struct table table = {.n = 0};

		for (size_t k = 0; k < json_count(in); k++) {
			const struct json *pair = json_element(in, k);

			set(&table, json_text(json_element(pair, 0), NULL),
			    json_text(json_element(pair, 1), NULL), is_secure);
		}
		check_root(&table, test);
	}
	json_doc_free(doc);
}

static void corpus_trietest(void **state)
{
	static const char *const names[] = {"emptyValues", "branchingTests",
					    "jeff", "insert-middle-leaf",
					    "branch-value-update"};

	(void)state;
	run_ordered("ethereum-tests/TrieTests/trietest.json", names, 5, false);
	run_ordered("ethereum-tests/TrieTests/trietest_secureTrie.json", names,
		    3, true);
}

/* Objects there: their text is walked for its names. */
static void run_any_order(const char *file, const char *const *names,
			  const char *const keys[][6], size_t n, bool is_secure)
{
	struct json_doc *doc = corpus_json(file);

	assert_int_equal(json_count(json_doc_root(doc)), n);
	for (size_t i = 0; i < n; i++) {
		const struct json *test = json_at(json_doc_root(doc), names[i]);
		const struct json *in = json_at(test, "in");
		struct table table = {.n = 0};

		for (size_t k = 0; keys[i][k]; k++)
			set(&table, keys[i][k],
			    json_text(json_at(in, keys[i][k]), NULL),
			    is_secure);
		assert_int_equal(table.n, json_count(in));
		check_root(&table, test);
	}
	json_doc_free(doc);
}

static void corpus_trieanyorder(void **state)
{
	static const char *const names[] = {
	    "singleItem",  "dogs",  "puppy", "foo",
	    "smallValues", "testy", "hex"};
	static const char *const keys[][6] = {
	    {"A"},
	    {"doe", "dog", "dogglesworth"},
	    {"do", "horse", "doge", "dog"},
	    {"foo", "food"},
	    {"be", "dog", "bed"},
	    {"test", "te"},
	    {"0x0045", "0x4500"},
	};

	(void)state;
	run_any_order("ethereum-tests/TrieTests/trieanyorder.json", names, keys,
		      7, false);
	run_any_order("ethereum-tests/TrieTests/trieanyorder_secureTrie.json",
		      names, keys, 7, true);
}

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(1 << 26);
	return arena ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_empty_root_is_known),
	    cmocka_unit_test(ordered_roots_are_known),
	    cmocka_unit_test(every_value_and_place_counts),
	    cmocka_unit_test(keys_may_begin_others),
	    cmocka_unit_test(unsorted_entries_are_our_bug),
	    cmocka_unit_test(corpus_trietest),
	    cmocka_unit_test(corpus_trieanyorder),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
