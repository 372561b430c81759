#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/cost.h"
#include "daemon/command/progress.h"
#include "daemon/command/signals.h"
#include "daemon/sync/sync.h"

struct backfill {
	struct command *command;
	struct sync *sync;
	struct progress bar;
	struct sync_progress done;
	struct cost cost;
	struct signals signals;
	uint64_t started; /* uv_hrtime */
	bool json, dry_run;
	bool stopping, interrupted;
	enum err err;
	struct fault fault;
};

static void sync_is_closed(void *arg)
{
	struct backfill *backfill = arg;

	backfill->sync = NULL;
}

static void stop(struct backfill *backfill)
{
	if (backfill->stopping)
		return;
	backfill->stopping = true;
	command_must_end(backfill->command);
	sync_close(backfill->sync, sync_is_closed, backfill);
}

static void on_signal(void *arg)
{
	struct backfill *backfill = arg;

	if (backfill->stopping)
		return; /* it ends already, with what it has to say */
	backfill->interrupted = true;
	stop(backfill);
}

static void on_progress(void *arg, const struct sync_progress *done)
{
	struct backfill *backfill = arg;

	backfill->done = *done;
	progress_update(&backfill->bar, done->blocks, done->to - done->from + 1,
			uv_now(&backfill->command->loop));
}

static void on_ended(void *arg, enum err err, const struct fault *fault)
{
	struct backfill *backfill = arg;

	backfill->err = err;
	backfill->fault = *fault;
	stop(backfill);
}

/* `to` of the command line: a number, or what the node calls so. */
static enum err parse_range(const struct cli *cli, struct sync_options *options,
			    struct fault *fault)
{
	const char *from = cli_value(cli, "from"), *to = cli_value(cli, "to");

	if (!from || !to)
		return fault_set(fault, ERR_USAGE,
				 "a range is needed: --from BLOCK --to "
				 "BLOCK|latest|finalized");
	if (decimal_parse_u64(&options->from, from) != OK)
		return fault_set(fault, ERR_USAGE,
				 "--from %.40s is no block number", from);
	if (strcmp(to, "latest") == 0)
		options->end = END_LATEST;
	else if (strcmp(to, "finalized") == 0)
		options->end = END_FINALIZED;
	else if (decimal_parse_u64(&options->to, to) != OK)
		return fault_set(fault, ERR_USAGE,
				 "--to %.40s is no block number, nor latest, "
				 "nor finalized",
				 to);
	/* Blocks are stored as bigint, and sums of two must not overflow. */
	if (options->from > INT64_MAX / 2 || options->to > INT64_MAX / 2)
		return fault_set(fault, ERR_USAGE,
				 "no chain has that many blocks");
	if (options->end == END_NUMBER && options->from > options->to)
		return fault_set(fault, ERR_USAGE,
				 "the range is empty: --from is above --to");
	return OK;
}

static enum err parse_deferral(const struct cli *cli,
			       struct sync_options *options,
			       struct fault *fault)
{
	static const char *const names[] = {
	    [DEFER_AUTO] = "auto", [DEFER_YES] = "yes", [DEFER_NO] = "no"};
	const char *word = cli_value(cli, "defer-indexes");

	for (int i = DEFER_AUTO; word && i <= DEFER_NO; i++)
		if (strcmp(word, names[i]) == 0) {
			options->defer_indexes = (enum sync_defer)i;
			return OK;
		}
	return word ? fault_set(fault, ERR_USAGE,
				"--defer-indexes %.40s is not yes, no or auto",
				word)
		    : OK;
}

/* A key of the JSON object, when there is something to say. */
static void print_cost(const struct cost *cost)
{
	struct buf text;

	if (!cost->known)
		return;
	buf_init(&text, 1024);
	cost_json(cost, &text);
	printf(",\"estimate\":%s", text.data);
	buf_free(&text);
}

static void print_json(const struct backfill *backfill, double seconds)
{
	const struct sync_progress *done = &backfill->done;
	const char *by = done->by_leader     ? "leader"
			 : done->verified_by ? done->verified_by
					     : "";

	printf("{\"from\":%" PRIu64 ",\"to\":%" PRIu64 ",\"blocks\":%" PRIu64
	       ",\"logs\":%" PRIu64 ",\"events\":%" PRIu64
	       ",\"transactions\":{\"inserted\":%" PRIu64
	       ",\"updated\":%" PRIu64 "},\"streams\":{\"inserted\":%" PRIu64
	       ",\"updated\":%" PRIu64 "},\"quarantined\":%" PRIu64,
	       done->from, done->to, done->blocks, done->logs, done->events,
	       done->transactions_inserted, done->transactions_updated,
	       done->streams_inserted, done->streams_updated,
	       done->quarantined);
	if (backfill->dry_run)
		printf(",\"differences\":%" PRIu64, done->differences);
	print_cost(&backfill->cost);
	printf(",\"verified_by\":\"%s\",\"seconds\":%.3f}\n", by, seconds);
}

