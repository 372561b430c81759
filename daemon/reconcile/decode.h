#ifndef GS_DAEMON_RECONCILE_DECODE_H
#define GS_DAEMON_RECONCILE_DECODE_H

#include "contracts-abi/catalog.h"
#include "db/rows.h"

/* The event that a stored row is. ERR_USAGE: it is of a contract that the
 * catalog does not know any more, or means something else there. */
enum err event_row_decode(struct event *out, const struct catalog *catalog,
			  const struct event_row *row,
			  struct fault *fault) MUST_CHECK;

#endif
