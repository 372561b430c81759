#ifndef GS_DAEMON_AUDIT_COMPARE_H
#define GS_DAEMON_AUDIT_COMPARE_H

#include "contracts-abi/catalog.h"
#include "db/store/audit.h"

/* A stream or a loan by the books, and by its contract. Pure. */

/* The fold of events of one object, in their order; what it refuses (and what
 * stands in quarantine) is left out. False: they make no object. */
bool object_fold(struct audit_object *out, enum audit_kind kind,
		 const struct catalog *catalog, const struct event_row *events,
		 size_t n) MUST_CHECK;

/* What the two say differently. */
struct unlike {
	const char *what; /* "released" */
	char expected[USDC_TEXT_SIZE], found[USDC_TEXT_SIZE];
	/* found less expected, with its sign; "" for what is no amount */
	char difference[USDC_TEXT_SIZE + 1];
};
/* Of what the contract said, and nothing else; how many there are. */
size_t object_compare(struct unlike out[GETTER_FIELDS],
		      const struct getters *getters,
		      const struct audit_object *books,
		      const struct getters_said *chain);

#endif
