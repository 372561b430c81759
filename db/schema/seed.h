#ifndef GS_DB_SCHEMA_SEED_H
#define GS_DB_SCHEMA_SEED_H

#include "db/pg/pg.h"
#include <stdint.h>

/* Demo data (db/seed.sql), in one transaction. */
enum seed_table {
	SEED_WORKERS,
	SEED_PLATFORMS,
	SEED_TASKS,
	SEED_STREAMS,
	SEED_TRANSACTIONS,
	SEED_REPUTATION_EVENTS,
	SEED_LOANS,
	SEED_AUDIT_LOGS,
	SEED_TABLES
};

struct seeded {
	uint64_t before[SEED_TABLES], after[SEED_TABLES]; /* rows */
};

/* Adds what is missing of the demo data; where it is complete, changes nothing.
 * ERR_CONFLICT: the database holds something else, fault says what; nothing is
 * changed. One call at a time per connection, which must be connected and the
 * schema applied. A start that fails never calls back. */
typedef void (*seed_cb)(void *arg, enum err err, const struct fault *fault,
			const struct seeded *seeded);
enum err seed_run(struct pg *pg, seed_cb cb, void *arg) MUST_CHECK;

#endif
