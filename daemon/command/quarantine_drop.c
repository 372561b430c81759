#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/command/caller.h"
#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/quarantine.h"
#include "daemon/command/session.h"
#include "db/store/derive.h"

#define REASON_MOST 500

static void on_dropped(void *arg, enum err err, const struct fault *fault,
		       const struct store_done *done)
{
	(void)done;
	await_fire(arg, err, fault);
}

static enum err drop_one(struct command *command, uint64_t id,
			 const char *reason, struct fault *fault)
{
	struct session session;
	struct caller caller;
	enum err err = caller_init(&caller, "quarantine.drop", fault);

	if (!err)
		err = session_open_store(&session, &command->loop,
					 command->config, fault);
	if (err)
		return err;
	session_begin(&session);
	err = store_quarantine_drop(session.store, id, reason, &caller.actor,
				    on_dropped, &session.await);
	err = session_end(&session, err, fault);
	session_close(&session);
	return err;
}

static enum cli_exit drop(struct command *command)
{
	const char *reason = cli_value(command->cli, "reason");
	struct fault fault = {0};
	uint64_t id = 0;
	enum err err =
	    quarantine_parse_id(&id, command->cli->arguments[0], &fault);

	if (!err && (!reason || !*reason || strlen(reason) > REASON_MOST))
		err = fault_set(&fault, ERR_USAGE,
				"say why, in at most %d letters: --reason TEXT",
				REASON_MOST);
	if (!err)
		err = drop_one(command, id, reason, &fault);
	if (err)
		return command_fail(&fault);
	printf("%" PRIu64 " dropped\n", id);
	return CLI_DONE;
}

const struct cli_command command_quarantine_drop = {
    .name = "quarantine drop",
    .arguments = "ID",
    .help = "count a log in quarantine no more",
    .more = "It stays in the table, with who dropped it, when and why, and in "
	    "the audit; it is not tried again. What the chain said stays a "
	    "fact.",
    .min_arguments = 1,
    .max_arguments = 1,
    .options = {{"reason", "TEXT", "why"}},
    .run = drop,
};
