#ifndef GS_DAEMON_COMMAND_COMMAND_H
#define GS_DAEMON_COMMAND_COMMAND_H

#include "common/log.h"
#include "config/config.h"
#include "daemon/cli.h"
#include <uv.h>

/* What every command works with; made once, before it runs. */
struct command {
	const struct cli *cli;
	struct config *config; /* as its cli_command needs it, else NULL */
	struct logger logger;
	uv_loop_t loop;
	uv_timer_t last_resort;
};

/* The commands there are, in the order of the help: one row each. */
extern const struct cli_command *const command_table[];
extern const size_t command_count;

/* The whole program: parses, loads the configuration, runs the command, checks
 * that its result could be written. Returns the exit code. */
int command_main(int argc, char **argv);

/* Reads the configuration as the command needs it: from --config, or from
 * COMMAND_CONFIG where that is. NULL where it needs none. */
enum err command_read_config(const struct cli *cli, struct config **out,
			     struct fault *fault) MUST_CHECK;

/* Says on stderr what went wrong; returns the exit code that fits. */
enum cli_exit command_fail(const struct fault *fault);

/* From now on the program ends within 5 seconds, come what may: a thread that
 * waits for a dead network cannot be ended otherwise. */
void command_must_end(struct command *command);

#define COMMAND_CONFIG "/etc/gigstream/gigstreamd.yaml"

#endif
