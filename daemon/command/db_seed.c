#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/session.h"
#include "daemon/serve/json_put.h"
#include "db/schema/migrate.h"
#include "db/schema/seed.h"
#include <inttypes.h>

struct seeding {
	struct session session;
	struct seeded seeded;
};

static const char *const names[SEED_TABLES] = {
    [SEED_WORKERS] = "workers",
    [SEED_PLATFORMS] = "platforms",
    [SEED_TASKS] = "tasks",
    [SEED_STREAMS] = "streams",
    [SEED_TRANSACTIONS] = "transactions",
    [SEED_REPUTATION_EVENTS] = "reputation_events",
    [SEED_LOANS] = "loans",
    [SEED_AUDIT_LOGS] = "audit_logs",
};

static void on_checked(void *arg, enum err err, const struct fault *fault)
{
	struct seeding *seeding = arg;

	await_fire(&seeding->session.await, err, fault);
}

static void on_seeded(void *arg, enum err err, const struct fault *fault,
		      const struct seeded *seeded)
{
	struct seeding *seeding = arg;

	if (seeded)
		seeding->seeded = *seeded;
	await_fire(&seeding->session.await, err, fault);
}

static enum err ask(struct seeding *seeding, struct fault *fault)
{
	enum err err;

	session_begin(&seeding->session);
	err = migrate_check(seeding->session.pg, on_checked, seeding);
	err = session_end(&seeding->session, err, fault);
	if (err != OK)
		return err;
	session_begin(&seeding->session);
	err = seed_run(seeding->session.pg, on_seeded, seeding);
	return session_end(&seeding->session, err, fault);
}

static void print_text(const struct seeded *seeded)
{
	uint64_t total = 0;

	for (size_t i = 0; i < SEED_TABLES; i++)
		total += seeded->after[i] - seeded->before[i];
	if (total == 0) {
		puts("the demo data is there already; nothing is changed");
		return;
	}
	for (size_t i = 0; i < SEED_TABLES; i++)
		printf("%-18s %3" PRIu64 " added, %3" PRIu64 " there\n",
		       names[i], seeded->after[i] - seeded->before[i],
		       seeded->after[i]);
}

static void print_json(const struct seeded *seeded)
{
	struct buf out;

	buf_init(&out, 4096);
	buf_putc(&out, '{');
	for (size_t i = 0; i < SEED_TABLES; i++) {
		json_put_name(&out, names[i]);
		buf_putc(&out, '{');
		json_put_u64(&out, "added",
			     seeded->after[i] - seeded->before[i]);
		json_put_u64(&out, "there", seeded->after[i]);
		buf_putc(&out, '}');
	}
	printf("%s}\n", out.data);
	buf_free(&out);
}

static enum cli_exit seed(struct command *command)
{
	struct seeding seeding;
	struct fault fault = {0};
	enum err err = session_open(&seeding.session, &command->loop,
				    command->config->database.url, &fault);

	if (err != OK)
		return command_fail(&fault);
	err = ask(&seeding, &fault);
	session_close(&seeding.session);
	if (err != OK)
		return command_fail(&fault);
	if (cli_flag(command->cli, "json"))
		print_json(&seeding.seeded);
	else
		print_text(&seeding.seeded);
	return CLI_DONE;
}

const struct cli_command command_db_seed = {
    .name = "db seed",
    .help = "fill an empty database with demo data",
    .more = "Workers, platforms, tasks, streams, transactions, reputation, "
	    "loans and an audit, with every status there is. A second run "
	    "changes nothing. Refused where the database holds anything else.",
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "as one JSON object"}},
    .run = seed,
};
