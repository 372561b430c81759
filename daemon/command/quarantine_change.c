#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bytes.h"
#include "daemon/command/caller.h"
#include "daemon/command/commands.h"
#include "daemon/command/derive.h"
#include "daemon/command/quarantine.h"
#include "daemon/command/session.h"
#include "db/store/derive.h"

#define REASON_MOST 500

enum err quarantine_parse_id(uint64_t *out, const char *text,
			     struct fault *fault)
{
	uint64_t id;

	if (decimal_parse_u64(&id, text) != OK || id > INT64_MAX)
		return fault_set(fault, ERR_USAGE,
				 "%.40s is no id; see: gigstreamd quarantine "
				 "list",
				 text);
	*out = id;
	return OK;
}

/* ---- retry ---- */

static void print_retried(const struct job_row *job, double seconds, bool json)
{
	const uint64_t *n = job->tally.n;
	uint64_t left = n[TALLY_RETRIED] - n[TALLY_DECODED];

	left -= n[TALLY_RELEASED] < left ? n[TALLY_RELEASED] : left;
	if (json)
		printf("{\"retried\":%" PRIu64 ",\"decoded\":%" PRIu64
		       ",\"released\":%" PRIu64 ",\"left\":%" PRIu64
		       ",\"seconds\":%.3f}\n",
		       n[TALLY_RETRIED], n[TALLY_DECODED], n[TALLY_RELEASED],
		       left, seconds);
	else
		printf("%" PRIu64 " retried: %" PRIu64 " decoded, %" PRIu64
		       " released, %" PRIu64 " left; %.1f s\n",
		       n[TALLY_RETRIED], n[TALLY_DECODED], n[TALLY_RELEASED],
		       left, seconds);
}

static enum err parse_ids(const struct cli *cli, uint64_t *ids,
			  struct fault *fault)
{
	bool all = cli_flag(cli, "all");
	enum err err = OK;

	if (all == (cli->n_arguments > 0))
		return fault_set(fault, ERR_USAGE,
				 "name what is to be tried again: ids, or "
				 "--all");
	for (size_t i = 0; i < cli->n_arguments && !err; i++)
		err = quarantine_parse_id(&ids[i], cli->arguments[i], fault);
	return err;
}

static enum cli_exit retry(struct command *command)
{
	const struct cli *cli = command->cli;
	uint64_t *ids = calloc(cli->n_arguments + 1, sizeof(*ids));
	struct sync_options options = {
	    .mode = SYNC_DERIVE,
	    .derive = {.retry = true, .n_ids = cli->n_arguments},
	};
	struct fault fault = {.code = ERR_NOMEM};
	enum cli_exit code;

	options.derive.ids = ids;
	if (ids && parse_ids(cli, ids, &fault) == OK)
		code = derive_run(command, &options, print_retried);
	else
		code = command_fail(&fault);
	free(ids);
	return code;
}

const struct cli_command command_quarantine_retry = {
    .name = "quarantine retry",
    .arguments = "[ID...]",
    .help = "try again what is in quarantine, as after an upgrade",
    .more =
	"What decodes now becomes a fact, and what depends on it is derived "
	"again; what contradicts nothing any more is released. Where a "
	"daemon leads, it hands the work to it: that one must know the "
	"contracts as they are now. Asks no node.",
    .max_arguments = CLI_MANY,
    .options = {{"all", NULL, "all that is not dropped"},
		{"json", NULL, "the result as one JSON object"}},
    .run = retry,
};

/* ---- drop ---- */

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
	struct store *store = NULL;
	enum err err = caller_init(&caller, "quarantine.drop", fault);

	if (!err)
		err = session_open(&session, &command->loop,
				   command->config->database.url, fault);
	if (err)
		return err;
	err = store_new(&store, session.pg, command->config->chain.id);
	session_begin(&session);
	if (!err)
		err = store_quarantine_drop(store, id, reason, &caller.actor,
					    on_dropped, &session.await);
	err = session_end(&session, err, fault);
	session_close(&session);
	store_free(store);
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
