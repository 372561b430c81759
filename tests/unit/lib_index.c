#include "tests/unit/lib_index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static uint64_t mix(uint64_t h, const uint8_t *data, size_t len)
{
	/* FNV-1a, 64 bits. */
	for (size_t i = 0; i < len; i++)
		h = (h ^ data[i]) * UINT64_C(0x100000001b3);
	return h;
}

uint64_t index_key(const void *a, size_t len_a, const void *b, size_t len_b)
{
	uint64_t h = mix(UINT64_C(0xcbf29ce484222325), a, len_a);

	h = mix(h, b, len_b);
	return h ^ (h >> 29);
}

static void put(struct index *index, uint64_t key, uint32_t stored)
{
	size_t at = key & (index->size - 1);

	while (index->slots[at].value)
		at = (at + 1) & (index->size - 1);
	index->slots[at] = (struct index_slot){key, stored};
}

void index_add(struct index *index, uint64_t key, uint32_t value)
{
	if (index->n * 2 >= index->size) {
		struct index old = *index;

		index->size = old.size ? old.size * 2 : 64;
		index->slots = calloc(index->size, sizeof(*index->slots));
		assert_non_null(index->slots);
		for (size_t i = 0; i < old.size; i++)
			if (old.slots[i].value)
				put(index, old.slots[i].key,
				    old.slots[i].value);
		free(old.slots);
	}
	put(index, key, value + 1);
	index->n++;
}

void index_free(struct index *index)
{
	free(index->slots);
	*index = (struct index){0};
}

int index_next(const struct index *index, uint64_t key, size_t *at,
	       uint32_t *value)
{
	for (; index->size && *at < index->size; ++*at) {
		const struct index_slot *slot =
		    &index->slots[(key + *at) & (index->size - 1)];

		if (!slot->value)
			return 0;
		if (slot->key != key)
			continue;
		*value = slot->value - 1;
		++*at;
		return 1;
	}
	return 0;
}
