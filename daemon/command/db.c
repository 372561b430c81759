#include "common/buf.h"
#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/output.h"
#include "daemon/command/session.h"
#include "daemon/serve/json_put.h"
#include "db/schema/migrate.h"

/* What the schema's commands ask, and what came of it. */
struct schema {
	struct session session;
	bool json;
	size_t n;	     /* migrations applied */
	const char *current; /* the migration under way; NULL: none yet */
	uv_timer_t slow;
	bool slow_is_closed;
};

static void on_done(void *arg, enum err err, const struct fault *fault)
{
	struct schema *schema = arg;

	await_fire(&schema->session.await, err, fault);
}

static void on_applied(void *arg, enum err err, const struct fault *fault,
		       size_t n)
{
	struct schema *schema = arg;

	schema->n = n;
	await_fire(&schema->session.await, err, fault);
}

#define PATIENCE_MS 2000

static void on_slow(uv_timer_t *timer)
{
	const struct schema *schema = timer->data;

	if (schema->current)
		fprintf(stderr, "gigstreamd: applying %s takes its time\n",
			schema->current);
	else
		fputs("gigstreamd: waiting for another process that applies "
		      "migrations\n",
		      stderr);
}

static void on_step(void *arg, const char *name, bool applied)
{
	struct schema *schema = arg;

	schema->current = applied ? NULL : name;
	if (applied) {
		printf("applied %s\n", name);
		(void)fflush(stdout);
	}
	(void)uv_timer_start(&schema->slow, on_slow, PATIENCE_MS, 0);
}

static void on_closed(uv_handle_t *handle)
{
	((struct schema *)handle->data)->slow_is_closed = true;
}

static enum err run_migrations(struct schema *schema, bool force,
			       struct fault *fault)
{
	uv_loop_t *loop = schema->session.loop;
	enum err err;

	/* Neither can fail for a timer on a loop that works. */
	(void)uv_timer_init(loop, &schema->slow);
	schema->slow.data = schema;
	(void)uv_timer_start(&schema->slow, on_slow, PATIENCE_MS, 0);
	session_begin(&schema->session);
	err =
	    migrate_run(schema->session.pg, force, on_step, on_applied, schema);
	err = session_end(&schema->session, err, fault);
	uv_close((uv_handle_t *)&schema->slow, on_closed);
	await_flag(loop, &schema->slow_is_closed);
	return err;
}

static enum cli_exit apply(struct command *command, bool force)
{
	struct schema schema = {.n = 0};
	struct fault fault = {0};
	enum err err = session_open(&schema.session, &command->loop,
				    command->config->database.url, &fault);

	if (err != OK)
		return command_fail(&fault);
	err = run_migrations(&schema, force, &fault);
	session_close(&schema.session);
	if (err != OK)
		return command_fail(&fault);
	if (schema.n > 0)
		printf("%zu migration%s applied: ", schema.n,
		       schema.n == 1 ? "" : "s");
	puts("the schema is current");
	return CLI_DONE;
}

static enum cli_exit push(struct command *command)
{
	return apply(command, cli_flag(command->cli, "force"));
}

static enum cli_exit migrate(struct command *command)
{
	return apply(command, false);
}

#define COLUMNS 3
#define MAX_MIGRATIONS 512

static void print_table(const struct migration *list, size_t n)
{
	const char *cells[(MAX_MIGRATIONS + 1) * COLUMNS] = {
	    "migration", "state", "applied"};
	size_t rows = n < MAX_MIGRATIONS ? n : MAX_MIGRATIONS;

	for (size_t i = 0; i < rows; i++) {
		const char **row = &cells[(i + 1) * COLUMNS];

		row[0] = list[i].name;
		row[1] = migration_state_name(list[i].state);
		row[2] = *list[i].applied_at ? list[i].applied_at : NULL;
	}
	output_table(stdout, cells, rows + 1, COLUMNS);
}

