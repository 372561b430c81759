#include "db/pg/tx.h"

#include <string.h>

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

/* What is left of the deadline; at least an instant, so that who is late hears
 * it from the loop. */
static unsigned left_ms(const struct tx *tx)
{
	uint64_t now = now_ms();

	return now < tx->deadline ? (unsigned)(tx->deadline - now) : 1;
}

void tx_begin(struct tx *tx, struct pool *pool, unsigned timeout_ms)
{
	memset(tx, 0, sizeof(*tx));
	sql_init(&tx->sql);
	tx->pool = pool;
	tx->deadline = now_ms() + timeout_ms;
}

static void finish(struct tx *tx)
{
	tx->state = TX_OVER;
	pool_release(&tx->request);
}

/* The last that is done with tx: its owner may free it. */
static void tell(struct tx *tx, PGresult *const *results, size_t n)
{
	struct fault fault = tx->fault;

	tx->cb(tx->arg, fault.code, &fault, results, n);
}

static void on_rolled_back(void *arg, enum err err, const struct fault *fault,
			   PGresult *const *results, size_t n)
{
	struct tx *tx = arg;

	/* Where even this failed, the pool closes the connection. */
	(void)err;
	(void)fault;
	(void)results;
	(void)n;
	finish(tx);
	tell(tx, NULL, 0);
}

/* Tells of a failure when nothing of the transaction is left at the server. */
static void fail(struct tx *tx, const struct fault *fault)
{
	const struct pg_statement rollback = {.sql = "rollback"};
	struct pg *pg = tx->request.pg;

	tx->fault = *fault;
	if (pg && pg_in_transaction(pg) &&
	    pg_round_trip(pg, &rollback, 1, left_ms(tx), on_rolled_back, tx) ==
		OK)
		return;
	finish(tx);
	tell(tx, NULL, 0);
}

static void on_results(void *arg, enum err err, const struct fault *fault,
		       PGresult *const *results, size_t n)
{
	struct tx *tx = arg;

	if (err) {
		tx->error = *pg_last_error(tx->request.pg);
		tx->in_doubt =
		    tx->last && (err == ERR_TRANSPORT || err == ERR_TIMEOUT);
		fail(tx, fault);
		return;
	}
	tx->fault = *fault;
	n -= (size_t)tx->has_begin + (size_t)tx->has_commit;
	tx->state = TX_OPEN;
	if (tx->last)
		finish(tx);
	tell(tx, results + tx->has_begin, n);
}

static enum err send_batch(struct tx *tx)
{
	tx->has_begin = tx->state == TX_WAITING && !tx->last;
	tx->has_commit = tx->state == TX_OPEN && tx->last;
	tx->state = TX_WORKING;
	return sql_send_between(&tx->sql, tx->has_begin ? "begin" : NULL,
				tx->has_commit ? "commit" : NULL,
				tx->request.pg, left_ms(tx), on_results, tx);
}

static void on_connection(void *arg, enum err err, const struct fault *fault,
			  struct pg *pg)
{
	struct tx *tx = arg;
	struct fault own = *fault;

	(void)pg;
	if (err == OK)
		err = send_batch(tx);
	if (err == OK)
		return;
	if (own.code == OK)
		fault_set(&own, err, "%s", err_text(err));
	fail(tx, &own);
}

static enum err start(struct tx *tx, bool last, tx_cb cb, void *arg)
{
	enum err err = tx->sql.err;

	if (tx->state == TX_WAITING || tx->state == TX_WORKING)
		return ERR_BUSY;
	tx->last = last;
	tx->cb = cb;
	tx->arg = arg;
	if (err == OK && tx->state == TX_NEW) {
		tx->state = TX_WAITING;
		err = pool_acquire(tx->pool, &tx->request, left_ms(tx),
				   on_connection, tx);
	} else if (err == OK) {
		/* The pool may have been closed meanwhile. */
		err = tx->request.pg ? send_batch(tx) : ERR_CANCELLED;
	}
	if (err)
		finish(tx);
	return err;
}

enum err tx_send(struct tx *tx, tx_cb cb, void *arg)
{
	return start(tx, false, cb, arg);
}

enum err tx_commit(struct tx *tx, tx_cb cb, void *arg)
{
	return start(tx, true, cb, arg);
}

void tx_end(struct tx *tx)
{
	finish(tx);
	sql_free(&tx->sql);
}
