#include <inttypes.h>
#include <stdio.h>

#include "common/arena.h"
#include "contracts-abi/abi.h"
#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/output.h"
#include "daemon/command/quarantine.h"
#include "daemon/command/session.h"
#include "daemon/sync/sync.h"
#include "db/store/derive.h"

#define ARENA_CAP (16u << 20)

struct show {
	struct session session;
	struct arena *arena;
	struct held_row held;
};

static void on_held(void *arg, enum err err, const struct fault *fault,
		    struct held_row *held, size_t n, const struct piece *stand)
{
	struct show *show = arg;

	(void)stand;
	if (!err && n > 0)
		show->held = held[0];
	await_fire(&show->session.await, err, fault);
}

static enum err ask(struct show *show, struct command *command, uint64_t id,
		    struct fault *fault)
{
	enum err err = session_open_store(&show->session, &command->loop,
					  command->config, fault);

	if (err)
		return err;
	session_begin(&show->session);
	err = store_quarantine_get(show->session.store, show->arena, id,
				   on_held, show);
	err = session_end(&show->session, err, fault);
	session_close(&show->session);
	return err;
}

static void print_place(const struct held_row *held)
{
	const struct quarantine_row *row = &held->row;
	char hash[HASH_TEXT_SIZE], address[ADDRESS_TEXT_SIZE];

	printf("id          %" PRIu64 "\n", held->id);
	printf("kind        %s\n",
	       held->malformed ? "malformed" : "contradicting");
	printf("reason      ");
	output_text(stdout, row->reason);
	printf("\nblock       %" PRIu64 " %s\n", row->at.block_number,
	       hash_format(hash, &row->at.block_hash));
	printf("log         %" PRIu32 "\n", row->at.log_index);
	printf("transaction %s\n", hash_format(hash, &row->at.tx_hash));
	printf("contract    %s\n", address_checksum(address, &row->contract));
}

static void print_raw(const struct quarantine_row *row)
{
	char hash[HASH_TEXT_SIZE];

	for (int i = 0; i < row->n_topics; i++)
		printf("topic %d     %s\n", i,
		       hash_format(hash, &row->topics[i]));
	printf("data        0x");
	for (size_t i = 0; i < row->data.len; i++)
		printf("%02x", row->data.data[i]);
	putchar('\n');
}

/* Each word where the event would have it, and what is wrong with it. */
static void print_words(const struct abi_event *event,
			const struct quarantine_row *row)
{
	char text[HASH_TEXT_SIZE];
	struct hash word;

	for (size_t i = 0; i < event->n_params; i++) {
		const struct abi_param *param = &event->params[i];
		const char *why = abi_look(event, i, row->topics, row->n_topics,
					   row->data, &word);

		printf("  ");
		output_text(stdout, param->name);
		printf("%s %s%s%s\n", param->indexed ? " (topic)" : "",
		       hash_format(text, &word), why ? ": " : "",
		       why ? why : "");
	}
}

static void print_decoded(const struct catalog *catalog,
			  const struct quarantine_row *row)
{
	struct raw_log log = {.address = row->contract,
			      .n_topics = row->n_topics,
			      .topics = {row->topics[0], row->topics[1],
					 row->topics[2], row->topics[3]},
			      .data = row->data};
	const struct abi_event *event = catalog_claims(catalog, &log);
	struct catalog_events events;
	const char *why = NULL;

	if (!event) {
		printf("event       none that the contract has, as configured "
		       "now\n");
		return;
	}
	printf("event       ");
	output_text(stdout, event->signature);
	switch (catalog_decode(catalog, &log, &events, &why)) {
	case CATALOG_MALFORMED:
		printf("\nnow         does not decode: %s; the event has %d "
		       "topics and %zu bytes of data%s, the log %d and %zu\n",
		       why, event->n_topics, event->data.len,
		       event->data.dynamic ? " at least" : "", row->n_topics,
		       row->data.len);
		break;
	case CATALOG_EVENT:
		printf("\nnow         decodes\n");
		break;
	case CATALOG_NOT_OURS:
		printf("\nnow         decodes, and concerns us no more\n");
		break;
	}
	if (!event->data.dynamic)
		print_words(event, row);
}

static enum cli_exit run(struct command *command)
{
	struct show show = {.arena = arena_new(ARENA_CAP)};
	struct catalog *catalog = NULL;
	struct fault fault = {.code = ERR_NOMEM};
	uint64_t id = 0;
	enum err err = show.arena ? OK : ERR_NOMEM;

	if (!err)
		err = quarantine_parse_id(&id, command->cli->arguments[0],
					  &fault);
	if (!err)
		err = sync_catalog(&catalog, command->config, &fault);
	if (!err)
		err = ask(&show, command, id, &fault);
	if (!err) {
		print_place(&show.held);
		print_decoded(catalog, &show.held.row);
		print_raw(&show.held.row);
	}
	catalog_free(catalog);
	arena_free(show.arena);
	return err ? command_fail(&fault) : CLI_DONE;
}

const struct cli_command command_quarantine_show = {
    .name = "quarantine show",
    .arguments = "ID",
    .help = "a log in quarantine, decoded as far as it goes",
    .more =
	"By the contracts as they are configured now: which event it claims "
	"to be, and which of its words is wrong.",
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
