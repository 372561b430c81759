#ifndef GS_DAEMON_RECONCILE_STREAMS_H
#define GS_DAEMON_RECONCILE_STREAMS_H

#include "daemon/reconcile/known.h"
#include "daemon/reconcile/stories.h"

/* Do the two say the same, ids and links aside? */
bool stream_same_facts(const struct stream_row *a, const struct stream_row *b);

/* Links the stream to who is registered, for what it has paid, too, and puts it out
 * where it differs from the database, with its transitions;
 * one without facts goes. reason: as in struct reconcile_input. ERR_NOMEM, or
 * uuid_v7()'s. */
enum err stream_settle(struct story *story, struct output *out,
		       const struct known_parties *parties, const char *reason,
		       uint64_t now_ms) MUST_CHECK;

#endif
