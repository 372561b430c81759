#include "daemon/command/commands.h"
#include "daemon/command/people.h"
#include "daemon/command/people_print.h"
#include "daemon/command/profile_print.h"
#include <inttypes.h>
#include <string.h>

#define LIMIT "10000"
#define LIMIT_HELP "at most so many (default: " LIMIT ")"
#define MAX_LIMIT 100000
#define MAX_SCORE 1000

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

/* Which workers, and in which order; platforms take only the limit. */
static enum err read_filter(struct people_filter *out, const struct cli *cli,
			    enum person_kind kind, struct fault *fault)
{
	const char *score, *sort;
	enum err err = read_limit(&out->limit, cli, fault);

	if (err != OK || kind != PERSON_WORKER)
		return err;
	out->status = cli_value(cli, "status");
	score = cli_value(cli, "min-score");
	sort = cli_value(cli, "sort");
	if (out->status && !people_status_exists(out->status))
		return fault_set(
		    fault, ERR_USAGE,
		    "--status %.32s: active, inactive or suspended",
		    out->status);
	if (score && (decimal_parse_u64(&out->min_score, score) != OK ||
		      out->min_score > MAX_SCORE))
		return fault_set(fault, ERR_USAGE,
				 "--min-score %.32s: a number from 0 to %d",
				 score, MAX_SCORE);
	if (sort && !people_sort_parse(&out->sort, sort))
		return fault_set(fault, ERR_USAGE,
				 "--sort %.32s: created, score or earned",
				 sort);
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
	struct people_filter filter = {.limit = 0};

	if (read_filter(&filter, command->cli, kind, &fault) != OK ||
	    people_open(&people, command, &fault) != OK)
		return command_fail(&fault);
	if (people_ask_list(&people, kind, &filter, &fault) == OK)
		code = print_list(command, &people, kind, filter.limit);
	else
		code = command_fail(&fault);
	people_close(&people);
	return code;
}

static enum err show_worker(struct people_session *people, const char *key,
			    bool json, struct fault *fault)
{
	enum err err = people_ask_profile(people, key, fault);
	bool ok;

	if (err != OK)
		return err;
	ok = json ? profile_print_json(&people->profile)
		  : profile_print_text(&people->profile);
	return ok ? OK : fault_set(fault, ERR_NOMEM, "out of memory");
}

static enum err show_platform(struct people_session *people, const char *key,
			      bool json, struct fault *fault)
{
	enum err err = people_ask_show(people, PERSON_PLATFORM, key, fault);

	if (err != OK)
		return err;
	if (json)
		return people_print_json(people->list, NULL)
			   ? OK
			   : fault_set(fault, ERR_NOMEM, "out of memory");
	people_print_text(people->list, NULL);
	return OK;
}

static enum cli_exit show(struct command *command, enum person_kind kind)
{
	const char *key = command->cli->arguments[0];
	bool json = cli_flag(command->cli, "json");
	struct people_session people;
	struct fault fault = {0};
	enum cli_exit code = CLI_DONE;
	enum err err;

	if (people_check_key(key, &fault) != OK ||
	    people_open(&people, command, &fault) != OK)
		return command_fail(&fault);
	err = kind == PERSON_WORKER ? show_worker(&people, key, json, &fault)
				    : show_platform(&people, key, json, &fault);
	if (err != OK)
		code = command_fail(&fault);
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

static enum cli_exit run_worker_show(struct command *command)
{
	return show(command, PERSON_WORKER);
}

static enum cli_exit run_platform_show(struct command *command)
{
	return show(command, PERSON_PLATFORM);
}

const struct cli_command command_worker_list = {
    .name = "worker list",
    .help = "list the workers",
    .needs = CLI_NEEDS_DATABASE,
    .options =
	{{"status", "STATUS", "only active, inactive or suspended ones"},
	 {"min-score", "N", "only with this reputation or a higher one"},
	 {"sort", "ORDER",
	  "created (the default: oldest first), score or earned (highest "
	  "first)"},
	 {"limit", "N", LIMIT_HELP},
	 {"json", NULL, "as one JSON array"}},
    .run = list_workers,
};

const struct cli_command command_platform_list = {
    .name = "platform list",
    .help = "list the platforms, oldest first",
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"limit", "N", LIMIT_HELP},
		{"json", NULL, "as one JSON array"}},
    .run = list_platforms,
};

const struct cli_command command_worker_show = {
    .name = "worker show",
    .arguments = "ID|EMAIL|WALLET",
    .help = "show one worker, with the newest tasks and transactions",
    .min_arguments = 1,
    .max_arguments = 1,
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "as one JSON object"}},
    .run = run_worker_show,
};

const struct cli_command command_platform_show = {
    .name = "platform show",
    .arguments = "ID|EMAIL|WALLET",
    .help = "show one platform",
    .min_arguments = 1,
    .max_arguments = 1,
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "as one JSON object"}},
    .run = run_platform_show,
};
