#include "daemon/command/secret.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

/* What is read before it is known to be one line: with CR, LF, and one more. */
struct input {
	char data[SECRET_MAX + 3];
	size_t len;
};

void secret_wipe(struct secret *secret)
{
	explicit_bzero(secret, sizeof(*secret));
}

static enum err cannot_read(const char *name, struct fault *fault)
{
	return fault_set(fault, ERR_IO, "cannot read the %s from stdin: %s",
			 name, strerror(errno));
}

/* All of stdin, as far as there is room for; a terminal gives a line at once,
 * and its end is not awaited. */
static enum err read_input(struct input *in, const char *name, bool terminal,
			   struct fault *fault)
{
	while (in->len < sizeof(in->data)) {
		ssize_t n = read(STDIN_FILENO, in->data + in->len,
				 sizeof(in->data) - in->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot_read(name, fault);
		in->len += (size_t)n;
		if (n == 0 || (terminal && in->data[in->len - 1] == '\n'))
			break;
	}
	return OK;
}

static bool is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static enum err take_line(struct secret *out, const struct input *in,
			  const char *name, struct fault *fault)
{
	size_t len = in->len;

	len -= len > 0 && in->data[len - 1] == '\n';
	len -= len > 0 && in->data[len - 1] == '\r';
	if (len == 0)
		return fault_set(fault, ERR_USAGE,
				 "no %s was given: it is read from stdin, as "
				 "one line",
				 name);
	for (size_t i = 0; i < len; i++)
		if (is_control(in->data[i]))
			return fault_set(fault, ERR_USAGE,
					 "the %s on stdin is more than one "
					 "line, or has a control character in "
					 "it",
					 name);
	if (len > SECRET_MAX)
		return fault_set(fault, ERR_USAGE,
				 "the %s on stdin is longer than %d bytes",
				 name, SECRET_MAX);
	memcpy(out->text, in->data, len);
	out->text[len] = '\0';
	out->len = len;
	return OK;
}

/* A line typed at the terminal, or the signal that signals tells of. */
static enum err await_line(struct input *in, const char *name, int signals,
			   struct fault *fault)
{
	struct pollfd fds[] = {{.fd = STDIN_FILENO, .events = POLLIN},
			       {.fd = signals, .events = POLLIN}};

	while (poll(fds, 2, -1) < 0)
		if (errno != EINTR)
			return cannot_read(name, fault);
	if (fds[1].revents) {
		fputc('\n', stderr);
		return fault_set(fault, ERR_CANCELLED,
				 "interrupted before the %s was there: run it "
				 "again",
				 name);
	}
	return read_input(in, name, true, fault);
}

/* Echo is off while this reads. */
static enum err read_unseen(struct input *in, const char *prompt,
			    const char *name, int signals, struct fault *fault)
{
	struct termios seen, unseen;
	enum err err;

	if (tcgetattr(STDIN_FILENO, &seen) != 0)
		return cannot_read(name, fault);
	unseen = seen;
	unseen.c_lflag &= ~(tcflag_t)ECHO;
	unseen.c_lflag |= ECHONL;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen) != 0)
		return cannot_read(name, fault);
	fprintf(stderr, "%s (not shown): ", prompt);
	err = await_line(in, name, signals, fault);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &seen);
	return err;
}

/* The signals that would leave a terminal without echo are held back until it
 * has it again; then they do what they always do. */
static enum err ask(struct input *in, const char *prompt, const char *name,
		    struct fault *fault)
{
	static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP,
				      SIGTSTP};
	sigset_t held, before;
	int signals;
	enum err err;

	sigemptyset(&held);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaddset(&held, numbers[i]);
	if (sigprocmask(SIG_BLOCK, &held, &before) != 0)
		return cannot_read(name, fault);
	signals = signalfd(-1, &held, SFD_CLOEXEC);
	err = signals < 0 ? cannot_read(name, fault)
			  : read_unseen(in, prompt, name, signals, fault);
	if (signals >= 0)
		(void)close(signals);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

static enum err read_once(struct secret *out, const char *prompt,
			  const char *name, bool terminal, struct fault *fault)
{
	struct input in = {.len = 0};
	enum err err = terminal ? ask(&in, prompt, name, fault)
				: read_input(&in, name, false, fault);

	if (err == OK)
		err = take_line(out, &in, name, fault);
	explicit_bzero(&in, sizeof(in));
	return err;
}

enum err secret_read(struct secret *out, const char *name, bool again,
		     struct fault *fault)
{
	bool terminal = isatty(STDIN_FILENO);
	struct secret second = {.len = 0};
	enum err err = read_once(out, name, name, terminal, fault);

	if (err == OK && terminal && again) {
		err = read_once(&second, "the same again", name, true, fault);
		if (err == OK && strcmp(out->text, second.text) != 0)
			err = fault_set(fault, ERR_USAGE,
					"the second %s is not the first: "
					"nothing was changed; try again",
					name);
		secret_wipe(&second);
	}
	if (err != OK)
		secret_wipe(out);
	return err;
}

enum err secret_refuse_argument(const struct cli *cli, size_t n,
				const char *name, struct fault *fault)
{
	if (cli->n_arguments <= n)
		return OK;
	return fault_set(fault, ERR_USAGE,
			 "the %s is read from stdin and never an argument, "
			 "which others can see (ps, the shell's history): "
			 "should this one be in use, change it",
			 name);
}
