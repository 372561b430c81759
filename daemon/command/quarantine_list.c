#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/bytes.h"
#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/output.h"
#include "daemon/command/session.h"
#include "db/store/derive.h"

static enum err ask(json_t **answer, struct command *command, uint64_t after,
		    struct fault *fault)
{
	bool dropped = cli_flag(command->cli, "dropped");
	struct session session;
	struct session_json json = {.session = &session};
	enum err err = session_open_store(&session, &command->loop,
					  command->config, fault);

	if (err)
		return err;
	session_begin(&session);
	err = store_quarantine_list(session.store, after, dropped,
				    session_on_json, &json);
	err = session_end(&session, err, fault);
	session_close(&session);
	*answer = json.answer;
	return err;
}

#define COLUMNS 8
#define NUMBER_SIZE 24

static const char *text_of(const json_t *row, const char *key)
{
	return json_string_value(json_object_get(row, key));
}

/* numbers: room for the two of the row. */
static void fill_row(const char **cells, char numbers[3][NUMBER_SIZE],
		     const json_t *row)
{
	static const char *const keys[] = {"id", "block", "log_index"};
	const json_t *dropped = json_object_get(row, "dropped");

	for (int i = 0; i < 3; i++) {
		(void)snprintf(
		    numbers[i], NUMBER_SIZE, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(json_object_get(row, keys[i])));
		cells[i] = numbers[i];
	}
	cells[3] = text_of(row, "kind");
	cells[4] = text_of(row, "contract");
	cells[5] = text_of(row, "reason");
	cells[6] = text_of(row, "since");
	cells[7] = json_is_object(dropped) ? text_of(dropped, "reason") : NULL;
}

static enum cli_exit print_table(const json_t *list)
{
	static const char *const heads[COLUMNS] = {
	    "ID",	"BLOCK",  "LOG",   "KIND",
	    "CONTRACT", "REASON", "SINCE", "DROPPED"};
	size_t n = json_array_size(list);
	const char **cells = calloc((n + 1) * COLUMNS, sizeof(*cells));
	char(*numbers)[3][NUMBER_SIZE] = calloc(n + 1, sizeof(*numbers));

	if (cells && numbers) {
		for (int i = 0; i < COLUMNS; i++)
			cells[i] = heads[i];
		for (size_t i = 0; i < n; i++)
			fill_row(&cells[(i + 1) * COLUMNS], numbers[i],
				 json_array_get(list, i));
		output_table(stdout, cells, n + 1, COLUMNS);
	}
	free(cells);
	free(numbers);
	if (n == STORE_LIST_MOST)
		fprintf(stderr,
			"gigstreamd: these are the first %d; for the "
			"next ones: --after ID\n",
			STORE_LIST_MOST);
	return cells && numbers ? CLI_DONE : CLI_FAILED;
}

static enum cli_exit print(const struct command *command, const json_t *list)
{
	char *text;

	if (!cli_flag(command->cli, "json"))
		return print_table(list);
	text = json_dumps(list, JSON_INDENT(2));
	if (!text)
		return CLI_FAILED;
	puts(text);
	free(text);
	return CLI_DONE;
}

static enum cli_exit run(struct command *command)
{
	json_t *list = NULL;
	const char *after = cli_value(command->cli, "after");
	struct fault fault = {0};
	uint64_t id = 0;
	enum cli_exit code;
	enum err err = OK;

	if (after && (decimal_parse_u64(&id, after) != OK || id > INT64_MAX))
		err = fault_set(&fault, ERR_USAGE, "--after %.40s is no id",
				after);
	if (!err)
		err = ask(&list, command, id, &fault);
	if (err)
		return command_fail(&fault);
	code = print(command, list);
	json_decref(list);
	return code;
}

const struct cli_command command_quarantine_list = {
    .name = "quarantine list",
    .help = "logs that could not be believed, and why",
    .more = "malformed: a log of our contracts that does not decode; "
	    "contradicting: an event that does not fit the others of its "
	    "stream or loan. See quarantine show, retry and drop.",
    .options = {{"dropped", NULL, "those that were dropped, too"},
		{"after", "ID", "those with a higher id"},
		{"json", NULL, "as a JSON array"}},
    .run = run,
};
