#include "daemon/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/command/command.h"
#include "tests/fuzz/fuzz.h"

/* Reads: the words of a command line, with NUL bytes between them.
 *
 * Holds: a line that is accepted names a command or asks for help, which can be
 * given; its arguments are words of the line, as many as the command takes. A
 * line that is refused is told why. */

#define WORDS_MOST 32

static bool is_word(char *const *words, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(words[i], text))
			return true;
	return false;
}

static void check_line(const struct cli *cli, char *const *words, size_t n)
{
	const struct cli_command *command = cli->command;

	CHECK(command || cli->help);
	if (!command)
		return;
	for (size_t i = 0; i < CLI_OPTIONS; i++)
		CHECK(!cli->values[i] || command->options[i].name);
	for (size_t i = 0; command->options[i].name; i++) {
		const char *value = cli_value(cli, command->options[i].name);

		CHECK(value == cli->values[i]);
		CHECK(!value || !*value || command->options[i].value);
		CHECK(!value || is_word(words, n, value));
	}
	if (cli->help)
		return;
	CHECK(cli->n_arguments >= command->min_arguments);
	CHECK(cli->n_arguments <= command->max_arguments);
	for (size_t i = 0; i < cli->n_arguments; i++)
		CHECK(is_word(words, n, cli->arguments[i]));
}

static void check_help(const struct cli *cli)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	CHECK(out);
	cli_help(cli, out);
	CHECK(fclose(out) == 0);
	CHECK(len > 0 && text[len - 1] == '\n');
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *words[WORDS_MOST + 1] = {NULL}, *moved[WORDS_MOST + 1];
	struct input in = {data, size};
	struct fault fault = {0};
	struct cli cli = {0};
	size_t n = 0;
	enum err err;

	while (n < WORDS_MOST && in.left > 0)
		words[n++] = input_text(&in, '\0', NULL);
	memcpy(moved, words, sizeof(moved));
	err = cli_parse(&cli, command_table, command_count, (int)n, moved,
			&fault);
	if (err == OK) {
		check_line(&cli, words, n);
		if (cli.help)
			check_help(&cli);
	} else {
		CHECK(err == ERR_USAGE);
		check_fault(err, &fault);
	}
	while (n > 0)
		free(words[--n]);
	return 0;
}
