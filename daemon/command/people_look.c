#include "daemon/command/commands.h"
#include "daemon/command/people.h"
#include "daemon/command/people_print.h"
#include <inttypes.h>
#include <string.h>

#define LIMIT "10000"
#define MAX_LIMIT 100000

static enum err read_limit(uint64_t *out, const struct cli *cli,
			   struct fault *fault)
{
	const char *text = cli_value(cli, "limit");
	uint64_t limit = 0;

	if (decimal_parse_u64(&limit, text ? text : LIMIT) != OK ||
	    limit == 0 || limit > MAX_LIMIT)
		return fault_set(fault, ERR_USAGE,
				 "--limit %.32s: a number from 1 to %d", text,
				 MAX_LIMIT);
	*out = limit;
	return OK;
}

static enum cli_exit print_list(const struct command *command,
				const struct people_session *people,
				enum person_kind kind, uint64_t limit)
{
	bool ok = cli_flag(command->cli, "json")
		      ? people_print_json_array(people->list, people->n)
		      : people_print_table(kind, people->list, people->n);

	if (!ok)
		return command_fail(&(struct fault){.code = ERR_NOMEM});
	if (people->n == limit)
		fprintf(stderr,
			"gigstreamd: these are the first %" PRIu64
			"; there may be more (--limit)\n",
			limit);
	return CLI_DONE;
}

static enum cli_exit list(struct command *command, enum person_kind kind)
{
	struct people_session people;
	struct fault fault = {0};
	enum cli_exit code;
	uint64_t limit = 0;

	if (read_limit(&limit, command->cli, &fault) != OK ||
	    people_open(&people, command, &fault) != OK)
		return command_fail(&fault);
	if (people_ask_list(&people, kind, limit, &fault) == OK)
		code = print_list(command, &people, kind, limit);
	else
		code = command_fail(&fault);
	people_close(&people);
	return code;
}

static enum cli_exit show(struct command *command, enum person_kind kind)
{
	const char *key = command->cli->arguments[0];
	struct people_session people;
	struct fault fault = {0};
	enum cli_exit code = CLI_DONE;

	if (people_check_key(key, &fault) != OK ||
	    people_open(&people, command, &fault) != OK)
		return command_fail(&fault);
	if (people_ask_show(&people, kind, key, &fault) != OK)
		code = command_fail(&fault);
	else if (!cli_flag(command->cli, "json"))
		people_print_text(people.list, NULL);
	else if (!people_print_json(people.list, NULL))
		code = command_fail(&(struct fault){.code = ERR_NOMEM});
	people_close(&people);
	return code;
}

static enum cli_exit list_workers(struct command *command)
{
	return list(command, PERSON_WORKER);
}

static enum cli_exit list_platforms(struct command *command)
{
	return list(command, PERSON_PLATFORM);
}

static enum cli_exit show_worker(struct command *command)
{
	return show(command, PERSON_WORKER);
}

static enum cli_exit show_platform(struct command *command)
{
	return show(command, PERSON_PLATFORM);
}

#define LIST_OPTIONS                                                           \
	{                                                                      \
		{"limit", "N", "at most so many (default: " LIMIT ")"},        \
		{                                                              \
			"json", NULL, "as one JSON array"                      \
		}                                                              \
	}

const struct cli_command command_worker_list = {
    .name = "worker list",
    .help = "list the workers, oldest first",
    .needs = CLI_NEEDS_DATABASE,
    .options = LIST_OPTIONS,
    .run = list_workers,
};

const struct cli_command command_platform_list = {
    .name = "platform list",
    .help = "list the platforms, oldest first",
    .needs = CLI_NEEDS_DATABASE,
    .options = LIST_OPTIONS,
    .run = list_platforms,
};

const struct cli_command command_worker_show = {
    .name = "worker show",
    .arguments = "ID|EMAIL|WALLET",
    .help = "show one worker",
    .min_arguments = 1,
    .max_arguments = 1,
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "as one JSON object"}},
    .run = show_worker,
};

const struct cli_command command_platform_show = {
    .name = "platform show",
    .arguments = "ID|EMAIL|WALLET",
    .help = "show one platform",
    .min_arguments = 1,
    .max_arguments = 1,
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "as one JSON object"}},
    .run = show_platform,
};
