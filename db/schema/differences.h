#ifndef GS_DB_SCHEMA_DIFFERENCES_H
#define GS_DB_SCHEMA_DIFFERENCES_H

#include "common/arena.h"
#include <stdbool.h>

/* A schema in words, and two of them compared. Pure. */

/* An object: its name ("public.workers", or "public.workers column email" for
 * what belongs to it), and how it is ("text not null"). As text: "name:
 * definition", one a line; no name holds ": ". */
struct schema_line {
	const char *name, *definition;
};

struct schema_lines {
	struct schema_line *items; /* in the order of their names (strcmp) */
	size_t n, room;
};

/* Appends a line, borrowing its texts. ERR_NOMEM: the arena is full. */
enum err schema_lines_add(struct schema_lines *lines, struct arena *arena,
			  struct schema_line line) MUST_CHECK;
/* Appends the lines of a text. ERR_SYNTAX: one is none. */
enum err schema_lines_parse(struct schema_lines *lines, struct arena *arena,
			    const char *text) MUST_CHECK;
void schema_lines_sort(struct schema_lines *lines);

struct difference {
	const char *name;
	const char *expected; /* NULL: unexpected */
	const char *found;    /* NULL: missing */
	bool within; /* belongs to one before it that is missing, or unexpected,
			as a whole: a column of a missing table */
};

/* What differs, in the order of the names, in the arena; both lists are sorted,
 * and their texts are borrowed. */
enum err schema_compare(struct difference **out, size_t *n, struct arena *arena,
			const struct schema_lines *expected,
			const struct schema_lines *found) MUST_CHECK;

#endif
