#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chain/source.h"
#include "daemon/audit/audit.h"
#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/output.h"
#include "daemon/command/progress.h"
#include "daemon/command/session.h"
#include "daemon/serve/json_put.h"
#include "daemon/sync/sync.h"
#include "db/schema/migrate.h"

/* What is done sooner needs no progress. */
#define SILENCE_MS 2000

struct auditing {
	struct command *command;
	struct session session;
	struct catalog *catalog;
	struct source *source;
	struct audit *audit;
	struct progress bar;
	uint64_t started_ms;
	bool has_number, json;
	uint64_t number;
	/* The differences, as they will be printed: there may be many, and
	 * nothing is printed before all is known. */
	FILE *spool;
	uint64_t n_spooled;
	bool over;
	enum err err;
	struct fault fault;
	struct audit_result result;
};

static enum err parse(struct auditing *a, struct fault *fault)
{
	const char *at = cli_value(a->command->cli, "at");

	a->json = cli_flag(a->command->cli, "json");
	if (!at || strcmp(at, "finalized") == 0)
		return OK;
	a->has_number = true;
	if (decimal_parse_u64(&a->number, at) != OK || a->number > INT64_MAX)
		return fault_set(fault, ERR_USAGE,
				 "--at %.40s is no block number, nor finalized",
				 at);
	return OK;
}

static void put_text(FILE *out, const struct audit_difference *d)
{
	output_text(out, d->subject);
	fprintf(out, "\n  books %s, chain %s", d->expected, d->found);
	if (d->difference)
		fprintf(out, ", difference %s", d->difference);
	fprintf(out, ": %s\n", d->explanation);
}

static void put_json(FILE *out, const struct audit_difference *d, bool first)
{
	struct buf json;

	buf_init(&json, 8192);
	buf_puts(&json, first ? "{" : ",{");
	json_put_text(&json, "subject", d->subject);
	json_put_text(&json, "expected", d->expected);
	json_put_text(&json, "found", d->found);
	json_put_text(&json, "difference", d->difference);
	json_put_text(&json, "explanation", d->explanation);
	json_put_bool(&json, "explained", d->explained);
	buf_putc(&json, '}');
	fputs(json.data, out);
	buf_free(&json);
}

/* A person is told of what is explained by its number alone. */
static void on_difference(void *arg, const struct audit_difference *d)
{
	struct auditing *a = arg;

	if (a->json)
		put_json(a->spool, d, a->n_spooled == 0);
	else if (!d->explained)
		put_text(a->spool, d);
	a->n_spooled++;
}

static void on_progress(void *arg, uint64_t done, uint64_t all)
{
	struct auditing *a = arg;
	uint64_t now = uv_now(&a->command->loop);

	if (now - a->started_ms > SILENCE_MS)
		progress_update(&a->bar, done, all, now);
}

static void on_done(void *arg, enum err err, const struct fault *fault,
		    const struct audit_result *result)
{
	struct auditing *a = arg;

	a->over = true;
	a->err = err;
	a->fault = *fault;
	if (result)
		a->result = *result;
	uv_stop(&a->command->loop);
}

static void on_schema(void *arg, enum err err, const struct fault *fault)
{
	await_fire(arg, err, fault);
}

static enum err check_schema(struct auditing *a, struct fault *fault)
{
	enum err err;

	session_begin(&a->session);
	err = migrate_check(a->session.pg, on_schema, &a->session.await);
	return session_end(&a->session, err, fault);
}

static enum err open_parts(struct auditing *a, struct fault *fault)
{
	struct command *command = a->command;
	enum err err;

