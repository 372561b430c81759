#ifndef GS_DAEMON_RECONCILE_QUARANTINE_H
#define GS_DAEMON_RECONCILE_QUARANTINE_H

#include "daemon/reconcile/output.h"
#include "daemon/reconcile/reconcile.h"

/* Puts out what must enter quarantine, or stay there with another reason, and
 * what leaves it. reasons[i] says why in->events[i] (in order) belongs there;
 * NULL: it does not. What is in quarantine without standing among the events
 * is left alone. ERR_NOMEM. */
enum err quarantine_settle(struct output *out, const struct reconcile_input *in,
			   const char *const *reasons) MUST_CHECK;

#endif
