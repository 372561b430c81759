#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/session.h"
#include "db/people/account_ages.h"
#include <inttypes.h>

struct question {
	struct session session;
	struct account_ages ages;
};

static void on_updated(void *arg, enum err err, const struct fault *fault,
		       const struct account_ages *ages)
{
	struct question *question = arg;

	if (ages)
		question->ages = *ages;
	await_fire(&question->session.await, err, fault);
}

static void print(const struct account_ages *ages, bool json)
{
	if (json)
		printf("{\"updated\":%" PRIu64 ",\"done_already\":%s}\n",
		       ages->changed, ages->done_already ? "true" : "false");
	else if (ages->done_already)
		puts("done today already; nothing is changed");
	else
		printf("%" PRIu64 " worker%s updated\n", ages->changed,
		       ages->changed == 1 ? "" : "s");
}

static enum cli_exit account_ages(struct command *command)
{
	struct question question;
	struct fault fault = {0};
	enum err err = session_open(&question.session, &command->loop,
				    command->config->database.url, &fault);

	if (err != OK)
		return command_fail(&fault);
	session_begin(&question.session);
	err = account_ages_update(question.session.pg, on_updated, &question);
	err = session_end(&question.session, err, &fault);
	session_close(&question.session);
	if (err != OK)
		return command_fail(&fault);
	print(&question.ages, cli_flag(command->cli, "json"));
	return CLI_DONE;
}

const struct cli_command command_db_account_ages = {
    .name = "db account-ages",
    .help = "update the workers' account_age_days, unless done today",
    .more = "A running daemon does this by itself after each midnight (UTC). "
	    "It happens once a day, whoever asks first.",
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "as one JSON object"}},
    .run = account_ages,
};
