#ifndef GS_DAEMON_COMMAND_WALLET_H
#define GS_DAEMON_COMMAND_WALLET_H

#include "config/config.h"

/* A wallet that a person wants to register. ERR_USAGE: it is no address, or its
 * checksum is wrong (the fault shows the right form); ERR_CONFLICT: the zero
 * address, the token, or a contract or fee wallet of the configuration. */
enum err wallet_accept(struct address *out, const char *text,
		       const struct config *config,
		       struct fault *fault) MUST_CHECK;

#endif
