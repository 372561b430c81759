#ifndef GS_DB_PG_TX_H
#define GS_DB_PG_TX_H

#include "db/pg/pool.h"
#include "db/pg/sql.h"

/* A transaction on a connection of the pool, embedded in its owner (a request
 * to the API, a command):
 *
 *	tx_begin(&own->tx, pool, 2000);
 *	sql_add(&own->tx.sql, queries_people_workers);
 *	sql_put_text(&own->tx.sql, key);
 *	err = tx_commit(&own->tx, on_rows, own);
 *	...
 *	tx_end(&own->tx);
 *
 * What is sent at once takes one round trip: BEGIN goes along with the first
 * statements, COMMIT with the last; and where all are sent by tx_commit, as
 * above, neither is needed, since a pipeline is a transaction by itself
 * (PostgreSQL manual, "Pipeline Mode"). So a lone query is this, too. */
enum tx_state {
	TX_NEW,	    /* nothing was sent yet */
	TX_WAITING, /* for a connection; a callback is owed */
	TX_WORKING, /* a round trip is under way; a callback is owed */
	TX_OPEN,    /* the transaction is open at the server, and awaits more */
	TX_OVER,    /* committed or failed; it holds nothing any more */
};

/* results: one for each statement of sql, by the index that sql_add returned;
 * they live until the callback returns. On an error they are NULL. */
typedef void (*tx_cb)(void *arg, enum err err, const struct fault *fault,
		      PGresult *const *results, size_t n);

struct tx {
	struct sql_batch sql;  /* what the next call sends; the owner's */
	struct pg_error error; /* after a failure: what the server said of it */
	bool in_doubt;	       /* after one of tx_commit's: see there */
	/* the rest is for tx.c */
	enum tx_state state;
	struct pool *pool;
	struct pool_request request;
	uint64_t deadline;
	bool last;	 /* commits with what is under way */
	bool has_begin;	 /* what is under way starts with BEGIN */
	bool has_commit; /* and ends with COMMIT */
	struct fault fault;
	tx_cb cb;
	void *arg;
};

/* Makes it ready; every call needs one of tx_end. The pool must outlive it, or
 * be closed before. timeout_ms: for all of the transaction, the wait for a
 * connection included; what is under way then is cancelled at the server. */
void tx_begin(struct tx *tx, struct pool *pool, unsigned timeout_ms);

/* Sends what is in sql, and leaves the transaction open for more. After any
 * error, returned or told, it is rolled back already, and over. Told are the
 * errors of pool_acquire's and of pg_round_trip's callback; returned those of
 * the batch, of the two calls, and ERR_BUSY while a callback is owed (which
 * changes nothing). A start that fails never calls back. */
enum err tx_send(struct tx *tx, tx_cb cb, void *arg) MUST_CHECK;
/* The same, and commits with it (sql may be empty). The connection is the
 * pool's again before cb runs. Where the connection was lost, or the deadline
 * passed, after the commit was sent, nobody heard what became of it: in_doubt
 * is set then, and whoever must know looks before doing it again. */
enum err tx_commit(struct tx *tx, tx_cb cb, void *arg) MUST_CHECK;

/* Rolls back what is not committed, cancels what is under way, gives the
 * connection back and frees sql. No callback fires any more. */
void tx_end(struct tx *tx);

#endif
