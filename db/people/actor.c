#include "db/people/actor.h"

#include "embedded/queries.h"

/* As audit_logs_actor_type_check has them. */
static const char *const types[] = {
    [ACTOR_OPERATOR] = "operator",
    [ACTOR_PLATFORM] = "platform",
    [ACTOR_WORKER] = "worker",
    [ACTOR_SYSTEM] = "system",
};

/* A setting cannot be NULL; the empty one counts as not given. */
static void put(struct sql_batch *batch, const char *text)
{
	sql_put_text(batch, text ? text : "");
}

void sql_add_actor(struct sql_batch *batch, const struct actor *actor)
{
	sql_add(batch, queries_set_actor);
	put(batch, types[actor->type]);
	put(batch, actor->id);
	put(batch, actor->action);
	put(batch, actor->request_id);
	put(batch, actor->ip_address);
	put(batch, actor->user_agent);
}
