#ifndef GS_DB_PG_PG_FAULT_H
#define GS_DB_PG_PG_FAULT_H

#include "db/pg/pg.h"

/* From what libpq and the server say to a sentence with a remedy. Row data
 * (the server's DETAIL) is left out, since it may hold secrets. */

/* A result that failed: fills fault and error, returns the code. */
enum err pg_fault_result(struct fault *fault, struct pg_error *error,
			 const PGresult *result);
/* A connection that failed to come up, or broke. */
enum err pg_fault_connection(struct fault *fault, const PGconn *conn,
			     bool was_connected);
/* The meaning of an SQLSTATE (PostgreSQL manual, appendix A). */
enum err pg_fault_code(const char *sqlstate);
/* The same, from the text alone; password may be NULL. */
enum err pg_fault_text(struct fault *fault, const char *message,
		       const char *password, bool was_connected);

#endif
