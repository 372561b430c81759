#include "daemon/serve/notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

struct notify {
	uv_timer_t watchdog;
	bool ready;
	char status[256];
};

static void on_watchdog(uv_timer_t *timer)
{
	(void)timer;
	(void)sd_notify(0, "WATCHDOG=1");
}

struct notify *notify_new(uv_loop_t *loop)
{
	struct notify *notify = calloc(1, sizeof(*notify));
	uint64_t usec = 0, half;

	if (!notify)
		return NULL;
	(void)uv_timer_init(loop, &notify->watchdog);
	/* A watchdog alone is no reason for the loop to go on. */
	uv_unref((uv_handle_t *)&notify->watchdog);
	if (sd_watchdog_enabled(0, &usec) > 0) {
		half = usec / 2000 ? usec / 2000 : 1;
		(void)uv_timer_start(&notify->watchdog, on_watchdog, half,
				     half);
	}
	return notify;
}

void notify_ready(struct notify *notify)
{
	if (notify->ready)
		return;
	notify->ready = true;
	(void)sd_notify(0, "READY=1");
}

/* With the time that Type=notify-reload (systemd 253) wants to see. */
void notify_reloading(struct notify *notify)
{
	struct timespec now = {0};

	if (!notify->ready)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	(void)sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
			 (uint64_t)now.tv_sec * 1000000 +
			     (uint64_t)now.tv_nsec / 1000);
}

void notify_reloaded(struct notify *notify)
{
	if (notify->ready)
		(void)sd_notify(0, "READY=1");
}

void notify_status(struct notify *notify, const char *fmt, ...)
{
	char text[sizeof(notify->status)];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* A newline would begin another variable. */
	for (char *c = text; *c; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	if (strcmp(text, notify->status) == 0)
		return;
	memcpy(notify->status, text, sizeof(text));
	(void)sd_notifyf(0, "STATUS=%s", text);
}

void notify_stopping(struct notify *notify)
{
	(void)notify;
	(void)sd_notify(0, "STOPPING=1");
}

static void free_when_closed(uv_handle_t *handle)
{
	free(handle); /* the first member */
}

void notify_close(struct notify *notify)
{
	if (notify)
		uv_close((uv_handle_t *)&notify->watchdog, free_when_closed);
}
