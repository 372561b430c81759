#ifndef GS_DAEMON_DAILY_H
#define GS_DAEMON_DAILY_H

#include "common/log.h"
#include <uv.h>

/* What the daemon does once a day, beside the chain: the workers' account ages
 * (db/people/account_ages.h). It asks a second after its start and
 * after each midnight of the database (UTC), on a connection of its own that is
 * open only meanwhile; the database sees to it that one of all who ask does it.
 * What fails is tried again, sooner first and then every five minutes. */
struct daily;

/* Begins from the loop. url and logger are borrowed for its life. NULL: no
 * memory. */
struct daily *daily_new(uv_loop_t *loop, const char *url,
			const struct logger *logger);
/* Cancels what is under way (the database rolls it back), releases everything,
 * then calls closed(arg). */
void daily_close(struct daily *daily, void (*closed)(void *arg), void *arg);

#endif
