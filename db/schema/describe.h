#ifndef GS_DB_SCHEMA_DESCRIBE_H
#define GS_DB_SCHEMA_DESCRIBE_H

#include "db/pg/pg.h"
#include "db/schema/differences.h"

/* What the schema is, in the database and as it should be. The latter is
 * db/schema.txt, made by tests/lib/renew-schema from a fresh database. */

/* Calls back with what is there (see db/queries/describe.sql), sorted; the
 * lines live in the arena. The same on PostgreSQL 15 to 18. One call at a time
 * per connection, which must be connected; a start that fails never calls back.
 */
typedef void (*describe_cb)(void *arg, enum err err, const struct fault *fault,
			    const struct schema_lines *lines);
enum err describe(struct pg *pg, struct arena *arena, describe_cb cb,
		  void *arg) MUST_CHECK;

/* Likewise the indexes that a backfill has left out, as describe() would name
 * them; the definition is since when (RFC 3339). */
enum err describe_deferred(struct pg *pg, struct arena *arena, describe_cb cb,
			   void *arg) MUST_CHECK;

/* What should be there, sorted, in the arena. */
enum err describe_expected(struct schema_lines *lines,
			   struct arena *arena) MUST_CHECK;

#endif