static void print_text(const struct backfill *backfill, double seconds)
{
	const struct sync_progress *done = &backfill->done;

	printf("blocks %" PRIu64 " to %" PRIu64, done->from, done->to);
	if (done->by_leader) {
		printf(" done by the leading daemon, %.1f s\n", seconds);
		return;
	}
	printf(
	    ": %" PRIu64 " events; transactions %" PRIu64 " %s, %" PRIu64
	    " %s; streams %" PRIu64 " %s, %" PRIu64 " %s; %" PRIu64
	    " quarantined; %.1f s\n",
	    done->events, done->transactions_inserted,
	    backfill->dry_run ? "missing" : "inserted",
	    done->transactions_updated,
	    backfill->dry_run ? "different" : "updated", done->streams_inserted,
	    backfill->dry_run ? "missing" : "inserted", done->streams_updated,
	    backfill->dry_run ? "different" : "updated", done->quarantined,
	    seconds);
}

static enum cli_exit finish(struct backfill *backfill)
{
	double seconds = (double)(uv_hrtime() - backfill->started) / 1e9;

	progress_end(&backfill->bar, uv_now(&backfill->command->loop));
	if (backfill->interrupted) {
		fprintf(stderr, "gigstreamd: stopped before the end; run it "
				"again to resume\n");
		return CLI_STOPPED;
	}
	if (backfill->err)
		return command_fail(&backfill->fault);
	if (backfill->json)
		print_json(backfill, seconds);
	else
		print_text(backfill, seconds);
	if (backfill->dry_run && backfill->done.differences > 0)
		return CLI_DIFFERENT;
	return CLI_DONE;
}

static void tell_cost(struct backfill *backfill,
		      const struct sync_options *options)
{
	struct command *command = backfill->command;
	struct buf text;

	cost_estimate(&backfill->cost, command, options);
	if (!backfill->cost.known)
		return;
	buf_init(&text, 1024);
	cost_line(&backfill->cost, command->config->chain.verify, &text);
	fprintf(stderr, "gigstreamd: %s\n", text.data);
	buf_free(&text);
}

static enum cli_exit run(struct command *command)
{
	struct backfill backfill = {
	    .command = command,
	    .json = cli_flag(command->cli, "json"),
	    .dry_run = cli_flag(command->cli, "dry-run"),
	    .started = uv_hrtime(),
	};
	struct sync_options options = {
	    .mode = backfill.dry_run ? SYNC_DRY_RUN : SYNC_BACKFILL,
	    .rescan = cli_flag(command->cli, "rescan"),
	};
	const struct sync_observer observer = {
	    .arg = &backfill,
	    .progress = on_progress,
	    .ended = on_ended,
	};
	struct fault fault = {0};
	enum cli_exit code;
	enum err err = parse_range(command->cli, &options, &fault);

	if (!err)
		err = parse_deferral(command->cli, &options, &fault);
	if (err)
		return command_fail(&fault);
	tell_cost(&backfill, &options);
	progress_init(&backfill.bar, stderr, "blocks", uv_now(&command->loop));
	signals_watch(&backfill.signals, &command->loop, on_signal, &backfill);
	err = sync_new(&backfill.sync, &command->loop, command->config,
		       &options, &command->logger, NULL, &observer, &fault);
	if (err) {
		backfill.err = err;
		backfill.fault = fault;
		sync_is_closed(&backfill);
	}
	(void)uv_run(&command->loop, UV_RUN_DEFAULT);
	code = finish(&backfill);
	/* Not before: a signal must not take the result away. A failed write
	 * is what command_main finds out. */
	(void)fflush(stdout);
	signals_unwatch(&backfill.signals);
	return code;
}

const struct cli_command command_backfill = {
    .name = "backfill",
    .help = "index a range of blocks, then exit",
    .more = "Writes nothing twice and resumes where it was interrupted. Where "
	    "a daemon leads, it hands the range to it and shows its progress. "
	    "Exit 3: stopped before the end, run it again; 4: --dry-run found "
	    "differences.",
    .options = {{"from", "BLOCK", "the first block"},
		{"to", "BLOCK", "the last block, or latest, or finalized"},
		{"dry-run", NULL,
		 "read the chain, write nothing, report the difference"},
		{"rescan", NULL, "read again what is covered already"},
		{"defer-indexes", "yes|no|auto",
		 "of an empty database, build some indexes at the end; auto: "
		 "above 10,000 blocks"},
		{"json", NULL, "the result as one JSON object"}},
    .run = run,
};
