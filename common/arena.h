#ifndef GS_COMMON_ARENA_H
#define GS_COMMON_ARENA_H

#include "common/bytes.h"
#include <stddef.h>

/* Memory that lives as long as one batch: taken piece by piece, freed whole. */
struct arena;

/* An empty arena that will never hold more than cap bytes. NULL: no memory. */
struct arena *arena_new(size_t cap);
void arena_free(struct arena *arena);  /* NULL is allowed */
void arena_reset(struct arena *arena); /* frees all pieces, keeps the arena */
size_t arena_used(const struct arena *arena);
/* Another cap, from now on; not below what is used. */
void arena_set_cap(struct arena *arena, size_t cap);

/* Zeroed, aligned for any type, owned by the arena. NULL when the cap or the
 * memory is exhausted, or count * size overflows. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);
#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), 1, sizeof(type)))
#define ARENA_ARRAY(arena, type, n)                                            \
	((type *)arena_alloc((arena), (n), sizeof(type)))

/* A copy owned by the arena. On failure data is NULL (len 0 gives non-NULL). */
struct bytes arena_copy(struct arena *arena, const void *data, size_t len);
char *arena_strdup(struct arena *arena, const char *text);

/* Grows an array of n elements inside the arena, by doubling, so that it has
 * room for need. Returns the (possibly moved) array, or NULL. What a large one
 * took before is given back. */
void *arena_reserve(struct arena *arena, void *array, size_t n, size_t need,
		    size_t *room, size_t size);
/* The same for one more. */
void *arena_grow(struct arena *arena, void *array, size_t n, size_t *room,
		 size_t size);

#endif
