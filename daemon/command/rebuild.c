#include <inttypes.h>
#include <stdio.h>

#include "daemon/command/commands.h"
#include "daemon/command/derive.h"

static void print_json(const struct job_row *job, double seconds)
{
	const uint64_t *n = job->tally.n;

	printf("{\"blocks\":%" PRIu64, job->to - job->from + 1);
	printf(",\"streams\":{\"inserted\":%" PRIu64 ",\"updated\":%" PRIu64
	       ",\"removed\":%" PRIu64 "}",
	       n[TALLY_STREAMS_INSERTED], n[TALLY_STREAMS_UPDATED],
	       n[TALLY_STREAMS_REMOVED]);
	printf(",\"loans\":{\"inserted\":%" PRIu64 ",\"updated\":%" PRIu64
	       ",\"removed\":%" PRIu64 "}",
	       n[TALLY_LOANS_INSERTED], n[TALLY_LOANS_UPDATED],
	       n[TALLY_LOANS_REMOVED]);
	printf(",\"transactions\":{\"inserted\":%" PRIu64
	       ",\"updated\":%" PRIu64 "}",
	       n[TALLY_TRANSACTIONS_INSERTED], n[TALLY_TRANSACTIONS_UPDATED]);
	printf(",\"roles\":%" PRIu64 ",\"details\":%" PRIu64
	       ",\"quarantined\":%" PRIu64 ",\"released\":%" PRIu64
	       ",\"seconds\":%.3f}\n",
	       n[TALLY_ROLES], n[TALLY_DETAILS], n[TALLY_QUARANTINED],
	       n[TALLY_RELEASED], seconds);
}

static void print(const struct job_row *job, double seconds, bool json)
{
	const uint64_t *n = job->tally.n;

	if (json) {
		print_json(job, seconds);
		return;
	}
	printf("blocks %" PRIu64 " to %" PRIu64 ": streams %" PRIu64
	       " inserted, %" PRIu64 " updated, %" PRIu64
	       " removed; loans %" PRIu64 ", %" PRIu64 ", %" PRIu64
	       "; transactions %" PRIu64 " inserted, %" PRIu64
	       " updated; %" PRIu64 " quarantined, %" PRIu64
	       " released; %.1f s\n",
	       job->from, job->to, n[TALLY_STREAMS_INSERTED],
	       n[TALLY_STREAMS_UPDATED], n[TALLY_STREAMS_REMOVED],
	       n[TALLY_LOANS_INSERTED], n[TALLY_LOANS_UPDATED],
	       n[TALLY_LOANS_REMOVED], n[TALLY_TRANSACTIONS_INSERTED],
	       n[TALLY_TRANSACTIONS_UPDATED], n[TALLY_QUARANTINED],
	       n[TALLY_RELEASED], seconds);
}

static enum cli_exit run(struct command *command)
{
	const struct sync_options options = {.mode = SYNC_DERIVE};

	return derive_run(command, &options, print);
}

const struct cli_command command_rebuild = {
    .name = "rebuild",
    .help = "derive streams, loans and transactions again",
    .more = "From the chain facts in the database, without the node: what they "
	    "explain is put right, what they do not explain goes. Right books "
	    "stay as they are. Where a daemon leads, it hands the work to it. "
	    "Exit 3: stopped before the end, run it again.",
    .options = {{"json", NULL, "the result as one JSON object"}},
    .run = run,
};
