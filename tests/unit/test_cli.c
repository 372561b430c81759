#include "daemon/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static const struct cli_command run_command = {
    .name = "run", .help = "the daemon", .max_arguments = 0};
static const struct cli_command check_command = {
    .name = "address check",
    .arguments = "ADDRESS...",
    .help = "check",
    .min_arguments = 1,
    .max_arguments = CLI_MANY,
    .options = {{"json", NULL, "as JSON"}},
};
static const struct cli_command add_command = {
    .name = "worker add",
    .help = "register a worker",
    .more = "More about it.",
    .options = {{"wallet", "ADDRESS", "its wallet"},
		{"email", "EMAIL", "its email"}},
};
static const struct cli_command list_command = {.name = "worker list",
						.help = "list them"};
static const struct cli_command version_command = {.name = "version",
						   .help = "the version"};
static const struct cli_command *const table[] = {
    &run_command, &check_command, &add_command, &list_command, &version_command,
};

#define WORDS 12

struct line {
	char *words[WORDS];
	struct cli cli;
	struct fault fault;
	enum err err;
};

/* Takes a line apart at its blanks and parses it. */
static void parse(struct line *line, const char *text)
{
	static char copy[512];
	char *save = NULL;
	int n = 0;

	memset(line, 0, sizeof(*line));
	assert_true(strlen(text) < sizeof(copy));
	strcpy(copy, text);
	for (char *word = strtok_r(copy, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		assert_true(n < WORDS);
		line->words[n++] = word;
	}
	line->err = cli_parse(&line->cli, table, sizeof(table) / sizeof(*table),
			      n, line->words, &line->fault);
}

static void expect_refusal(const char *text, const char *words)
{
	struct line line;

	parse(&line, text);
	assert_int_equal(line.err, ERR_USAGE);
	if (!strstr(line.fault.text, words))
		fail_msg("\"%s\": \"%s\" does not say \"%s\"", text,
			 line.fault.text, words);
}

static void test_commands_and_options(void **state)
{
	struct line line;

	(void)state;
	parse(&line, "run");
	assert_int_equal(line.err, OK);
	assert_ptr_equal(line.cli.command, &run_command);
	assert_null(line.cli.config);
	parse(&line, "--config a.yaml worker add --wallet 0x1 --email=a@b=c "
		     "--log-level debug");
	assert_int_equal(line.err, OK);
	assert_ptr_equal(line.cli.command, &add_command);
	assert_string_equal(line.cli.config, "a.yaml");
	assert_string_equal(line.cli.log_level, "debug");
	assert_string_equal(cli_value(&line.cli, "wallet"), "0x1");
	assert_string_equal(cli_value(&line.cli, "email"), "a@b=c");
	assert_null(cli_value(&line.cli, "nonsense"));
	parse(&line, "--version");
	assert_ptr_equal(line.cli.command, &version_command);
}

static void test_arguments_and_flags_mix(void **state)
{
	struct line line;

	(void)state;
	parse(&line, "address check one --json two -- --three -");
	assert_int_equal(line.err, OK);
	assert_true(cli_flag(&line.cli, "json"));
	assert_int_equal(line.cli.n_arguments, 4);
	assert_string_equal(line.cli.arguments[0], "one");
	assert_string_equal(line.cli.arguments[1], "two");
	assert_string_equal(line.cli.arguments[2], "--three");
	assert_string_equal(line.cli.arguments[3], "-");
	parse(&line, "address check one");
	assert_false(cli_flag(&line.cli, "json"));
}

static void test_wrong_lines(void **state)
{
	(void)state;
	expect_refusal("", "gigstreamd --help");
	expect_refusal("worker", "worker --help");
	expect_refusal("rum", "the nearest is \"run\"");
	expect_refusal("wroker add", "the nearest is \"worker\"");
	expect_refusal("worker lsit", "the nearest is \"worker list\"");
	expect_refusal("worker frobnicate", "see gigstreamd worker --help");
	expect_refusal("zzzzzzzz", "see gigstreamd --help");
	expect_refusal("worker add --walet x", "the nearest is --wallet");
	expect_refusal("worker add --zzzzzzz", "see gigstreamd worker add");
	expect_refusal("run --confg x", "the nearest is --config");
	expect_refusal("run --wallet x", "unknown option --wallet");
	expect_refusal("run -x", "options are written --name");
	expect_refusal("worker add --wallet", "--wallet ADDRESS");
	expect_refusal("address check --json=1 a", "--json takes no value");
	expect_refusal("address check", "usage: gigstreamd address check ADD");
	expect_refusal("run fast", "\"fast\" is one argument too many");
	/* An option of a command comes after it. */
	expect_refusal("--wallet x worker add", "unknown option --wallet");
}

static char *help_of(const char *text)
{
	struct line line;
	char *out = NULL;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	assert_non_null(file);
	parse(&line, text);
	assert_int_equal(line.err, OK);
	assert_true(line.cli.help);
	cli_help(&line.cli, file);
	fclose(file);
	assert_non_null(out);
	for (const char *at = out; *at; at += strcspn(at, "\n") + 1)
		assert_true(strcspn(at, "\n") <= 80);
	return out;
}

static void test_help(void **state)
{
	static const char *const of_all[] = {"--help", "-h", "help"};
	char *help;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		help = help_of(of_all[i]);
		assert_non_null(strstr(help, "worker add"));
		assert_non_null(strstr(help, "--config FILE"));
		free(help);
	}
	help = help_of("worker --help");
	assert_non_null(strstr(help, "worker list"));
	assert_null(strstr(help, "address check"));
	free(help);
	help = help_of("help worker add");
	assert_non_null(strstr(help, "usage: gigstreamd worker add"));
	assert_non_null(strstr(help, "--wallet ADDRESS"));
	assert_non_null(strstr(help, "More about it."));
	free(help);
	/* Also where the rest of the line is not complete. */
	free(help_of("address check --help"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_commands_and_options),
	    cmocka_unit_test(test_arguments_and_flags_mix),
	    cmocka_unit_test(test_wrong_lines),
	    cmocka_unit_test(test_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
