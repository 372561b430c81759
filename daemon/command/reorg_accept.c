#include <inttypes.h>
#include <stdio.h>

#include "chain/source.h"
#include "contracts-abi/catalog.h"
#include "daemon/command/caller.h"
#include "daemon/command/command.h"
#include "daemon/command/commands.h"
#include "daemon/command/session.h"
#include "daemon/command/signals.h"
#include "daemon/sync/sync.h"
#include "daemon/sync/word.h"
#include "db/schema/migrate.h"

#define NODE_MS 60000

struct accept {
	struct command *command;
	uint64_t to;
	struct hash hash;
	/* What is looked up before anything is said. */
	struct session session;
	struct await node;
	struct reorg_look look;
	struct block_ref theirs;
	/* The word itself. */
	struct sync *sync;
	struct signals signals;
	bool stopping, settled;
	struct reorg_word word;
	enum err err;
	struct fault fault;
};

static enum err parse(struct accept *accept, const struct cli *cli,
		      struct fault *fault)
{
	const char *to = cli_value(cli, "to"), *hash = cli_value(cli, "hash");

	if (!to || !hash)
		return fault_set(
		    fault, ERR_USAGE,
		    "a block is needed that is on the surviving "
		    "chain: --to BLOCK --hash HASH; /readyz of the "
		    "halted daemon and its log name it");
	/* Blocks are stored as bigint, and sums of two must not overflow. */
	if (decimal_parse_u64(&accept->to, to) != OK ||
	    accept->to > INT64_MAX / 2)
		return fault_set(fault, ERR_USAGE,
				 "--to %.40s is no block number", to);
	if (hash_parse(&accept->hash, hash) != OK)
		return fault_set(fault, ERR_USAGE,
				 "--hash %.80s is no block hash: 0x and 64 hex "
				 "digits",
				 hash);
	return OK;
}

static void on_schema(void *arg, enum err err, const struct fault *fault)
{
	await_fire(arg, err, fault);
}

static void on_look(void *arg, enum err err, const struct fault *fault,
		    const struct reorg_look *look)
{
	struct accept *accept = arg;

	if (!err)
		accept->look = *look;
	await_fire(&accept->session.await, err, fault);
}

/* What the database knows of the block, and has above it. */
static enum err look(struct accept *accept, struct fault *fault)
{
	const struct config *config = accept->command->config;
	struct session *session = &accept->session;
	enum err err =
	    session_open_store(session, &accept->command->loop, config, fault);

	if (err)
		return err;
	session_begin(session);
	err = migrate_check(session->pg, on_schema, &session->await);
	err = session_end(session, err, fault);
	if (!err) {
		session_begin(session);
		err = store_reorg_look(session->store, accept->to, on_look,
				       accept);
		err = session_end(session, err, fault);
	}
	session_close(session);
	return err;
}

static void on_ref(void *arg, enum err err, const struct fault *fault,
		   const struct block_ref *ref)
{
	struct accept *accept = arg;

	if (!err)
		accept->theirs = *ref;
	await_fire(&accept->node, err, fault);
}

static void on_source_closed(void *arg)
{
	*(bool *)arg = true;
}

/* What the node has at that height, its hash recomputed. */
static enum err ask_node(struct accept *accept, struct fault *fault)
{
	uv_loop_t *loop = &accept->command->loop;
	struct source_request *request;
	struct catalog *catalog = NULL;
	struct source *source = NULL;
	bool closed = false;
	enum err err = catalog_new(&catalog, fault);

	if (!err)
		err = source_new(&source, loop, accept->command->config,
				 catalog, NULL, fault);
	if (!err) {
		await_start(&accept->node);
		err = source_ref(source, accept->to, on_ref, accept, &request);
		if (err)
			fault_set(fault, err, "cannot ask the node: %s",
				  err_text(err));
		else
			err = await_end(&accept->node, loop, NODE_MS, fault);
		source_close(source, on_source_closed, &closed);
		await_flag(loop, &closed);
	}
	catalog_free(catalog);
	return err;
}

static void sync_is_closed(void *arg)
{
	((struct accept *)arg)->sync = NULL;
}

static void stop(struct accept *accept)
{
	if (accept->stopping)
		return;
	accept->stopping = true;
	command_must_end(accept->command);
	sync_close(accept->sync, sync_is_closed, accept);
}

static void on_signal(void *arg)
{
	stop(arg);
}

