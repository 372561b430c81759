#include "common/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_SIZE (64 * 1024)
#define FIRST_ROOM 8

struct chunk {
	struct chunk *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *chunks; /* small pieces are cut from the first one */
	size_t used;
	size_t cap;
};

struct arena *arena_new(size_t cap)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena)
		arena->cap = cap;
	return arena;
}

void arena_reset(struct arena *arena)
{
	struct chunk *chunk = arena->chunks;

	while (chunk) {
		struct chunk *next = chunk->next;

		free(chunk);
		chunk = next;
	}
	arena->chunks = NULL;
	arena->used = 0;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	arena_reset(arena);
	free(arena);
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}

static struct chunk *chunk_new(size_t size)
{
	struct chunk *chunk;

	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = calloc(1, sizeof(*chunk) + size);
	if (chunk)
		chunk->size = size;
	return chunk;
}

/* The chunk that has room for need bytes. A big piece gets a chunk of its own
 * behind the first, so that the rest of the first is not lost. */
static struct chunk *chunk_for(struct arena *arena, size_t need)
{
	struct chunk *first = arena->chunks;
	struct chunk *chunk;

	if (first && need <= first->size - first->used)
		return first;
	chunk = chunk_new(need > CHUNK_SIZE / 4 ? need : CHUNK_SIZE);
	if (!chunk)
		return NULL;
	if (first && chunk->size == need) {
		chunk->next = first->next;
		first->next = chunk;
	} else {
		chunk->next = first;
		arena->chunks = chunk;
	}
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct chunk *chunk;
	size_t need;
	void *piece;

	if (__builtin_mul_overflow(count, size, &need) ||
	    need > SIZE_MAX - align)
		return NULL;
	need = need ? (need + align - 1) / align * align : align;
	if (need > arena->cap - arena->used)
		return NULL;
	chunk = chunk_for(arena, need);
	if (!chunk)
		return NULL;
	piece = chunk->data + chunk->used;
	chunk->used += need;
	arena->used += need;
	return piece;
}

struct bytes arena_copy(struct arena *arena, const void *data, size_t len)
{
	uint8_t *copy = arena_alloc(arena, len, 1);

	if (!copy)
		return (struct bytes){NULL, 0};
	if (len)
		memcpy(copy, data, len);
	return (struct bytes){copy, len};
}

char *arena_strdup(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = arena_alloc(arena, size, 1);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

void *arena_grow(struct arena *arena, void *array, size_t n, size_t *room,
		 size_t size)
{
	size_t more;
	void *moved;

	if (n < *room)
		return array;
	if (*room > SIZE_MAX / 2)
		return NULL;
	more = *room ? *room * 2 : FIRST_ROOM;
	moved = arena_alloc(arena, more, size);
	if (!moved)
		return NULL;
	if (n)
		memcpy(moved, array, n * size);
	*room = more;
	return moved;
}
