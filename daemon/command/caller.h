#ifndef GS_DAEMON_COMMAND_CALLER_H
#define GS_DAEMON_COMMAND_CALLER_H

#include "common/uuid.h"
#include "db/people/actor.h"

/* Whoever runs this program, as the audit shall know them. Not to be copied:
 * actor points into it. */
struct caller {
	struct actor actor;
	char id[328]; /* "login@host" */
	char request_id[UUID_TEXT_SIZE];
};

/* login: $SUDO_USER where root has it, else the real user's name, else its
 * number. request_id: a UUID v7, made here. action ("worker.add") is borrowed.
 * ERR_IO: the system has no random bytes. */
enum err caller_init(struct caller *caller, const char *action,
		     struct fault *fault) MUST_CHECK;

#endif
