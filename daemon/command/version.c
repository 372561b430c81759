#include "daemon/command/command.h"
#include "daemon/command/commands.h"

static enum cli_exit run(struct command *command)
{
	if (cli_flag(command->cli, "json"))
		puts("{\"name\":\"gigstreamd\",\"version\":\"" GIGSTREAM_VERSION
		     "\"}");
	else
		puts("gigstreamd " GIGSTREAM_VERSION);
	return CLI_DONE;
}

const struct cli_command command_version = {
    .name = "version",
    .help = "print the version",
    .needs = CLI_NEEDS_NOTHING,
    .options = {{"json", NULL, "as one JSON object"}},
    .run = run,
};
