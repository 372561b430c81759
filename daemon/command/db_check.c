#include <string.h>

#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/output.h"
#include "daemon/command/session.h"
#include "daemon/serve/json_put.h"
#include "db/schema/describe.h"
#include "db/schema/migrate.h"

/* A schema of ours is 0.1 MB of text; a hundred times that is enough. */
#define ARENA_CAP (32u << 20)

/* The schema as it is and as it should be. */
struct check {
	struct session session;
	struct arena *arena;
	struct schema_lines expected, found;
	struct schema_lines deferred; /* indexes, by a backfill */
	struct difference *differences;
	size_t n;
	size_t states[MIGRATION_UNKNOWN + 1]; /* migrations by their state */
};

static void on_status(void *arg, enum err err, const struct fault *fault,
		      const struct migration *list, size_t n)
{
	struct check *check = arg;

	for (size_t i = 0; i < n; i++)
		check->states[list[i].state]++;
	await_fire(&check->session.await, err, fault);
}

static void on_described(void *arg, enum err err, const struct fault *fault,
			 const struct schema_lines *lines)
{
	struct check *check = arg;

	if (lines)
		check->found = *lines;
	await_fire(&check->session.await, err, fault);
}

static void on_deferred(void *arg, enum err err, const struct fault *fault,
			const struct schema_lines *lines)
{
	struct check *check = arg;

	if (lines)
		check->deferred = *lines;
	await_fire(&check->session.await, err, fault);
}

/* What has been left out, where the schema is new enough to tell. */
static enum err ask_deferred(struct check *check, struct fault *fault)
{
	enum err err;

	if (check->states[MIGRATION_PENDING] > 0)
		return OK;
	session_begin(&check->session);
	err = describe_deferred(check->session.pg, check->arena, on_deferred,
				check);
	return session_end(&check->session, err, fault);
}

static const char *deferred_since(const struct check *check,
				  const struct difference *d)
{
	for (size_t i = 0; !d->found && i < check->deferred.n; i++)
		if (strcmp(check->deferred.items[i].name, d->name) == 0)
			return check->deferred.items[i].definition;
	return NULL;
}

static bool are_all_deferred(const struct check *check)
{
	for (size_t i = 0; i < check->n; i++)
		if (!deferred_since(check, &check->differences[i]))
			return false;
	return true;
}

static bool has_schema(const struct check *check)
{
	return check->states[MIGRATION_APPLIED] +
		   check->states[MIGRATION_EDITED] +
		   check->states[MIGRATION_UNKNOWN] >
	       0;
}

static enum err ask(struct check *check, struct fault *fault)
{
	enum err err;

	session_begin(&check->session);
	err = migrate_status(check->session.pg, on_status, check);
	err = session_end(&check->session, err, fault);
	if (err != OK)
		return err;
	if (!has_schema(check))
		return fault_set(fault, ERR_MISSING,
				 "the schema is not applied; run: gigstreamd "
				 "db push");
	session_begin(&check->session);
	err = describe(check->session.pg, check->arena, on_described, check);
	err = session_end(&check->session, err, fault);
	if (err == OK)
		err = ask_deferred(check, fault);
	if (err != OK)
		return err;
	err = describe_expected(&check->expected, check->arena);
	if (err == OK)
		err =
		    schema_compare(&check->differences, &check->n, check->arena,
				   &check->expected, &check->found);
	if (err != OK)
		return fault_set(fault, err, "db/schema.txt: %s",
				 err_text(err));
	return OK;
}

/* What mends it. */
static const char *advice(const struct check *check)
{
	if (check->n == 0)
		return "the schema is as expected";
	if (are_all_deferred(check))
		return "A backfill has left them out, and builds them at its "
		       "end. Where it was stopped, run it again, or gigstreamd "
		       "run: either builds them.";
	if (check->states[MIGRATION_UNKNOWN] > 0)
		return "The database is newer than this program: install a "
		       "newer gigstreamd.";
	if (check->states[MIGRATION_PENDING] > 0)
		return "The schema is older than this program; run: "
		       "gigstreamd db migrate";
	if (check->states[MIGRATION_EDITED] > 0)
		return "A migration was edited after it was applied (see "
		       "gigstreamd db status). Restore its file and write the "
		       "change into a new one: gigstreamd db generate NAME; "
		       "or, "
		       "where the rows do not matter: gigstreamd db drop "
		       "--yes, "
		       "then gigstreamd db push";
	return "All migrations are applied, so somebody has changed the schema "
	       "by hand. Undo that by hand; or keep it, as a migration: "
	       "gigstreamd db generate NAME";
}

