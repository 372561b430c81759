#ifndef GS_DB_PEOPLE_PROFILE_H
#define GS_DB_PEOPLE_PROFILE_H

#include "db/people/people.h"
#include "db/pg/sql.h"

/* A worker with the newest tasks and transactions, read in one round trip:
 *
 *	profile_ask(&tx->sql, "ann@example.com", 10);
 *	... the results come ...
 *	err = profile_read(&profile, arena, key, results, &fault);
 *
 * Times are RFC 3339, UTC; NULL where the column is. */
struct profile_task {
	struct uuid id;
	const char *title;
	enum task_type type;
	enum task_status status;
	struct u256 payment, paid; /* base units */
	const char *created_at, *due_date, *completed_at;
};

struct profile_transaction {
	struct uuid id;
	enum transaction_type type;
	enum transaction_status status;
	struct u256 amount, fee; /* base units */
	struct address from, to;
	bool has_tx_hash;
	struct hash tx_hash;
	bool has_block;
	uint64_t block_number;
	const char *created_at, *submitted_at, *confirmed_at;
};

struct profile {
	struct person worker;
	/* the newest first */
	const struct profile_task *tasks;
	size_t n_tasks;
	const struct profile_transaction *transactions;
	size_t n_transactions;
};

/* Adds PROFILE_RESULTS statements. key: an id, an email or a wallet; at most
 * `newest` tasks and as many transactions. */
#define PROFILE_RESULTS 3
void profile_ask(struct sql_batch *sql, const char *key, uint64_t newest);
/* From the results of those statements. What it points to is in the arena.
 * ERR_MISSING: no worker has that key. */
enum err profile_read(struct profile *out, struct arena *arena, const char *key,
		      PGresult *const results[PROFILE_RESULTS],
		      struct fault *fault) MUST_CHECK;

#endif
