#include "daemon/command/derive.h"

#include <stdio.h>

#include "daemon/command/progress.h"
#include "daemon/command/signals.h"

struct derive {
	struct command *command;
	struct sync *sync;
	struct progress bar;
	struct job_row job;
	bool stopping, finished;
	enum err err;
	struct fault fault;
};

static void sync_is_closed(void *arg)
{
	((struct derive *)arg)->sync = NULL;
}

static void stop(void *arg)
{
	struct derive *derive = arg;

	if (derive->stopping)
		return;
	derive->stopping = true;
	command_must_end(derive->command);
	sync_close(derive->sync, sync_is_closed, derive);
}

static void on_job(void *arg, const struct job_row *job, bool finished)
{
	struct derive *derive = arg;
	uint64_t done = finished	? job->to - job->from + 1
			: job->has_done ? job->done_to - job->from + 1
					: 0;

	derive->job = *job;
	derive->finished = finished;
	progress_update(&derive->bar, done, job->to - job->from + 1,
			uv_now(&derive->command->loop));
}

static void on_ended(void *arg, enum err err, const struct fault *fault)
{
	struct derive *derive = arg;

	derive->err = err;
	derive->fault = *fault;
	stop(derive);
}

enum cli_exit
derive_run(struct command *command, const struct sync_options *options,
	   void (*print)(const struct job_row *job, double seconds, bool json))
{
	struct derive derive = {.command = command};
	const struct sync_observer observer = {
	    .arg = &derive, .job = on_job, .ended = on_ended};
	struct signals signals;
	uint64_t started = uv_hrtime();
	enum err err;

	progress_init(&derive.bar, stderr, "blocks", uv_now(&command->loop));
	signals_watch(&signals, &command->loop, stop, &derive);
	err = sync_new(&derive.sync, &command->loop, command->config, options,
		       &command->logger, NULL, &observer, &derive.fault);
	if (!err)
		(void)uv_run(&command->loop, UV_RUN_DEFAULT);
	signals_unwatch(&signals);
	if (err || derive.err)
		return command_fail(&derive.fault);
	progress_end(&derive.bar, uv_now(&command->loop));
	if (!derive.finished) {
		fprintf(stderr, "gigstreamd: stopped before the end; run it "
				"again to resume, or let gigstreamd run finish "
				"it\n");
		return CLI_STOPPED;
	}
	print(&derive.job, (double)(uv_hrtime() - started) / 1e9,
	      cli_flag(command->cli, "json"));
	return CLI_DONE;
}