static void on_word(void *arg, const struct reorg_word *word)
{
	struct accept *accept = arg;

	accept->word = *word;
	accept->settled = true;
}

static void on_ended(void *arg, enum err err, const struct fault *fault)
{
	struct accept *accept = arg;

	accept->err = err;
	accept->fault = *fault;
	stop(accept);
}

/* Says it, and waits until it is settled, by whoever leads or by us. */
static enum err say(struct accept *accept, struct fault *fault)
{
	struct command *command = accept->command;
	const struct sync_observer observer = {
	    .arg = accept, .word = on_word, .ended = on_ended};
	struct caller caller;
	struct sync_options options = {
	    .mode = SYNC_ACCEPT,
	    .accept = {.to = accept->to,
		       .hash = accept->hash,
		       .actor = &caller.actor},
	};
	enum err err = caller_init(&caller, "reorg.accept", fault);

	if (err)
		return err;
	signals_watch(&accept->signals, &command->loop, on_signal, accept);
	err = sync_new(&accept->sync, &command->loop, command->config, &options,
		       &command->logger, NULL, &observer, fault);
	if (!err)
		(void)uv_run(&command->loop, UV_RUN_DEFAULT);
	signals_unwatch(&accept->signals);
	if (!err && accept->err)
		*fault = accept->fault;
	return err ? err : accept->err;
}

static void print_json(const struct accept *accept, const struct standing *s,
		       bool done)
{
	char hash[HASH_TEXT_SIZE];

	printf("{\"to\":%" PRIu64 ",\"hash\":\"%s\",\"done\":%s"
	       ",\"blocks\":%" PRIu64 ",\"events\":%" PRIu64
	       ",\"transfers\":%" PRIu64 ",\"transactions\":%" PRIu64
	       ",\"confirmed\":%" PRIu64 "}\n",
	       accept->to, hash_format(hash, &accept->hash),
	       done ? "true" : "false", s->blocks, s->events, s->transfers,
	       s->transactions, s->confirmed);
}

static void print_text(const struct accept *accept, const struct standing *s,
		       bool done)
{
	printf("%s: %" PRIu64 " blocks above %" PRIu64 " with %" PRIu64
	       " events, %" PRIu64 " transfers and %" PRIu64
	       " transactions, of which %" PRIu64 " were confirmed\n",
	       done ? "undone" : "would be undone", s->blocks, accept->to,
	       s->events, s->transfers, s->transactions, s->confirmed);
}

static void print(const struct accept *accept, const struct standing *standing,
		  bool done)
{
	if (cli_flag(accept->command->cli, "json"))
		print_json(accept, standing, done);
	else
		print_text(accept, standing, done);
}

static enum cli_exit run(struct command *command)
{
	struct accept accept = {.command = command};
	struct fault fault = {0};
	enum err err = parse(&accept, command->cli, &fault);

	if (!err)
		err = look(&accept, &fault);
	if (!err)
		err =
		    word_is_ours(&accept.look, accept.to, &accept.hash, &fault);
	if (!err)
		err = ask_node(&accept, &fault);
	if (!err)
		err = word_is_theirs(&accept.theirs, &accept.hash, &fault);
	if (!err && cli_flag(command->cli, "dry-run")) {
		print(&accept, &accept.look.above, false);
		return CLI_DONE;
	}
	if (!err)
		err = say(&accept, &fault);
	if (accept.settled && accept.word.done) {
		print(&accept, &accept.word.undone, true);
		return CLI_DONE;
	}
	if (err)
		return command_fail(&fault);
	fprintf(stderr, "gigstreamd: stopped before the end; the word, if it "
			"was written, stands: gigstreamd run acts on it, or "
			"run this again\n");
	return CLI_STOPPED;
}

const struct cli_command command_reorg_accept = {
    .name = "reorg accept",
    .help = "go on after a reorg too deep: undo what is above a block",
    .more =
	"For a halted daemon, whose /readyz and log name the block: it is on "
	"the chain that survives, and what we have above it may be undone, "
	"confirmed transactions included. Node and database must both have the "
	"block. Where a daemon leads, it hands the word to it; else it acts "
	"itself. Exit 1: refused, and why; 3: stopped before the end.",
    .options = {{"to", "BLOCK", "the highest block that both chains share"},
		{"hash", "HASH", "its hash"},
		{"dry-run", NULL, "only say what would be undone"},
		{"json", NULL, "the result as one JSON object"}},
    .run = run,
};
