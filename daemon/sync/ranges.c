#include "daemon/sync/ranges.h"

#include <stdlib.h>
#include <string.h>

void ranges_init(struct ranges *set)
{
	memset(set, 0, sizeof(*set));
}

void ranges_free(struct ranges *set)
{
	free(set->items);
	ranges_init(set);
}

static enum err append(struct ranges *set, uint64_t from, uint64_t to)
{
	struct range *grown;
	size_t room;

	if (set->n == set->room) {
		room = set->room ? 2 * set->room : 16;
		grown = realloc(set->items, room * sizeof(*grown));
		if (!grown)
			return ERR_NOMEM;
		set->items = grown;
		set->room = room;
	}
	set->items[set->n++] = (struct range){from, to};
	return OK;
}

enum err ranges_add(struct ranges *set, uint64_t from, uint64_t to)
{
	size_t first = 0, last;
	enum err err;

	while (first < set->n && set->items[first].to + 1 < from)
		first++;
	last = first; /* first..last-1 touch from..to and become one with it */
	while (last < set->n && set->items[last].from <= to + 1)
		last++;
	if (first == last) {
		err = append(set, from, to);
		if (err)
			return err;
		memmove(&set->items[first + 1], &set->items[first],
			(set->n - 1 - first) * sizeof(*set->items));
		set->items[first] = (struct range){from, to};
		return OK;
	}
	if (set->items[first].from < from)
		from = set->items[first].from;
	if (set->items[last - 1].to > to)
		to = set->items[last - 1].to;
	set->items[first] = (struct range){from, to};
	memmove(&set->items[first + 1], &set->items[last],
		(set->n - last) * sizeof(*set->items));
	set->n -= last - first - 1;
	return OK;
}

void ranges_cut(struct ranges *set, uint64_t number)
{
	while (set->n > 0 && set->items[set->n - 1].from > number)
		set->n--;
	if (set->n > 0 && set->items[set->n - 1].to > number)
		set->items[set->n - 1].to = number;
}

enum err ranges_missing(const struct ranges *set, uint64_t from, uint64_t to,
			struct ranges *out)
{
	enum err err = OK;

	out->n = 0;
	for (size_t i = 0; i < set->n && from <= to && !err; i++) {
		const struct range *have = &set->items[i];

		if (have->to < from)
			continue;
		if (have->from > to)
			break;
		if (have->from > from)
			err = append(out, from, have->from - 1);
		from = have->to + 1;
	}
	if (from <= to && !err)
		err = append(out, from, to);
	return err;
}

uint64_t ranges_count(const struct ranges *set)
{
	uint64_t count = 0;

	for (size_t i = 0; i < set->n; i++)
		count += set->items[i].to - set->items[i].from + 1;
	return count;
}
