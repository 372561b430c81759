#ifndef GS_DAEMON_COMMAND_TTL_H
#define GS_DAEMON_COMMAND_TTL_H

#include "daemon/cli.h"
#include <stdint.h>

#define TTL_DEFAULT "1h"

/* The seconds of --ttl, or of TTL_DEFAULT where it is not given: a number with
 * its unit (s, m, h, d), from a minute to TOKEN_TTL_MAX. ERR_USAGE else. */
enum err ttl_read(int64_t *out, const struct cli *cli,
		  struct fault *fault) MUST_CHECK;

#endif
