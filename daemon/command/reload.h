#ifndef GS_DAEMON_COMMAND_RELOAD_H
#define GS_DAEMON_COMMAND_RELOAD_H

#include "daemon/command/command.h"
#include "daemon/serve/notify.h"
#include "daemon/sync/sync.h"

/* SIGHUP: the configuration is read anew, off the loop. Endpoints and the log
 * level change at once; what else has changed is named in the log. One that is
 * wrong is refused, and everything stays. */
struct reload {
	struct command *command;
	struct sync *sync; /* NULL once it closes */
	struct notify *notify;
	uv_work_t work;
	bool busy, again;
	enum err err;
	struct fault fault;
	struct config *wanted;
};

/* One more while one is under way comes after it. */
void reload_begin(struct reload *reload);
/* From now on one under way changes nothing more; the loop waits for it. */
void reload_stop(struct reload *reload);

#endif