	a->spool = tmpfile();
	if (!a->spool)
		return fault_set(fault, ERR_IO,
				 "cannot make a temporary file: %m");
	err = sync_catalog(&a->catalog, command->config, fault);
	if (err)
		return err;
	return source_new(&a->source, &command->loop, command->config,
			  a->catalog, NULL, fault);
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static void close_parts(struct auditing *a)
{
	bool closed = false;

	audit_free(a->audit);
	if (a->source) {
		source_close(a->source, on_closed, &closed);
		await_flag(&a->command->loop, &closed);
	}
	catalog_free(a->catalog);
}

static enum err audit(struct auditing *a, struct fault *fault)
{
	const struct audit_setup setup = {
	    .config = a->command->config,
	    .catalog = a->catalog,
	    .source = a->source,
	    .pg = a->session.pg,
	    .has_number = a->has_number,
	    .number = a->number,
	    .observer = {.arg = a,
			 .difference = on_difference,
			 .progress = on_progress,
			 .done = on_done},
	};
	enum err err = audit_new(&a->audit, &setup);

	if (err)
		return fault_set(fault, err, "cannot begin the audit: %s",
				 err_text(err));
	await_flag(&a->command->loop, &a->over);
	progress_end(&a->bar, uv_now(&a->command->loop));
	*fault = a->fault;
	return a->err;
}

static void print_spool(struct auditing *a)
{
	char piece[4096];
	size_t n;

	rewind(a->spool);
	while ((n = fread(piece, 1, sizeof(piece), a->spool)) > 0)
		(void)fwrite(piece, 1, n, stdout);
}

static void print_json(struct auditing *a)
{
	char hash[HASH_TEXT_SIZE];
	struct buf counts;

	buf_init(&counts, 4096);
	audit_put_counts(&counts, &a->result);
	printf("{\"block\":%" PRIu64 ",\"hash\":\"%s\",%s,\"differences\":[",
	       a->result.number, hash_format(hash, &a->result.hash),
	       counts.data);
	buf_free(&counts);
	print_spool(a);
	puts("]}");
}

static void print_text(struct auditing *a)
{
	uint64_t n = a->result.differences;
	struct buf sentence;

	print_spool(a);
	buf_init(&sentence, 4096);
	audit_put_sentence(&sentence, &a->result);
	printf("block %" PRIu64 ": %" PRIu64 " difference%s; %s\n",
	       a->result.number, n, n == 1 ? "" : "s", sentence.data);
	buf_free(&sentence);
}

static enum cli_exit finish(struct auditing *a)
{
	if (a->result.unrecorded.code)
		fprintf(stderr,
			"gigstreamd: the result is not recorded in the "
			"database: %s\n",
			a->result.unrecorded.text);
	if (ferror(a->spool))
		return command_fail(
		    &(struct fault){ERR_IO, "cannot write a temporary file"});
	if (a->json)
		print_json(a);
	else
		print_text(a);
	return a->result.differences > 0 ? CLI_DIFFERENT : CLI_DONE;
}

static enum cli_exit run(struct command *command)
{
	struct auditing a = {.command = command,
			     .started_ms = uv_now(&command->loop)};
	struct fault fault = {0};
	enum cli_exit code;
	enum err err = parse(&a, &fault);

	if (!err)
		err = session_open(&a.session, &command->loop,
				   command->config->database.url, &fault);
	if (err)
		return command_fail(&fault);
	progress_init(&a.bar, stderr, "accounts", a.started_ms);
	err = check_schema(&a, &fault);
	if (!err)
		err = open_parts(&a, &fault);
	if (!err)
		err = audit(&a, &fault);
	session_close(&a.session);
	close_parts(&a);
	code = err ? command_fail(&fault) : finish(&a);
	if (a.spool)
		(void)fclose(a.spool);
	return code;
}

const struct cli_command command_audit = {
    .name = "audit",
    .help = "hold the books against the chain itself",
    .more = "At one block: the change of each wallet's and each contract's "
	    "balance against its transfers, each stream against the contract's "
	    "own word. What a node no longer has the state for, or was not "
	    "read yet, is counted and not judged. Exit 4: differences were "
	    "found.",
    .options = {{"at", "BLOCK", "a block number, or finalized (the default)"},
		{"json", NULL, "the result as one JSON object"}},
    .run = run,
};
