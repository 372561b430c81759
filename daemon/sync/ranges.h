#ifndef GS_DAEMON_SYNC_RANGES_H
#define GS_DAEMON_SYNC_RANGES_H

#include "common/error.h"
#include "db/store/store.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of blocks as ranges (both ends included), ascending, never touching. */
struct ranges {
	struct range *items;
	size_t n, room;
};

void ranges_init(struct ranges *set);
void ranges_free(struct ranges *set);
/* from <= to; UINT64_MAX is no block. */
enum err ranges_add(struct ranges *set, uint64_t from, uint64_t to) MUST_CHECK;
/* Removes every block above number. */
void ranges_cut(struct ranges *set, uint64_t number);
/* Into out (replaced): from..to without what set holds. from > to: nothing. */
enum err ranges_missing(const struct ranges *set, uint64_t from, uint64_t to,
			struct ranges *out) MUST_CHECK;
/* How many blocks the set holds. */
uint64_t ranges_count(const struct ranges *set);

#endif
