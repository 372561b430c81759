#include "daemon/cli.h"

#include "common/nearest.h"
#include <string.h>

#define PROGRAM "gigstreamd"

static const struct cli_option global_options[] = {
    {"config", "FILE",
     "the configuration (default: /etc/gigstream/gigstreamd.yaml)"},
    {"log-level", "LEVEL", "error, warn, info or debug"},
    {"help", NULL, "this text"},
};
#define GLOBALS (sizeof(global_options) / sizeof(*global_options))

/* The length of the group's name in "worker add"; 0: the command has none. */
static size_t group_len(const struct cli_command *command)
{
	const char *blank = strchr(command->name, ' ');

	return blank ? (size_t)(blank - command->name) : 0;
}

static bool in_group(const struct cli_command *command, const char *group)
{
	size_t len = group_len(command);

	return len == strlen(group) && strncmp(command->name, group, len) == 0;
}

static const struct cli_command *find_command(const struct cli *cli,
					      const char *word)
{
	for (size_t i = 0; i < cli->n_commands; i++)
		if (strcmp(cli->commands[i]->name, word) == 0)
			return cli->commands[i];
	return NULL;
}

static bool has_group(const struct cli *cli, const char *word)
{
	for (size_t i = 0; i < cli->n_commands; i++)
		if (in_group(cli->commands[i], word))
			return true;
	return false;
}

static enum err no_such_command(const struct cli *cli, const char *word,
				struct fault *fault)
{
	const char *group = cli->group ? cli->group : "";
	const char *blank = cli->group ? " " : "";
	struct nearest nearest;

	nearest_init(&nearest, word, strlen(word));
	for (size_t i = 0; i < cli->n_commands; i++) {
		const char *name = cli->commands[i]->name;
		size_t len = group_len(cli->commands[i]);

		if (!cli->group)
			nearest_try(&nearest, name, len ? len : strlen(name));
		else if (in_group(cli->commands[i], cli->group))
			nearest_try(&nearest, name + len + 1,
				    strlen(name + len + 1));
	}
	if (!nearest.found)
		return fault_set(fault, ERR_USAGE,
				 "unknown command \"%s%s%.64s\"; see " PROGRAM
				 " %s%s--help",
				 group, blank, word, group, blank);
	return fault_set(fault, ERR_USAGE,
			 "unknown command \"%s%s%.64s\"; the nearest is "
			 "\"%s%s%.*s\"",
			 group, blank, word, group, blank,
			 (int)nearest.found_len, nearest.found);
}

/* A word before the command is known: it names the command, or its group. */
static enum err take_command(struct cli *cli, const char *word,
			     struct fault *fault)
{
	char name[128];

	if (!cli->group && strcmp(word, "help") == 0) {
		cli->help = true;
		return OK;
	}
	if (!cli->group && has_group(cli, word)) {
		cli->group = word;
		return OK;
	}
	(void)snprintf(name, sizeof(name), "%s%s%s",
		       cli->group ? cli->group : "", cli->group ? " " : "",
		       word);
	cli->command = find_command(cli, name);
	return cli->command ? OK : no_such_command(cli, word, fault);
}

static const struct cli_option *find_option(const struct cli_option *options,
					    size_t n, const char *name,
					    size_t len)
{
	for (size_t i = 0; i < n && options[i].name; i++)
		if (strlen(options[i].name) == len &&
		    strncmp(options[i].name, name, len) == 0)
			return &options[i];
	return NULL;
}

static enum err no_such_option(const struct cli *cli, const char *name,
			       size_t len, struct fault *fault)
{
	const char *of = cli->command ? cli->command->name : "";
	struct nearest nearest;

	nearest_init(&nearest, name, len);
	for (size_t i = 0; i < GLOBALS; i++)
		nearest_try(&nearest, global_options[i].name,
			    strlen(global_options[i].name));
	for (size_t i = 0; cli->command && cli->command->options[i].name; i++)
		nearest_try(&nearest, cli->command->options[i].name,
			    strlen(cli->command->options[i].name));
	if (!nearest.found)
		return fault_set(
		    fault, ERR_USAGE,
		    "unknown option --%.*s; see " PROGRAM " %s%s--help",
		    (int)(len < 64 ? len : 64), name, of, *of ? " " : "");
	return fault_set(fault, ERR_USAGE,
			 "unknown option --%.*s; the nearest is --%s",
			 (int)(len < 64 ? len : 64), name, nearest.found);
}

static void keep_value(struct cli *cli, const struct cli_option *option,
		       const char *value)
{
	if (option == &global_options[0])
		cli->config = value;
	else if (option == &global_options[1])
		cli->log_level = value;
	else if (option == &global_options[2])
		cli->help = true;
	else
		cli->values[option - cli->command->options] = value;
}

/* text follows the two dashes; next is the word after it, or NULL. *used_next
 * says whether that was its value. */
static enum err take_option(struct cli *cli, const char *text, const char *next,
			    bool *used_next, struct fault *fault)
{
	size_t len = strcspn(text, "=");
	const char *value = text[len] ? text + len + 1 : NULL;
	const struct cli_option *option =
	    find_option(global_options, GLOBALS, text, len);

	if (!option && cli->command)
		option =
		    find_option(cli->command->options, CLI_OPTIONS, text, len);
	if (!option)
		return no_such_option(cli, text, len, fault);
	if (!option->value && value)
		return fault_set(fault, ERR_USAGE, "--%s takes no value",
				 option->name);
	if (option->value && !value) {
		if (!next)
			return fault_set(
			    fault, ERR_USAGE, "--%s needs a value: --%s %s",
			    option->name, option->name, option->value);
		value = next;
		*used_next = true;
	}
	keep_value(cli, option, value ? value : "");
	return OK;
}

