#include <signal.h>

#include "daemon/audit/auditor.h"
#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/reload.h"
#include "daemon/daily.h"
#include "daemon/serve/health.h"
#include "daemon/serve/metrics.h"
#include "daemon/serve/notify.h"
#include "daemon/serve/serve.h"
#include "daemon/sync/sync.h"

/* The daemon: a sync, what shows it, what is done now and then beside it, and the
 * signals that end it. */
struct daemon {
	struct command *command;
	struct sync *sync;
	struct daily *daily;
	struct auditor *auditor; /* NULL: audits are off */
	struct serve *serve;
	struct notify *notify;
	struct metrics *metrics;
	struct reload reload;
	uv_signal_t on_term, on_int, on_hup;
	bool stopping;
	enum cli_exit code;
};

static void nothing_more(void *arg)
{
	(void)arg; /* the loop ends by itself when nothing is left on it */
}

/* Before the sync, whose source the audits ask. */
static void close_helpers(struct daemon *daemon)
{
	if (daemon->daily)
		daily_close(daemon->daily, nothing_more, NULL);
	if (daemon->auditor)
		auditor_close(daemon->auditor, nothing_more, NULL);
	daemon->daily = NULL;
	daemon->auditor = NULL;
}

static void sync_is_closed(void *arg)
{
	struct daemon *daemon = arg;

	daemon->sync = NULL;
	close_helpers(daemon);
	if (daemon->serve)
		serve_close(daemon->serve, nothing_more, NULL);
	daemon->serve = NULL;
	notify_close(daemon->notify);
	daemon->notify = NULL;
	uv_close((uv_handle_t *)&daemon->on_term, NULL);
	uv_close((uv_handle_t *)&daemon->on_int, NULL);
	uv_close((uv_handle_t *)&daemon->on_hup, NULL);
}

static void stop(struct daemon *daemon)
{
	if (daemon->stopping)
		return;
	daemon->stopping = true;
	reload_stop(&daemon->reload);
	notify_stopping(daemon->notify);
	command_must_end(daemon->command);
	close_helpers(daemon);
	sync_close(daemon->sync, sync_is_closed, daemon);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;

	log_info(&daemon->command->logger, "stopping: %s",
		 number == SIGTERM ? "SIGTERM" : "SIGINT");
	stop(daemon);
}

static void on_hangup(uv_signal_t *handle, int number)
{
	struct daemon *daemon = handle->data;

	(void)number;
	reload_begin(&daemon->reload);
}

static void on_ready(void *arg)
{
	struct daemon *daemon = arg;

	log_info(&daemon->command->logger,
		 "ready: node and database are as configured");
	notify_ready(daemon->notify);
}

static void on_status(void *arg, const char *text)
{
	struct daemon *daemon = arg;

	notify_status(daemon->notify, "%s", text);
}

static void on_ended(void *arg, enum err err, const struct fault *fault)
{
	struct daemon *daemon = arg;

	(void)err;
	daemon->code = command_fail(fault);
	stop(daemon);
}

static bool show_ready(void *arg, struct buf *json)
{
	struct daemon *daemon = arg;
	struct health health;

	if (!daemon->sync)
		return false;
	sync_health(daemon->sync, &health);
	health.audited = daemon->auditor != NULL;
	if (health.audited)
		health.audit_warning = auditor_warning(daemon->auditor);
	return health_render(&health, json);
}

static void show_status(void *arg, struct buf *json)
{
	struct daemon *daemon = arg;

	if (daemon->sync)
		sync_status(daemon->sync, json);
}

static void show_metrics(void *arg, struct buf *text)
{
	struct daemon *daemon = arg;

	metrics_render(daemon->metrics, text);
}

static enum err open_auditor(struct daemon *daemon, struct fault *fault)
{
	struct command *command = daemon->command;

	if (command->config->audit.interval_ms == 0)
		return OK;
	daemon->auditor =
	    auditor_new(&command->loop, command->config, daemon->sync,
			&command->logger, daemon->metrics);
	return daemon->auditor ? OK
			       : fault_set(fault, ERR_NOMEM, "out of memory");
}

static enum err open_parts(struct daemon *daemon, struct fault *fault)
{
	struct command *command = daemon->command;
	const struct config *config = command->config;
	const struct sync_options options = {.mode = SYNC_RUN};
	const struct sync_observer observer = {
	    .arg = daemon,
	    .ready = on_ready,
	    .status = on_status,
	    .ended = on_ended,
	};
	const struct serve_view view = {
	    .arg = daemon,
	    .ready = show_ready,
	    .status = show_status,
	    .metrics = show_metrics,
	};
	const char *version = GIGSTREAM_VERSION;
	enum err err;

	daemon->metrics = metrics_new();
	daemon->notify = notify_new(&command->loop);
	if (!daemon->metrics || !daemon->notify)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	metrics_set(daemon->metrics, METRIC_BUILD_INFO, &version, 1);
	if (config->http.host) {
		err =
		    serve_new(&daemon->serve, &command->loop, config->http.host,
			      config->http.port, &view, fault);
		if (err)
			return err;
		log_info(&command->logger, "listening on %s port %u",
			 config->http.host, config->http.port);
	}
	daemon->daily =
	    daily_new(&command->loop, config->database.url, &command->logger);
	if (!daemon->daily)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	err = sync_new(&daemon->sync, &command->loop, config, &options,
		       &command->logger, daemon->metrics, &observer, fault);
	return err ? err : open_auditor(daemon, fault);
}

static void watch_signals(struct daemon *daemon)
{
	uv_loop_t *loop = &daemon->command->loop;

	/* Neither can fail for these signals on a loop that works. */
	(void)uv_signal_init(loop, &daemon->on_term);
	(void)uv_signal_init(loop, &daemon->on_int);
	(void)uv_signal_init(loop, &daemon->on_hup);
	daemon->on_hup.data = daemon;
	(void)uv_signal_start(&daemon->on_hup, on_hangup, SIGHUP);
	daemon->on_term.data = daemon;
	daemon->on_int.data = daemon;
	(void)uv_signal_start(&daemon->on_term, on_signal, SIGTERM);
	(void)uv_signal_start(&daemon->on_int, on_signal, SIGINT);
}

static enum cli_exit run(struct command *command)
{
	struct daemon daemon = {.command = command};
	struct fault fault = {0};

	watch_signals(&daemon);
	if (open_parts(&daemon, &fault) != OK) {
		daemon.code = command_fail(&fault);
		if (daemon.sync)
			stop(&daemon);
		else
			sync_is_closed(&daemon);
	}
	daemon.reload = (struct reload){
	    .command = command, .sync = daemon.sync, .notify = daemon.notify};
	(void)uv_run(&command->loop, UV_RUN_DEFAULT);
	metrics_free(daemon.metrics);
	return daemon.code;
}

const struct cli_command command_run = {
    .name = "run",
    .help = "the daemon: catch up, then follow the head",
    .more = "Runs in the foreground and logs to stderr. SIGTERM and SIGINT "
	    "end it within 5 seconds; what it has committed stays, and the "
	    "next start goes on from there. SIGHUP reads the configuration "
	    "anew: endpoints and the log level change, what else has changed "
	    "is named.",
    .run = run,
};
