#ifndef GS_DAEMON_SERVE_HEALTH_H
#define GS_DAEMON_SERVE_HEALTH_H

#include "common/buf.h"
#include <stdbool.h>
#include <stdint.h>

/* Whether we are ready, and if not, which of four things is to blame: the
 * database, the node, a chain that stands still, or ourselves. Pure, and made
 * anew from a snapshot each time, so that it is never latched. */

enum health_phase {
	HEALTH_WAITING,	 /* for the database, at start or after a failure */
	HEALTH_STARTING, /* the first checks are under way */
	HEALTH_BUILDING, /* indexes that a backfill has left out */
	HEALTH_STANDBY,	 /* another process leads: we are ready to take over */
	HEALTH_WORKING,	 /* catching up or following */
	HEALTH_HALTED,	 /* only an operator can say how to go on */
	HEALTH_STOPPING,
	HEALTH_PHASES
};

struct health {
	bool database_ok;
	const char *database_reason; /* what is wrong; NULL where it is ok */
	bool rpc_ok;
	const char *rpc_reason;
	/* Whether enough endpoints agree on what is final; with a quorum of 1
	 * nobody asks. */
	bool quorum_asked;
	const char *quorum_reason; /* NULL where they do */
	/* The sync. reason: who leads (STANDBY), why it halted, both hashes
	 * included (HALTED), else more about the phase; may be NULL. */
	enum health_phase phase;
	const char *phase_reason;
	/* What the audits say; NULL: nothing to warn of. */
	bool audited; /* they are on */
	const char *audit_warning;
	/* What the node says. */
	bool has_head;
	uint64_t head;
	double head_age;	 /* seconds since the head last moved */
	double block_seconds;	 /* between blocks lately; 0: not known */
	double promised_seconds; /* the chain's habit; 0: it promises none */
	/* Where we are. */
	bool has_indexed;
	uint64_t indexed;
	double commit_age; /* seconds since the last batch was committed */
};

/* Appends {"status":"ready"|"warning"|"unready","checks":{"database":..,
 * "rpc":..,"quorum":..,"chain":..,"sync":..,"audit":..}}; each check has "ok" and
 * "reason". True: ready. An audit that is not ok only warns. */
bool health_render(const struct health *health, struct buf *json);

#endif
