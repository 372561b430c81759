#ifndef GS_TESTS_DB_LIB_TX_H
#define GS_TESTS_DB_LIB_TX_H

#include "db/pg/tx.h"
#include "lib_db.h"

/* Transactions for tests, on a pool that shares its loop with an onlooker's
 * connection; the server knows the pool's as "pooled". */
struct teller {
	struct db db; /* the onlooker */
	struct pool *pool;
	struct tx tx;
	/* what its last call came to */
	int calls;
	enum err err;
	struct fault fault;
	PGresult *results[8]; /* kept until the next call */
	size_t n;
};

void teller_open(struct teller *t, size_t connections);
/* Fails if anything is left on the loop. */
void teller_close(struct teller *t);

/* tx_begin, with DB_TIMEOUT_MS. */
void teller_begin(struct teller *t);
/* For tx_send and tx_commit: arg is the teller. */
void teller_told(void *arg, enum err err, const struct fault *fault,
		 PGresult *const *results, size_t n);
/* Turns the loop until the callback has fired. */
void teller_wait(struct teller *t);
/* The call, until its answer is there. */
enum err teller_send(struct teller *t);
enum err teller_commit(struct teller *t);
/* Begins with a statement without parameters, commits, ends; must succeed. */
void teller_run(struct teller *t, const char *sql);

/* The result of statement i, its first row read next. */
struct sql_rows teller_row(struct teller *t, size_t i);

#define POOLED                                                                 \
	"select count(*) from pg_stat_activity where datname = "               \
	"current_database() and application_name = "                           \
	"'pooled'"

#endif
