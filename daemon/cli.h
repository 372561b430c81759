#ifndef GS_DAEMON_CLI_H
#define GS_DAEMON_CLI_H

#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The command line: `gigstreamd [--global..] COMMAND [--option..] [ARGUMENT..]`
 * in the manner of getopt_long(3): --name VALUE or --name=VALUE, options and
 * arguments in any order, "--" ends the options. Pure: knows no command. */

enum cli_exit {
	CLI_DONE = 0,
	CLI_FAILED = 1,
	CLI_USAGE = 2,	   /* or a wrong configuration */
	CLI_STOPPED = 3,   /* before the end; run it again to resume */
	CLI_DIFFERENT = 4, /* differences were found */
};

struct cli_option {
	const char *name;  /* without "--"; NULL ends a list */
	const char *value; /* what stands for its value in the help; NULL: a
			      flag */
	const char *help;
};

/* How much of the configuration a command needs. */
enum cli_needs {
	CLI_NEEDS_ALL,
	CLI_NEEDS_DATABASE, /* the rest may be missing */
	CLI_NEEDS_NOTHING,  /* none is read */
};

struct command;
#define CLI_MANY ((size_t)-1)
#define CLI_OPTIONS 8

struct cli_command {
	const char *name;      /* "run"; of a group: "worker add" */
	const char *arguments; /* "ADDRESS..."; NULL: it takes none */
	const char *help;      /* one line */
	const char *more;      /* a paragraph for --help; may be NULL */
	size_t min_arguments, max_arguments; /* CLI_MANY: no limit */
	enum cli_needs needs;
	struct cli_option options[CLI_OPTIONS + 1];
	enum cli_exit (*run)(struct command *command);
};

struct cli {
	const struct cli_command *const *commands;
	size_t n_commands;
	const struct cli_command *command; /* NULL with help of all, or group */
	const char *group; /* "worker": help of its commands; else NULL */
	bool help;
	const char *config;		 /* NULL: not given */
	const char *log_level;		 /* likewise */
	const char *values[CLI_OPTIONS]; /* of command's options, by index */
	char **arguments;
	size_t n_arguments;
};

/* Takes argv (without the program's name) apart; its pointers are moved about
 * in place and borrowed. ERR_USAGE: fault says what is wrong and which valid
 * word is the nearest. */
enum err cli_parse(struct cli *out, const struct cli_command *const *commands,
		   size_t n_commands, int argc, char **argv,
		   struct fault *fault) MUST_CHECK;

/* The value of an option of the command; "" for a flag; NULL: not given. */
const char *cli_value(const struct cli *cli, const char *name);
static inline bool cli_flag(const struct cli *cli, const char *name)
{
	return cli_value(cli, name) != NULL;
}

/* Help of everything, of a group or of a command. */
void cli_help(const struct cli *cli, FILE *out);

#endif
