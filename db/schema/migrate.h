#ifndef GS_DB_SCHEMA_MIGRATE_H
#define GS_DB_SCHEMA_MIGRATE_H

#include "db/pg/pg.h"

/* The schema: migrations embedded from db/migrations/NNNN_*.sql, applied in the
 * order of their names, each in one transaction together with its row in
 * chain.migrations, under an advisory transaction lock. One call at a time per
 * connection, which must be connected. A start that fails never calls back. */

/* Applies what is pending; n: how many that were. ERR_CONFLICT when the
 * database knows a migration that we do not (it is newer), or when an applied
 * one has been edited since; with force an edited one is taken as applied.
 * step (NULL: nobody asks) is told each migration as it begins, and when it is
 * committed. */
typedef void (*migrate_step_cb)(void *arg, const char *name, bool applied);
typedef void (*migrate_run_cb)(void *arg, enum err err,
			       const struct fault *fault, size_t n);
enum err migrate_run(struct pg *pg, bool force, migrate_step_cb step,
		     migrate_run_cb cb, void *arg) MUST_CHECK;

/* OK when the schema is what this program needs; ERR_MISSING when it is not
 * applied, or not to its end; ERR_CONFLICT as above. fault says what to run. */
typedef void (*migrate_cb)(void *arg, enum err err, const struct fault *fault);
enum err migrate_check(struct pg *pg, migrate_cb cb, void *arg) MUST_CHECK;

enum migration_state {
	MIGRATION_PENDING,
	MIGRATION_APPLIED,
	MIGRATION_EDITED,  /* applied from another text */
	MIGRATION_UNKNOWN, /* applied by a newer program */
};
struct migration {
	const char *name;
	enum migration_state state;
	const char *applied_at; /* RFC 3339, UTC; "" while pending */
};
const char *migration_state_name(enum migration_state state);
/* All that we or the database know, by name; none applied where the schema is
 * not there. The list lives until the callback returns. */
typedef void (*migrate_status_cb)(void *arg, enum err err,
				  const struct fault *fault,
				  const struct migration *list, size_t n);
enum err migrate_status(struct pg *pg, migrate_status_cb cb,
			void *arg) MUST_CHECK;

/* Drops the schema `chain` and our tables, types and functions in `public`,
 * with all they hold. */
enum err migrate_drop(struct pg *pg, migrate_cb cb, void *arg) MUST_CHECK;

#endif
