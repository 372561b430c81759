#ifndef GS_DAEMON_RECONCILE_DECODE_H
#define GS_DAEMON_RECONCILE_DECODE_H

#include "contracts-abi/catalog.h"
#include "db/rows.h"

/* What a stored event says. False: the catalog knows no such event of its
 * contract any more. */
bool event_row_decode(struct event *out, const struct catalog *catalog,
		      const struct event_row *row) MUST_CHECK;

#endif