const char *cli_value(const struct cli *cli, const char *name)
{
	const struct cli_option *option =
	    find_option(cli->command->options, CLI_OPTIONS, name, strlen(name));

	return option ? cli->values[option - cli->command->options] : NULL;
}

static enum err check_arguments(const struct cli *cli, struct fault *fault)
{
	const struct cli_command *command = cli->command;

	if (cli->help)
		return OK;
	if (!command)
		return fault_set(fault, ERR_USAGE,
				 "no command given; see " PROGRAM " %s%s--help",
				 cli->group ? cli->group : "",
				 cli->group ? " " : "");
	if (cli->n_arguments < command->min_arguments)
		return fault_set(fault, ERR_USAGE, "usage: " PROGRAM " %s %s",
				 command->name, command->arguments);
	if (cli->n_arguments > command->max_arguments)
		return fault_set(
		    fault, ERR_USAGE,
		    "\"%.64s\" is one argument too many; see " PROGRAM
		    " %s --help",
		    cli->arguments[command->max_arguments], command->name);
	return OK;
}

enum err cli_parse(struct cli *out, const struct cli_command *const *commands,
		   size_t n_commands, int argc, char **argv,
		   struct fault *fault)
{
	struct cli cli = {
	    .commands = commands, .n_commands = n_commands, .arguments = argv};
	bool options_ended = false;
	enum err err = OK;

	for (int i = 0; i < argc && err == OK; i++) {
		char *word = argv[i];
		bool used_next = false;

		if (!options_ended && strcmp(word, "--") == 0) {
			options_ended = true;
		} else if (!options_ended && strcmp(word, "-h") == 0) {
			cli.help = true;
		} else if (!options_ended && !cli.command &&
			   strcmp(word, "--version") == 0) {
			err = take_command(&cli, "version", fault);
		} else if (!options_ended && strncmp(word, "--", 2) == 0) {
			err = take_option(&cli, word + 2,
					  i + 1 < argc ? argv[i + 1] : NULL,
					  &used_next, fault);
			i += used_next;
		} else if (!options_ended && word[0] == '-' && word[1]) {
			err = fault_set(fault, ERR_USAGE,
					"unknown option %.64s; options are "
					"written --name",
					word);
		} else if (!cli.command) {
			err = take_command(&cli, word, fault);
		} else {
			cli.arguments[cli.n_arguments++] = word;
		}
	}
	if (err == OK)
		err = check_arguments(&cli, fault);
	if (err == OK)
		*out = cli;
	return err;
}

#define COLUMNS 80
#define HELP_COLUMN 25

/* Prints text, which begins at this column, in lines that fit the screen; the
 * further ones begin at indent. */
static void put_wrapped(const char *text, size_t column, size_t indent,
			FILE *out)
{
	for (;;) {
		size_t len = strcspn(text, " ");

		fprintf(out, "%.*s", (int)len, text);
		column += len;
		text += len;
		if (!*text)
			break;
		text++;
		if (column + 1 + strcspn(text, " ") < COLUMNS) {
			fputc(' ', out);
			column++;
		} else {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
		}
	}
	fputc('\n', out);
}

static void help_entry(const char *left, const char *help, FILE *out)
{
	fprintf(out, "  %-22s ", left);
	put_wrapped(help, HELP_COLUMN, HELP_COLUMN, out);
}

static void help_options(const struct cli_option *options, size_t n, FILE *out)
{
	char left[64];

	for (size_t i = 0; i < n && options[i].name; i++) {
		(void)snprintf(left, sizeof(left), "--%s%s%s", options[i].name,
			       options[i].value ? " " : "",
			       options[i].value ? options[i].value : "");
		help_entry(left, options[i].help, out);
	}
}

static void help_command(const struct cli_command *command, FILE *out)
{
	fprintf(out, "usage: " PROGRAM " %s%s%s%s\n\n", command->name,
		command->options[0].name ? " [OPTIONS]" : "",
		command->arguments ? " " : "",
		command->arguments ? command->arguments : "");
	put_wrapped(command->help, 0, 0, out);
	if (command->more) {
		fputc('\n', out);
		put_wrapped(command->more, 0, 0, out);
	}
	if (command->options[0].name) {
		fputs("\nOptions:\n", out);
		help_options(command->options, CLI_OPTIONS, out);
	}
}

static void help_list(const struct cli *cli, FILE *out)
{
	fprintf(out, "usage: " PROGRAM " %s%sCOMMAND [OPTIONS]\n\nCommands:\n",
		cli->group ? cli->group : "", cli->group ? " " : "");
	for (size_t i = 0; i < cli->n_commands; i++)
		if (!cli->group || in_group(cli->commands[i], cli->group))
			help_entry(cli->commands[i]->name,
				   cli->commands[i]->help, out);
}

void cli_help(const struct cli *cli, FILE *out)
{
	if (!cli->group && !cli->command) {
		put_wrapped("gigstreamd follows an EVM chain over JSON-RPC and "
			    "keeps every USDC payment and payment stream in "
			    "PostgreSQL, proven.",
			    0, 0, out);
		fputc('\n', out);
	}
	if (cli->command)
		help_command(cli->command, out);
	else
		help_list(cli, out);
	fputs("\nEverywhere:\n", out);
	help_options(global_options, GLOBALS, out);
	fputc('\n', out);
	put_wrapped("Exit: 0 done; 1 failed; 2 wrong usage or configuration; "
		    "3 stopped before the end, run it again to resume; 4 "
		    "differences were found.",
		    0, 0, out);
}
