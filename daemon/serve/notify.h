#ifndef GS_DAEMON_SERVE_NOTIFY_H
#define GS_DAEMON_SERVE_NOTIFY_H

#include "common/error.h"
#include <uv.h>

/* Tells the service manager where we are: sd_notify(3). Does nothing where
 * NOTIFY_SOCKET is not set. */
struct notify;

/* Where the manager asks for it (WATCHDOG_USEC), WATCHDOG=1 goes out twice in
 * each period as long as the loop turns. NULL: no memory. */
struct notify *notify_new(uv_loop_t *loop);
void notify_ready(struct notify *notify); /* once; more do nothing */
/* One line (a newline becomes a blank); the same one again is not sent. */
void notify_status(struct notify *notify, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
/* A new configuration is taken over, and has been; neither does anything before
 * notify_ready, which would be said too early. */
void notify_reloading(struct notify *notify);
void notify_reloaded(struct notify *notify);
void notify_stopping(struct notify *notify);
/* Released when the loop has turned once more. NULL is allowed. */
void notify_close(struct notify *notify);

#endif
