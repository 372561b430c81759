#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/output.h"
#include "daemon/command/session.h"
#include "db/store/store.h"

static enum err ask(struct session_json *json, struct command *command,
		    struct fault *fault)
{
	const struct config *config = command->config;
	size_t n = 1 + config->contracts.n;
	struct address *sources = calloc(n, sizeof(*sources));
	enum err err;

	if (!sources)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	sources[0] = config->contracts.usdc;
	for (size_t i = 1; i < n; i++)
		sources[i] = config->contracts.items[i - 1].address;
	session_begin(json->session);
	err = store_status(json->session->store, sources, n, session_on_json,
			   json);
	err = session_end(json->session, err, fault);
	free(sources);
	return err;
}

/* "123"; "-" where the database knows no such number. */
static const char *number(char text[24], const json_t *status, const char *key)
{
	const json_t *value = json_object_get(status, key);

	if (!json_is_integer(value))
		return "-";
	(void)snprintf(text, 24, "%" JSON_INTEGER_FORMAT,
		       json_integer_value(value));
	return text;
}

/* What proved a range, and how many endpoints stand behind its hashes. */
static void print_vouchers(const char *by, const json_t *range)
{
	json_int_t endpoints =
	    json_integer_value(json_object_get(range, "endpoints"));

	output_text(stdout, by);
	if (endpoints > 1)
		printf(", on the word of %" JSON_INTEGER_FORMAT " endpoints",
		       endpoints);
	putchar('\n');
}

static void print_ranges(const char *what, const json_t *ranges)
{
	const json_t *range, *by;
	size_t i;
	char from[24], to[24];

	json_array_foreach(ranges, i, range)
	{
		by = json_object_get(range, "verified_by");
		printf("%-12s", what);
		output_text(stdout, json_string_value(
					json_object_get(range, "source")));
		printf(" %s to %s%s", number(from, range, "from"),
		       number(to, range, "to"), by ? ", by " : "\n");
		if (by)
			print_vouchers(json_string_value(by), range);
	}
}

static void print_audit(const json_t *audit)
{
	char block[24], differences[24];

	printf("%-12s", "audit");
	if (!json_is_object(audit)) {
		puts("-");
		return;
	}
	printf("%s differences at block %s, ended ",
	       number(differences, audit, "differences"),
	       number(block, audit, "block"));
	output_text(stdout,
		    json_string_value(json_object_get(audit, "finished_at")));
	putchar('\n');
}

/* Ranges and histories that are still to be read. */
static void print_jobs(const json_t *jobs)
{
	const json_t *job;
	size_t i;
	char from[24], to[24], done[24], wallets[24];

	json_array_foreach(jobs, i, job)
	{
		printf("%-12s", "reading");
		printf("%s to %s, done to %s", number(from, job, "from"),
		       number(to, job, "to"), number(done, job, "done_to"));
		if (json_integer_value(json_object_get(job, "wallets")) > 0)
			printf(", for %s wallets",
			       number(wallets, job, "wallets"));
		putchar('\n');
	}
}

static void print_text(const json_t *status)
{
	static const struct {
		const char *label, *key;
	} rows[] = {
	    {"chain", "chain_id"},
	    {"head", "head"},
	    {"finalized", "finalized"},
	    {"indexed", "indexed"},
	    {"lag blocks", "lag_blocks"},
	    {"lag seconds", "lag_seconds"},
	    {"wallets", "wallets"},
	    {"incomplete", "wallets_incomplete"},
	    {"quarantined", "quarantined"},
	    {"indexes due", "deferred_indexes"},
	};
	const json_t *leader = json_object_get(status, "leader");
	const json_t *halt = json_object_get(status, "halt");
	char text[24];

	printf("%-12s", "state");
	output_text(stdout,
		    json_string_value(json_object_get(status, "state")));
	putchar('\n');
	if (json_is_string(halt)) {
		printf("%-12s", "halt");
		output_text(stdout, json_string_value(halt));
		putchar('\n');
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		printf("%-12s%s\n", rows[i].label,
		       number(text, status, rows[i].key));
	print_ranges("covered", json_object_get(status, "coverage"));
	print_ranges("gap", json_object_get(status, "gaps"));
	print_jobs(json_object_get(status, "jobs"));
	print_audit(json_object_get(status, "audit"));
	printf("%-12s", "leader");
	output_text(stdout,
		    json_string_value(json_object_get(leader, "owner")));
	putchar('\n');
}

static enum cli_exit print(const struct command *command, json_t *status)
{
	char *text;

	if (!cli_flag(command->cli, "json")) {
		print_text(status);
		return CLI_DONE;
	}
	text = json_dumps(status, JSON_INDENT(2));
	if (!text)
		return CLI_FAILED;
	puts(text);
	free(text);
	return CLI_DONE;
}

static enum cli_exit run(struct command *command)
{
	struct session session;
	struct session_json json = {.session = &session};
	struct fault fault = {0};
	enum cli_exit code;
	enum err err = session_open_store(&session, &command->loop,
					  command->config, &fault);

	if (err)
		return command_fail(&fault);
	err = ask(&json, command, &fault);
	session_close(&session);
	if (err)
		return command_fail(&fault);
	code = print(command, json.answer);
	json_decref(json.answer);
	return code;
}

const struct cli_command command_status = {
    .name = "status",
    .help = "how far the database is, and who leads",
    .more = "Asks the database alone: head and finalized are those of the "
	    "last commit.",
    .options = {{"json", NULL, "as one JSON object"}},
    .run = run,
};
