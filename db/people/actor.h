#ifndef GS_DB_PEOPLE_ACTOR_H
#define GS_DB_PEOPLE_ACTOR_H

#include "db/pg/sql.h"

/* Who makes a change, and how: what public.audit_logs keeps of it. The rows are
 * written by triggers (0007_audit.sql), for transactions that name an actor. */
enum actor_type { ACTOR_OPERATOR, ACTOR_PLATFORM, ACTOR_WORKER, ACTOR_SYSTEM };

struct actor {
	enum actor_type type;
	const char *id;	    /* of type's table, or "login@host" */
	const char *action; /* "worker.add"; NULL: named by the trigger */
	const char
	    *request_id; /* what belongs together; the rest may be NULL */
	const char *ip_address;
	const char *user_agent;
};

/* Adds the statement that names the actor to the transaction that the batch's
 * further statements are in: an explicit one, or the batch itself, which is one
 * transaction without BEGIN (libpq, "Pipeline Mode": until the sync). */
void sql_add_actor(struct sql_batch *batch, const struct actor *actor);

#endif
