#ifndef GS_TESTS_LIB_INDEX_H
#define GS_TESTS_LIB_INDEX_H

#include <stddef.h>
#include <stdint.h>

/* Many numbers under one 64-bit key: open addressing, nothing is removed. */
struct index_slot {
	uint64_t key;
	uint32_t value; /* + 1; 0: empty */
};
struct index {
	struct index_slot *slots;
	size_t n, size;
};

uint64_t index_key(const void *a, size_t len_a, const void *b, size_t len_b);
void index_add(struct index *index, uint64_t key, uint32_t value);
void index_free(struct index *index);
/* Every value under key: for (at = 0; index_next(index, key, &at, &v);) */
int index_next(const struct index *index, uint64_t key, size_t *at,
	       uint32_t *value);

#endif
