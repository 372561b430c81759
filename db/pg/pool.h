#ifndef GS_DB_PG_POOL_H
#define GS_DB_PG_POOL_H

#include "db/pg/pg.h"

/* Connections to one database, lent to whoever asks, first come first served.
 * They are made when they are needed, up to a limit; kept while they are used;
 * replaced when they break. Every callback runs on the loop, after the call
 * that asked for it has returned, and may call anything here. */
struct pool;

struct pool_limits {
	size_t connections; /* most at a time, idle ones included; at least 1 */
	size_t waiting;	    /* most requests beyond those it could serve */
	unsigned connect_ms; /* for one attempt to connect */
	unsigned idle_ms;    /* one unused so long is closed; 0: never */
};

/* url: as for pg_new. Connects nowhere yet. NULL: no memory. */
struct pool *pool_new(uv_loop_t *loop, const char *url,
		      const struct pool_limits *limits);
/* Closes everything at once, lent or not: what is under way is cancelled, no
 * callback of a request fires any more, and requests are as if released. closed
 * (NULL is allowed) runs when the loop holds nothing of the pool, which is
 * freed then; a cancel on its way to the server may still be. */
void pool_close(struct pool *pool, void (*closed)(void *arg), void *arg);

/* err OK: pg is the request's until pool_release; connected, in no transaction.
 * ERR_TIMEOUT: none was free in time. Else why the pool cannot connect, as
 * pg_connect says it: told to all who wait, once no connection is left. */
typedef void (*pool_cb)(void *arg, enum err err, const struct fault *fault,
			struct pg *pg);

/* A place in the queue, then a connection; embedded in its owner, zeroed before
 * its first use, and released before its memory goes. Its members are the
 * pool's. */
struct pool_request {
	struct pool_request *next, *prev; /* while it waits */
	struct pool *pool;		  /* NULL: neither waits nor holds */
	struct pg *pg;			  /* while it holds */
	uint64_t deadline;		  /* in the loop's time */
	pool_cb cb;
	void *arg;
};

/* ERR_LIMIT: too many wait. ERR_BUSY: the request waits or holds already.
 * ERR_CANCELLED: the pool closes. A start that fails never calls back. */
enum err pool_acquire(struct pool *pool, struct pool_request *request,
		      unsigned timeout_ms, pool_cb cb, void *arg) MUST_CHECK;
/* Gives up the place or the connection, whichever it is; the callback of
 * neither fires any more. A connection given back in a transaction is rolled
 * back before anybody gets it; one given back busy, or broken, is closed, and
 * its statement cancelled at the server. Does nothing where there is nothing. */
void pool_release(struct pool_request *request);

struct pool_counts {
	size_t connecting, lent;
	size_t idle;	/* those being rolled back included */
	size_t waiting; /* requests */
};
struct pool_counts pool_counts(const struct pool *pool);

#endif
