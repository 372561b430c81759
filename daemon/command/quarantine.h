#ifndef GS_DAEMON_COMMAND_QUARANTINE_H
#define GS_DAEMON_COMMAND_QUARANTINE_H

#include "common/error.h"
#include <stdint.h>

/* The id of something in quarantine, as `quarantine list` prints it.
 * ERR_USAGE. */
enum err quarantine_parse_id(uint64_t *out, const char *text,
			     struct fault *fault) MUST_CHECK;

#endif
