#ifndef GS_DAEMON_COMMAND_SECRET_H
#define GS_DAEMON_COMMAND_SECRET_H

#include "daemon/cli.h"

/* A secret that a person gives to a command: one line of stdin, never an
 * argument, which ps(1) and the shell's history would show. */
#define SECRET_MAX 512

struct secret {
	char text[SECRET_MAX + 1];
	size_t len;
};

/* Reads it, without the line's end. At a terminal it is asked for by its name
 * ("password") and not echoed; and once more where again is true, since nobody
 * sees a typing error. ERR_USAGE: it is empty, too long, not one line of text,
 * or the second is another; ERR_IO; ERR_CANCELLED: a signal came (what ends
 * programs has ended this one; the terminal is as it was). */
enum err secret_read(struct secret *out, const char *name, bool again,
		     struct fault *fault) MUST_CHECK;
void secret_wipe(struct secret *secret);

/* ERR_USAGE where there are more than n arguments: one of them may be the
 * secret, and whoever gave it so is not shown it again. The command takes
 * CLI_MANY, for this to be what is said. */
enum err secret_refuse_argument(const struct cli *cli, size_t n,
				const char *name,
				struct fault *fault) MUST_CHECK;

#endif