static void print_json(const struct migration *list, size_t n)
{
	struct buf out;

	buf_init(&out, 1u << 20);
	for (size_t i = 0; i < n; i++) {
		buf_puts(&out, i ? ",\n{" : "{");
		json_put_text(&out, "name", list[i].name);
		json_put_text(&out, "state",
			      migration_state_name(list[i].state));
		json_put_text(&out, "applied_at",
			      *list[i].applied_at ? list[i].applied_at : NULL);
		buf_putc(&out, '}');
	}
	printf("[%s]\n", out.data);
	buf_free(&out);
}

/* The list lives only as long as this call: printed here. */
static void on_status(void *arg, enum err err, const struct fault *fault,
		      const struct migration *list, size_t n)
{
	struct schema *schema = arg;

	if (err == OK && schema->json)
		print_json(list, n);
	else if (err == OK)
		print_table(list, n);
	await_fire(&schema->session.await, err, fault);
}

static enum cli_exit status(struct command *command)
{
	struct schema schema = {.json = cli_flag(command->cli, "json")};
	struct fault fault = {0};
	enum cli_exit code = CLI_DONE;
	enum err err = session_open(&schema.session, &command->loop,
				    command->config->database.url, &fault);

	if (err != OK)
		return command_fail(&fault);
	session_begin(&schema.session);
	err = migrate_status(schema.session.pg, on_status, &schema);
	err = session_end(&schema.session, err, &fault);
	if (err == OK) {
		session_begin(&schema.session);
		err = migrate_check(schema.session.pg, on_done, &schema);
		err = session_end(&schema.session, err, &fault);
	}
	if (err != OK)
		code = command_fail(&fault);
	session_close(&schema.session);
	return code;
}

static enum cli_exit drop(struct command *command)
{
	struct schema schema = {.n = 0};
	struct fault fault = {0};
	enum err err;

	if (!cli_flag(command->cli, "yes")) {
		(void)fault_set(&fault, ERR_USAGE,
				"this deletes every payment, worker and "
				"platform in the database, and the schema; if "
				"that is meant, add --yes");
		return command_fail(&fault);
	}
	err = session_open(&schema.session, &command->loop,
			   command->config->database.url, &fault);
	if (err != OK)
		return command_fail(&fault);
	session_begin(&schema.session);
	err = migrate_drop(schema.session.pg, on_done, &schema);
	err = session_end(&schema.session, err, &fault);
	session_close(&schema.session);
	if (err != OK)
		return command_fail(&fault);
	puts("everything is dropped; gigstreamd db push makes the schema anew");
	return CLI_DONE;
}

const struct cli_command command_db_push = {
    .name = "db push",
    .help = "bring the schema to the newest, for development",
    .more = "Each migration runs in a transaction of its own; one that is "
	    "applied already is left alone.",
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"force", NULL,
		 "take a migration that was edited since as applied; what it "
		 "lacks then, gigstreamd db check shows"}},
    .run = push,
};

const struct cli_command command_db_migrate = {
    .name = "db migrate",
    .help = "bring the schema to the newest, for production",
    .more = "Each migration runs in a transaction of its own; one that is "
	    "applied already is left alone. A database that is newer than "
	    "this program, or was made from other migrations, is refused.",
    .needs = CLI_NEEDS_DATABASE,
    .run = migrate,
};

const struct cli_command command_db_status = {
    .name = "db status",
    .help = "list the migrations and which are applied",
    .more = "Exit 1 if the schema is not what this program needs.",
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "as one JSON array"}},
    .run = status,
};

const struct cli_command command_db_drop = {
    .name = "db drop",
    .help = "drop the schema and all that is in it",
    .more = "Everything of ours in this database: the schemas chain and "
	    "stats, our tables, views, types and functions in public, and what "
	    "was granted there. The roles gigstream_daemon, gigstream_api and "
	    "gigstream_readonly belong to the whole server and stay.",
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"yes", NULL, "it is meant"}},
    .run = drop,
};
