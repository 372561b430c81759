#ifndef GS_DAEMON_AUDIT_AUDITOR_H
#define GS_DAEMON_AUDIT_AUDITOR_H

#include "common/log.h"
#include "config/config.h"
#include <uv.h>

struct sync;
struct metrics;

/* The daemon's audits: where it leads, one each audit.interval, beside all else,
 * on a connection of its own that is open only meanwhile. Each begins an interval
 * after the last one that the database knows of, whoever made it; the very first
 * after an hour at most. What differs goes into the log, the metrics, and
 * /readyz, as a warning. */
struct auditor;

/* Begins from the loop. Borrows all for its life; metrics may be NULL. NULL: no
 * memory. */
struct auditor *auditor_new(uv_loop_t *loop, const struct config *config,
			    const struct sync *sync,
			    const struct logger *logger,
			    struct metrics *metrics);
/* Before sync_close: cancels what is under way, releases everything, then calls
 * closed(arg). */
void auditor_close(struct auditor *auditor, void (*closed)(void *arg),
		   void *arg);

/* What /readyz should warn of; NULL: nothing. Valid until the loop turns. */
const char *auditor_warning(const struct auditor *auditor);

#endif
