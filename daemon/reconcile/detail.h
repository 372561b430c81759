#ifndef GS_DAEMON_RECONCILE_DETAIL_H
#define GS_DAEMON_RECONCILE_DETAIL_H

#include "common/arena.h"
#include "contracts-abi/catalog.h"
#include "db/rows.h"

/* What chain.events.detail says of an event that is of no stream and no loan,
 * so that queries need not decode: a JSON object of its fields. Addresses and
 * numbers are texts. NULL: out of memory. Lives in the arena. */
const char *event_detail(struct arena *arena, const struct event *event);

/* Sets the detail of those rows that are of no stream and no loan. ERR_NOMEM,
 * and event_row_decode()'s. */
enum err details_set(struct event_row *rows, size_t n, struct arena *arena,
		     const struct catalog *catalog,
		     struct fault *fault) MUST_CHECK;

/* Why a reputation event cannot be what its contract says; NULL: it can be. */
const char *event_doubt(const struct event *event);

#endif
