#ifndef GS_DAEMON_COMMAND_TOKEN_KEY_H
#define GS_DAEMON_COMMAND_TOKEN_KEY_H

#include "config/config.h"

/* The key that tokens are signed with; NULL, and ERR_USAGE in fault, where none
 * is set. */
const struct secret_key *token_key(const struct config *config,
				   struct fault *fault);

#endif
