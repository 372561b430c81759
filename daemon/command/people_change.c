#include "daemon/command/api_key.h"
#include "daemon/command/caller.h"
#include "daemon/command/commands.h"
#include "daemon/command/people.h"
#include "daemon/command/people_print.h"
#include "daemon/command/wallet.h"
#include <string.h>

/* What a person typed, checked as far as the database is not needed. */
struct request {
	struct caller caller;
	struct person_new person;
	struct address wallet;
	char key[API_KEY_SIZE], key_hash[API_KEY_HASH_SIZE];
};

static enum err require(const struct cli *cli, const char *name,
			const char **out, struct fault *fault)
{
	*out = cli_value(cli, name);
	if (*out && **out)
		return OK;
	return fault_set(fault, ERR_USAGE,
			 "--%s is needed; see gigstreamd "
			 "%s --help",
			 name, cli->command->name);
}

static enum err read_request(struct request *request,
			     const struct command *command,
			     enum person_kind kind, struct fault *fault)
{
	struct person_new *person = &request->person;
	const char *wallet;
	enum err err;

	person->kind = kind;
	err = caller_init(&request->caller,
			  kind == PERSON_WORKER ? "worker.add" : "platform.add",
			  fault);
	if (err == OK)
		err = require(command->cli, "name", &person->name, fault);
	if (err == OK)
		err = require(command->cli, "email", &person->email, fault);
	if (err == OK && kind == PERSON_WORKER)
		err = require(command->cli, "wallet", &wallet, fault);
	else
		wallet = cli_value(command->cli, "wallet");
	if (err == OK && wallet) {
		err = wallet_accept(&request->wallet, wallet, command->config,
				    fault);
		person->wallet = &request->wallet;
	}
	if (err == OK && kind == PERSON_PLATFORM) {
		err = api_key_make(request->key, fault);
		person->api_key_hash =
		    api_key_hash(request->key_hash, request->key);
	}
	return err;
}

static enum cli_exit print(const struct command *command,
			   const struct person *person, const char *key)
{
	if (!cli_flag(command->cli, "json"))
		people_print_text(person, key);
	else if (!people_print_json(person, key))
		return command_fail(&(struct fault){.code = ERR_NOMEM});
	if (key)
		fputs("gigstreamd: the API key is shown only now; keep it, the "
		      "database has only its hash\n",
		      stderr);
	return CLI_DONE;
}

static enum cli_exit add(struct command *command, enum person_kind kind)
{
	struct request request = {.person.kind = kind};
	struct people_session people;
	struct fault fault = {0};
	enum cli_exit code;

	if (read_request(&request, command, kind, &fault) != OK ||
	    people_open(&people, command, &fault) != OK)
		return command_fail(&fault);
	if (people_ask_add(&people, &request.caller.actor, &request.person,
			   &fault) == OK)
		code = print(command, people.list,
			     kind == PERSON_PLATFORM ? request.key : NULL);
	else
		code = command_fail(&fault);
	people_close(&people);
	explicit_bzero(request.key, sizeof(request.key));
	return code;
}

static enum cli_exit rotate_key(struct command *command)
{
	const char *platform = command->cli->arguments[0];
	char key[API_KEY_SIZE], hash[API_KEY_HASH_SIZE];
	struct people_session people;
	struct caller caller;
	struct fault fault = {0};
	enum cli_exit code;

	if (people_check_key(platform, &fault) != OK ||
	    caller_init(&caller, "platform.rotate_key", &fault) != OK ||
	    api_key_make(key, &fault) != OK ||
	    people_open(&people, command, &fault) != OK)
		return command_fail(&fault);
	if (people_ask_set_secret(&people, &caller.actor, SECRET_API_KEY_HASH,
				  platform, api_key_hash(hash, key),
				  &fault) == OK)
		code = print(command, people.list, key);
	else
		code = command_fail(&fault);
	people_close(&people);
	explicit_bzero(key, sizeof(key));
	return code;
}

static enum cli_exit add_worker(struct command *command)
{
	return add(command, PERSON_WORKER);
}

static enum cli_exit add_platform(struct command *command)
{
	return add(command, PERSON_PLATFORM);
}

#define MORE                                                                   \
	"The wallet's checksum (EIP-55) is verified before anything is "       \
	"stored. A running daemon notices a new wallet by itself, and "        \
	"fetches "                                                             \
	"what happened to it before."

const struct cli_command command_worker_add = {
    .name = "worker add",
    .help = "register a worker",
    .more = MORE,
    .options = {{"name", "NAME", "the name to show"},
		{"email", "EMAIL", "unique among workers"},
		{"wallet", "ADDRESS", "where the worker is paid"},
		{"json", NULL, "the result as one JSON object"}},
    .run = add_worker,
};

const struct cli_command command_platform_add = {
    .name = "platform add",
    .help = "register a platform; prints its API key, once",
    .more = MORE,
    .options = {{"name", "NAME", "the name to show"},
		{"email", "EMAIL", "unique among platforms"},
		{"wallet", "ADDRESS", "where the platform pays from; optional"},
		{"json", NULL, "the result as one JSON object"}},
    .run = add_platform,
};

const struct cli_command command_platform_rotate_key = {
    .name = "platform rotate-key",
    .arguments = "ID|EMAIL|WALLET",
    .help = "give a platform a new API key; prints it, once",
    .more = "The old key is worth nothing from that moment on.",
    .min_arguments = 1,
    .max_arguments = 1,
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "the platform as one JSON object"}},
    .run = rotate_key,
};
