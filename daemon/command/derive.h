#ifndef GS_DAEMON_COMMAND_DERIVE_H
#define GS_DAEMON_COMMAND_DERIVE_H

#include "daemon/command/command.h"
#include "daemon/sync/sync.h"
#include "db/store/job.h"

/* Does a job that reads no node, or has the daemon that leads do it, and shows
 * how far it is. options: of mode SYNC_DERIVE. print: the result, on stdout. */
enum cli_exit
derive_run(struct command *command, const struct sync_options *options,
	   void (*print)(const struct job_row *job, double seconds, bool json));

#endif
