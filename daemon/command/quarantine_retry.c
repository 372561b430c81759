#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/derive.h"
#include "daemon/command/quarantine.h"

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
