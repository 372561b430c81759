#include "daemon/command/reload.h"

#include <string.h>

#include "config/changes.h"

static void set_level(struct command *command, const struct config *wanted)
{
	enum log_level level = (enum log_level)wanted->log.level;

	if (command->logger.level == level)
		return;
	if (command->cli->log_level) {
		log_info(&command->logger,
			 "SIGHUP: the log level stays, as --log-level says");
		return;
	}
	command->logger.level = level;
	log_info(&command->logger, "SIGHUP: the log level is %s",
		 log_level_name(level));
}

/* "a, b" */
static void names_of(struct buf *out, const struct config *config)
{
	for (size_t i = 0; i < config->chain.n_rpc; i++)
		buf_printf(out, "%s%s", i ? ", " : "",
			   config->chain.rpc[i].name);
}

static enum err set_endpoints(struct reload *reload,
			      const struct config *wanted, struct fault *fault)
{
	struct command *command = reload->command;
	unsigned quorum = command->config->chain.quorum;
	struct buf names;
	enum err err;

	if (wanted->chain.n_rpc < quorum)
		return fault_set(fault, ERR_USAGE,
				 "chain.rpc: %zu endpoints are fewer than the "
				 "quorum of %u that is in force: name more, or "
				 "restart with a lower chain.quorum",
				 wanted->chain.n_rpc, quorum);
	err = sync_set_endpoints(reload->sync, wanted, fault);
	if (err)
		return err;
	buf_init(&names, 1024);
	names_of(&names, wanted);
	log_info(&command->logger, "SIGHUP: the endpoints are %s",
		 names.err ? "changed" : names.data);
	buf_free(&names);
	return OK;
}

static void name_the_rest(struct reload *reload, const struct config *wanted)
{
	struct command *command = reload->command;
	const char *keys[CONFIG_CHANGES_MOST];
	size_t n = config_changes(command->config, wanted, keys);

	for (size_t i = 0; i < n; i++)
		log_warn(&command->logger,
			 "SIGHUP: %s has changed, which takes a restart",
			 keys[i]);
}

static void apply(struct reload *reload)
{
	const struct logger *logger = &reload->command->logger;

	if (!reload->err)
		reload->err =
		    set_endpoints(reload, reload->wanted, &reload->fault);
	if (reload->err) {
		log_error(logger,
			  "SIGHUP: the configuration is refused, and the one "
			  "in force stays: %s",
			  reload->fault.text);
		return;
	}
	set_level(reload->command, reload->wanted);
	name_the_rest(reload, reload->wanted);
}

/* In a thread of the pool: nothing else touches these meanwhile. */
static void on_work(uv_work_t *work)
{
	struct reload *reload = work->data;

	reload->err = command_read_config(reload->command->cli, &reload->wanted,
					  &reload->fault);
}

static void on_read(uv_work_t *work, int status)
{
	struct reload *reload = work->data;

	(void)status; /* it is never cancelled */
	reload->busy = false;
	if (reload->sync) {
		apply(reload);
		notify_reloaded(reload->notify);
	}
	config_free(reload->wanted);
	reload->wanted = NULL;
	if (reload->again)
		reload_begin(reload);
}

void reload_begin(struct reload *reload)
{
	reload->again = reload->busy;
	if (reload->busy || !reload->sync)
		return;
	notify_reloading(reload->notify);
	reload->busy = true;
	reload->fault = (struct fault){0};
	reload->work.data = reload;
	if (uv_queue_work(&reload->command->loop, &reload->work, on_work,
			  on_read) == 0)
		return;
	reload->busy = false;
	notify_reloaded(reload->notify);
	log_error(&reload->command->logger,
		  "SIGHUP: the configuration cannot be read now");
}

void reload_stop(struct reload *reload)
{
	reload->sync = NULL;
	reload->again = false;
}
