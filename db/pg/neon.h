#ifndef GS_DB_PG_NEON_H
#define GS_DB_PG_NEON_H

#include "common/error.h"

/* Neon, PostgreSQL as a service that stops a database nobody uses and starts it
 * with the next connection. Known by its host names (neon.com/docs/connect):
 *
 *	ep-NAME.REGION.PROVIDER.neon.tech		the server itself
 *	ep-NAME-pooler.REGION.PROVIDER.neon.tech	through PgBouncer, which
 *							pools transactions
 *
 * Pure. */
enum neon { NEON_NONE, NEON_DIRECT, NEON_POOLED };

/* hosts: one name or several with commas between them, letters of either case;
 * NULL: none. Of several, one that is pooled counts before one that is not. */
enum neon neon_by_hosts(const char *hosts);
/* url: as for pg_new; without a host in it, $PGHOST counts. NEON_NONE where it
 * is malformed. */
enum neon neon_by_url(const char *url);
/* "Neon", "Neon, pooled"; "" for none. */
const char *neon_text(enum neon neon);

/* Neon lets nobody in without TLS, and a password must not go there without.
 * given: the sslmode asked for, NULL or "" where none is. *out: what to use (NULL:
 * libpq's default). ERR_USAGE: one that may do without TLS. */
enum err neon_sslmode(const char **out, enum neon neon, const char *given,
		      struct fault *fault) MUST_CHECK;

/* How long to try to connect: timeout_ms, but as long as a database may take to
 * wake up where it is Neon's. */
unsigned neon_patience_ms(enum neon neon, unsigned timeout_ms);

#endif
