#include "db/schema/differences.h"

#include <stdlib.h>
#include <string.h>

enum err schema_lines_add(struct schema_lines *lines, struct arena *arena,
			  struct schema_line line)
{
	struct schema_line *items = arena_grow(arena, lines->items, lines->n,
					       &lines->room, sizeof(*items));

	if (!items)
		return ERR_NOMEM;
	lines->items = items;
	lines->items[lines->n++] = line;
	return OK;
}

/* Takes the line apart in place. */
static enum err parse_line(struct schema_line *out, char *text)
{
	char *colon = strstr(text, ": ");

	if (!colon || colon == text)
		return ERR_SYNTAX;
	*colon = '\0';
	*out = (struct schema_line){text, colon + 2};
	return OK;
}

enum err schema_lines_parse(struct schema_lines *lines, struct arena *arena,
			    const char *text)
{
	char *rest = arena_strdup(arena, text);
	enum err err = rest ? OK : ERR_NOMEM;

	while (!err && *rest) {
		char *end = strchr(rest, '\n');
		struct schema_line line;

		if (!end)
			return ERR_SYNTAX;
		*end = '\0';
		err = parse_line(&line, rest);
		if (!err)
			err = schema_lines_add(lines, arena, line);
		rest = end + 1;
	}
	return err;
}

static int by_name(const void *a, const void *b)
{
	const struct schema_line *one = a, *other = b;

	return strcmp(one->name, other->name);
}

void schema_lines_sort(struct schema_lines *lines)
{
	if (lines->n)
		qsort(lines->items, lines->n, sizeof(*lines->items), by_name);
}

struct comparison {
	struct arena *arena;
	struct difference *items;
	size_t n, room;
	size_t whole; /* the last that stands for itself; n: none */
};

static bool is_within(const struct difference *part,
		      const struct difference *whole)
{
	size_t len = strlen(whole->name);

	return (!whole->expected || !whole->found) &&
	       !part->expected == !whole->expected &&
	       !part->found == !whole->found &&
	       strncmp(part->name, whole->name, len) == 0 &&
	       part->name[len] == ' ';
}

static enum err tell(struct comparison *c, struct difference difference)
{
	struct difference *items =
	    arena_grow(c->arena, c->items, c->n, &c->room, sizeof(*items));

	if (!items)
		return ERR_NOMEM;
	c->items = items;
	if (c->n > 0)
		difference.within = is_within(&difference, &items[c->whole]);
	if (!difference.within)
		c->whole = c->n;
	items[c->n++] = difference;
	return OK;
}

static const struct schema_line *line_at(const struct schema_lines *lines,
					 size_t i)
{
	return i < lines->n ? &lines->items[i] : NULL;
}

/* The line that comes first, or both where they have the same name. */
static void next_pair(const struct schema_line **want,
		      const struct schema_line **have)
{
	int order = 0;

	if (*want && *have)
		order = strcmp((*want)->name, (*have)->name);
	if (order < 0)
		*have = NULL;
	else if (order > 0)
		*want = NULL;
}

enum err schema_compare(struct difference **out, size_t *n, struct arena *arena,
			const struct schema_lines *expected,
			const struct schema_lines *found)
{
	struct comparison c = {.arena = arena};
	size_t e = 0, f = 0;
	enum err err = OK;

	while ((e < expected->n || f < found->n) && !err) {
		const struct schema_line *want = line_at(expected, e);
		const struct schema_line *have = line_at(found, f);

		next_pair(&want, &have);
		e += want != NULL;
		f += have != NULL;
		if (want && have &&
		    strcmp(want->definition, have->definition) == 0)
			continue;
		err = tell(&c, (struct difference){
				   .name = want ? want->name : have->name,
				   .expected = want ? want->definition : NULL,
				   .found = have ? have->definition : NULL});
	}
	if (!err) {
		*out = c.items;
		*n = c.n;
	}
	return err;
}
