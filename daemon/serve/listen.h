#ifndef GS_DAEMON_SERVE_LISTEN_H
#define GS_DAEMON_SERVE_LISTEN_H

#include "common/error.h"
#include <stdint.h>

/* A non-blocking listening TCP socket in *fd, its port in *bound (another than
 * the one asked for only where that was 0). Errors as serve_new has them. */
enum err listen_on(int *fd, uint16_t *bound, const char *host, uint16_t port,
		   struct fault *fault) MUST_CHECK;

#endif
