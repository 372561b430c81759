#include "common/password.h"
#include "common/seal.h"
#include "daemon/command/api_key.h"
#include "daemon/command/caller.h"
#include "daemon/command/commands.h"
#include "daemon/command/people.h"
#include "daemon/command/people_print.h"
#include "daemon/command/secret.h"
#include <string.h>

static enum cli_exit print(const struct command *command,
			   const struct person *person)
{
	if (!cli_flag(command->cli, "json"))
		people_print_text(person, NULL);
	else if (!people_print_json(person, NULL))
		return command_fail(&(struct fault){.code = ERR_NOMEM});
	return CLI_DONE;
}

static enum err hash_password(char hash[PASSWORD_HASH_SIZE],
			      struct fault *fault)
{
	struct secret password;
	enum err err = secret_read(&password, "password", true, fault);

	if (err != OK)
		return err;
	err = password_hash(
	    hash, (struct bytes){(const uint8_t *)password.text, password.len},
	    fault);
	secret_wipe(&password);
	return err;
}

static enum cli_exit set_password(struct command *command)
{
	const char *worker = command->cli->arguments[0];
	char hash[PASSWORD_HASH_SIZE];
	struct people_session people;
	struct fault fault = {0};
	struct caller caller;
	enum cli_exit code;

	if (secret_refuse_argument(command->cli, 1, "password", &fault) != OK ||
	    people_check_key(worker, &fault) != OK ||
	    caller_init(&caller, "worker.set_password", &fault) != OK ||
	    hash_password(hash, &fault) != OK ||
	    people_open(&people, command, &fault) != OK)
		return command_fail(&fault);
	if (people_ask_set_secret(&people, &caller.actor, SECRET_PASSWORD_HASH,
				  worker, hash, &fault) == OK)
		code = print(command, people.list);
	else
		code = command_fail(&fault);
	people_close(&people);
	return code;
}

static enum err need_encryption_key(const struct config *config,
				    struct fault *fault)
{
	if (config->database.encryption_key)
		return OK;
	return fault_set(
	    fault, ERR_USAGE,
	    "database.encryption_key is not set, and nothing is stored "
	    "unencrypted: make a key (umask 077; openssl rand -base64 32 > "
	    "FILE), keep a copy where the database is not, and name the file "
	    "as database.encryption_key_file or "
	    "GIGSTREAM_DATABASE_ENCRYPTION_KEY_FILE");
}

/* What is sealed belongs to one row, whose id is asked for first. */
static enum err seal_and_set(struct people_session *people,
			     const struct actor *actor,
			     enum person_secret which, const char *key,
			     const struct secret_key *secret_key,
			     const struct secret *secret, struct fault *fault)
{
	struct seal_place place = {.column = person_secret_column(which)};
	char sealed[SEAL_TEXT_SIZE], id[UUID_TEXT_SIZE];
	enum err err =
	    people_ask_show(people, person_secret_kind(which), key, fault);

	if (err != OK)
		return err;
	place.row = people->list->id;
	err = seal_close(sealed, secret_key, &place, secret->text, fault);
	if (err != OK)
		return err;
	return people_ask_set_secret(
	    people, actor, which, uuid_format(id, &place.row), sealed, fault);
}

static enum cli_exit set_sealed(struct command *command,
				enum person_secret which, const char *name,
				const char *action)
{
	const char *key = command->cli->arguments[0];
	struct people_session people;
	struct fault fault = {0};
	struct secret secret;
	struct caller caller;
	enum cli_exit code;
	enum err err;

	if (secret_refuse_argument(command->cli, 1, name, &fault) != OK ||
	    people_check_key(key, &fault) != OK ||
	    need_encryption_key(command->config, &fault) != OK ||
	    caller_init(&caller, action, &fault) != OK ||
	    secret_read(&secret, name, false, &fault) != OK)
		return command_fail(&fault);
	err = people_open(&people, command, &fault);
	if (err == OK) {
		err = seal_and_set(&people, &caller.actor, which, key,
				   command->config->database.encryption_key,
				   &secret, &fault);
		code = err == OK ? print(command, people.list)
				 : command_fail(&fault);
		people_close(&people);
	} else {
		code = command_fail(&fault);
	}
	secret_wipe(&secret);
	return code;
}

static enum cli_exit set_wallet_id(struct command *command)
{
	return set_sealed(command, SECRET_WALLET_ID, "Circle wallet id",
			  "worker.set_wallet_id");
}

static enum cli_exit set_webhook_secret(struct command *command)
{
	return set_sealed(command, SECRET_WEBHOOK_SECRET, "webhook secret",
			  "platform.set_secret");
}

static enum cli_exit check_key(struct command *command)
{
	char hash[API_KEY_HASH_SIZE];
	struct people_session people;
	struct fault fault = {0};
	struct caller caller;
	enum cli_exit code;
	enum err err;

	if (secret_refuse_argument(command->cli, 0, "API key", &fault) != OK ||
	    caller_init(&caller, "platform.check_key", &fault) != OK ||
	    api_key_read(hash, &fault) != OK ||
	    people_open(&people, command, &fault) != OK)
		return command_fail(&fault);
	err = people_ask_by_api_key(&people, &caller.actor, hash, &fault);
	if (err == OK && people.n == 0)
		err = fault_set(&fault, ERR_MISSING,
				"no platform has this API key: it was "
				"replaced, or it is not of this database; "
				"gigstreamd platform rotate-key makes a new "
				"one");
	code = err == OK ? print(command, people.list) : command_fail(&fault);
	people_close(&people);
	return code;
}

#define STDIN                                                                  \
	"It is read from stdin as one line, and not shown where it is typed. " \
	"As an argument anybody could see it."

const struct cli_command command_worker_set_password = {
    .name = "worker set-password",
    .arguments = "ID|EMAIL|WALLET",
    .help = "give a worker a new password, from stdin",
    .more = STDIN " The database gets its bcrypt hash.",
    .min_arguments = 1,
    .max_arguments = CLI_MANY, /* see secret_refuse_argument */
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "the worker as one JSON object"}},
    .run = set_password,
};

const struct cli_command command_worker_set_wallet_id = {
    .name = "worker set-wallet-id",
    .arguments = "ID|EMAIL|WALLET",
    .help = "store a worker's Circle wallet id, from stdin, encrypted",
    .more = STDIN " The key to encrypt it with is database.encryption_key.",
    .min_arguments = 1,
    .max_arguments = CLI_MANY, /* see secret_refuse_argument */
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "the worker as one JSON object"}},
    .run = set_wallet_id,
};

const struct cli_command command_platform_set_secret = {
    .name = "platform set-secret",
    .arguments = "ID|EMAIL|WALLET",
    .help = "store what signs a platform's webhooks, from stdin, encrypted",
    .more = STDIN " The key to encrypt it with is database.encryption_key.",
    .min_arguments = 1,
    .max_arguments = CLI_MANY, /* see secret_refuse_argument */
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "the platform as one JSON object"}},
    .run = set_webhook_secret,
};

const struct cli_command command_platform_check_key = {
    .name = "platform check-key",
    .help = "say whose API key it is that comes from stdin; exit 1 if nobody's",
    .more = STDIN " Its hash is compared with the stored ones.",
    .max_arguments = CLI_MANY,
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "the platform as one JSON object"}},
    .run = check_key,
};
