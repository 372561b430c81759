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

void arena_set_cap(struct arena *arena, size_t cap)
{
	arena->cap = cap;
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

/* What a piece of that many bytes takes. */
static size_t aligned(size_t bytes)
{
	const size_t align = alignof(max_align_t);

	return bytes ? (bytes + align - 1) / align * align : align;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	struct chunk *chunk;
	size_t need;
	void *piece;

	if (__builtin_mul_overflow(count, size, &need) ||
	    need > SIZE_MAX - alignof(max_align_t))
		return NULL;
	need = aligned(need);
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

/* A large array, which has a chunk of its own (chunk_for), grows with it; NULL:
 * it is none, or there is no room. */
static void *grow_chunk(struct arena *arena, const void *array, size_t need)
{
	struct chunk **link = &arena->chunks;
	struct chunk *grown;
	size_t used;

	while (*link && (*link)->data != array)
		link = &(*link)->next;
	if (!*link || (*link)->used != (*link)->size)
		return NULL;
	used = (*link)->used;
	if (need > SIZE_MAX - sizeof(*grown) ||
	    need - used > arena->cap - arena->used)
		return NULL;
	grown = realloc(*link, sizeof(*grown) + need);
	if (!grown)
		return NULL;
	memset(grown->data + used, 0, need - used);
	grown->used = grown->size = need;
	arena->used += need - used;
	*link = grown;
	return grown->data;
}

void *arena_reserve(struct arena *arena, void *array, size_t n, size_t need,
		    size_t *room, size_t size)
{
	size_t more = *room ? *room : FIRST_ROOM, bytes;
	void *moved;

	if (need <= *room && array)
		return array;
	while (more < need)
		if (__builtin_mul_overflow(more, 2, &more))
			return NULL;
	if (__builtin_mul_overflow(more, size, &bytes))
		return NULL;
	moved = n * size > CHUNK_SIZE / 4
		    ? grow_chunk(arena, array, aligned(bytes))
		    : NULL;
	if (!moved) {
		moved = arena_alloc(arena, more, size);
		if (moved && n)
			memcpy(moved, array, n * size);
	}
	if (moved)
		*room = more;
	return moved;
}

void *arena_grow(struct arena *arena, void *array, size_t n, size_t *room,
		 size_t size)
{
	return arena_reserve(arena, array, n, n + 1, room, size);
}