static void print_definition(const char *label, const char *definition)
{
	if (!definition)
		return;
	fputs(label, stdout);
	output_text(stdout, definition);
	putchar('\n');
}

static void print_difference(const struct check *check,
			     const struct difference *d)
{
	const char *since = deferred_since(check, d);
	const char *kind = !d->found	  ? "missing"
			   : !d->expected ? "unexpected"
					  : "differs";

	printf("%s: ", kind);
	output_text(stdout, d->name);
	putchar('\n');
	print_definition("  expected: ", d->expected);
	print_definition("  found:    ", d->found);
	print_definition("  left out by a backfill at ", since);
}

/* What belongs to a missing or unexpected object is only counted. */
static void print_text(const struct check *check)
{
	size_t told = 0;

	for (size_t i = 0; i < check->n; i += 1) {
		size_t parts = 0;

		print_difference(check, &check->differences[i]);
		told++;
		while (i + 1 < check->n && check->differences[i + 1].within) {
			parts++;
			i++;
		}
		if (parts > 0)
			printf("  and %zu of its parts\n", parts);
	}
	if (told > 0)
		printf("\n%zu difference%s. ", told, told == 1 ? "" : "s");
	puts(advice(check));
}

static void print_json(const struct check *check)
{
	struct buf out;

	printf("{\"equal\":%s,\"differences\":[",
	       check->n == 0 ? "true" : "false");
	for (size_t i = 0; i < check->n; i++) {
		const struct difference *d = &check->differences[i];

		buf_init(&out, 1u << 20);
		buf_puts(&out, i ? ",\n{" : "{");
		json_put_text(&out, "object", d->name);
		json_put_text(&out, "expected", d->expected);
		json_put_text(&out, "found", d->found);
		if (deferred_since(check, d))
			json_put_text(&out, "deferred_at",
				      deferred_since(check, d));
		buf_putc(&out, '}');
		fputs(out.data, stdout);
		buf_free(&out);
	}
	buf_init(&out, 4096);
	json_put_string(&out, check->n ? advice(check) : NULL);
	printf("],\"advice\":%s}\n", out.data);
	buf_free(&out);
}

static enum cli_exit print(const struct check *check, const struct cli *cli)
{
	if (cli_flag(cli, "print")) {
		for (size_t i = 0; i < check->found.n; i++)
			printf("%s: %s\n", check->found.items[i].name,
			       check->found.items[i].definition);
		return CLI_DONE;
	}
	if (cli_flag(cli, "json"))
		print_json(check);
	else
		print_text(check);
	return check->n ? CLI_DIFFERENT : CLI_DONE;
}

static enum cli_exit check(struct command *command)
{
	struct check check = {.arena = arena_new(ARENA_CAP)};
	struct fault fault = {0};
	enum cli_exit code;
	enum err err;

	if (!check.arena)
		return command_fail(&(struct fault){.code = ERR_NOMEM});
	err = session_open(&check.session, &command->loop,
			   command->config->database.url, &fault);
	if (err == OK) {
		err = ask(&check, &fault);
		session_close(&check.session);
	}
	code = err == OK ? print(&check, command->cli) : command_fail(&fault);
	arena_free(check.arena);
	return code;
}

const struct cli_command command_db_check = {
    .name = "db check",
    .help = "compare the schema with what it should be",
    .more = "Tables, columns, constraints, indexes, triggers, functions, "
	    "views, enums, comments and grants. What the application has in "
	    "the same database is no difference; what it adds to our tables "
	    "is. Exit 4 if something differs.",
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "as one JSON object"},
		{"print", NULL, "what is there, in the form of db/schema.txt"}},
    .run = check,
};
