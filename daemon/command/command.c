#include "daemon/command/command.h"

#include "daemon/command/output.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LAST_RESORT_MS 4800

enum cli_exit command_fail(const struct fault *fault)
{
	fputs("gigstreamd: ", stderr);
	output_text(stderr,
		    fault->text[0] ? fault->text : err_text(fault->code));
	fputc('\n', stderr);
	return fault->code == ERR_USAGE ? CLI_USAGE : CLI_FAILED;
}

/* Where stdin, stdout or stderr is closed, the next socket would get its
 * number, and what is printed would go to the database. The stand-in cannot be
 * used the way its number is used, so that printing fails as it should. */
static void occupy_standard_fds(void)
{
	static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};

	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", modes[fd]) != fd)
			_exit(CLI_FAILED);
}

static void on_last_resort(uv_timer_t *timer)
{
	const struct command *command = timer->data;

	log_error(
	    &command->logger,
	    "the database does not answer even at the end: ending without "
	    "it; what was not committed is rolled back");
	(void)fflush(NULL);
	_exit(CLI_FAILED);
}

void command_must_end(struct command *command)
{
	/* Neither can fail for a timer on a loop that works. */
	(void)uv_timer_init(&command->loop, &command->last_resort);
	command->last_resort.data = command;
	(void)uv_timer_start(&command->last_resort, on_last_resort,
			     LAST_RESORT_MS, 0);
	uv_unref((uv_handle_t *)&command->last_resort);
}

enum err command_read_config(const struct cli *cli, struct config **out,
			     struct fault *fault)
{
	const char *path = cli->config;

	if (!path && (access(COMMAND_CONFIG, F_OK) == 0 || errno != ENOENT))
		path = COMMAND_CONFIG;
	*out = NULL;
	switch (cli->command->needs) {
	case CLI_NEEDS_NOTHING:
		return OK;
	case CLI_NEEDS_DATABASE:
		return config_load_database(out, path, fault);
	case CLI_NEEDS_ALL:
		break;
	}
	return config_load(out, path, fault);
}

static enum err init_logger(struct command *command, struct fault *fault)
{
	const struct config *config = command->config;
	const char *name = command->cli->log_level;
	enum log_level level =
	    config ? (enum log_level)config->log.level : LOG_INFO;

	if (name && !log_level_parse(&level, name))
		return fault_set(fault, ERR_USAGE,
				 "--log-level %.32s: it is error, warn, info "
				 "or debug",
				 name);
	logger_init(&command->logger, level, config && config->log.json);
	return OK;
}

static int run(const struct cli *cli)
{
	struct command command = {.cli = cli};
	struct fault fault = {0};
	int code = CLI_FAILED;
	enum err err = command_read_config(cli, &command.config, &fault);

	if (err == OK)
		err = init_logger(&command, &fault);
	if (err == OK && uv_loop_init(&command.loop) != 0)
		err = fault_set(&fault, ERR_IO,
				"cannot make an event loop: %s; look at the "
				"limit of open files (ulimit -n)",
				strerror(errno));
	if (err != OK) {
		code = (int)command_fail(&fault);
		config_free(command.config);
		return code;
	}
	code = (int)cli->command->run(&command);
	if (command.last_resort.data)
		uv_close((uv_handle_t *)&command.last_resort, NULL);
	/* What is closing gets its last callbacks. */
	(void)uv_run(&command.loop, UV_RUN_NOWAIT);
	(void)uv_loop_close(&command.loop);
	config_free(command.config);
	return code;
}

/* A result that could not be written is no success. */
static int finish_output(int code)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	if (fclose(stdout) == 0 && !failed)
		return code;
	fprintf(stderr, "gigstreamd: cannot write the result to stdout%s%s\n",
		errno ? ": " : "", errno ? strerror(errno) : "");
	return CLI_FAILED;
}

int command_main(int argc, char **argv)
{
	struct fault fault = {0};
	struct cli cli;
	int code = CLI_DONE;

	occupy_standard_fds();
	/* A reader that went away is an error of write(2), no sudden death. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (cli_parse(&cli, command_table, command_count,
		      argc > 0 ? argc - 1 : 0, argv + 1, &fault) != OK)
		return (int)command_fail(&fault);
	if (cli.help)
		cli_help(&cli, stdout);
	else
		code = run(&cli);
	return finish_output(code);
}
