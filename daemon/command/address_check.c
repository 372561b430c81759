#include "common/address.h"
#include "common/buf.h"
#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/output.h"
#include "daemon/serve/json_put.h"
#include <string.h>

static void print_plain(const char *input, const char *checksum,
			const struct fault *fault)
{
	if (checksum) {
		puts(checksum);
		return;
	}
	/* Most sentences quote it already. */
	if (!strstr(fault->text, input)) {
		output_text(stdout, input);
		fputs(": ", stdout);
	}
	output_text(stdout, fault->text);
	putchar('\n');
}

static void print_json(const char *input, const char *checksum,
		       const struct fault *fault)
{
	struct buf line;

	buf_init(&line, 1u << 20);
	buf_putc(&line, '{');
	json_put_text(&line, "input", input);
	json_put_bool(&line, "ok", checksum != NULL);
	if (checksum)
		json_put_text(&line, "address", checksum);
	else
		json_put_text(&line, "error", fault->text);
	buf_putc(&line, '}');
	fputs(line.data, stdout);
	buf_free(&line);
}

static enum cli_exit run(struct command *command)
{
	bool json = cli_flag(command->cli, "json");
	enum cli_exit code = CLI_DONE;

	for (size_t i = 0; i < command->cli->n_arguments; i++) {
		const char *input = command->cli->arguments[i];
		char text[ADDRESS_TEXT_SIZE];
		const char *checksum = NULL;
		struct address address;
		struct fault fault = {0};

		if (address_accept(&address, input, false, &fault) == OK)
			checksum = address_checksum(text, &address);
		else
			code = CLI_FAILED;
		if (json) {
			putchar(i == 0 ? '[' : ',');
			print_json(input, checksum, &fault);
		} else {
			print_plain(input, checksum, &fault);
		}
	}
	if (json)
		puts("]");
	return code;
}

const struct cli_command command_address_check = {
    .name = "address check",
    .arguments = "ADDRESS...",
    .help = "print addresses in checksum form (EIP-55), or what is wrong",
    .more = "One line an address, in the order given. An address without "
	    "upper-case letters has no checksum: the form it should have is "
	    "shown. Exit 1 if any is wrong.",
    .min_arguments = 1,
    .max_arguments = CLI_MANY,
    .needs = CLI_NEEDS_NOTHING,
    .options = {{"json", NULL, "as one JSON array"}},
    .run = run,
};
