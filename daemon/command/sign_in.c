#include "db/people/sign_in.h"
#include "common/password.h"
#include "common/token.h"
#include "daemon/command/api_key.h"
#include "daemon/command/caller.h"
#include "daemon/command/commands.h"
#include "daemon/command/people.h"
#include "daemon/command/secret.h"
#include "daemon/command/token_key.h"
#include "daemon/command/ttl.h"
#include <string.h>
#include <time.h>

#define STEP_MS 30000

struct sign_in {
	const struct secret_key *key;
	int64_t ttl; /* seconds */
	struct caller caller;
	struct people_session people;
	enum person_kind kind;
	struct stored_password stored;
	struct person person; /* who is signed in */
};

/* What can be refused before a secret is asked for. */
static enum err prepare(struct sign_in *s, const struct command *command,
			enum person_kind kind, struct fault *fault)
{
	enum err err = ttl_read(&s->ttl, command->cli, fault);

	s->kind = kind;
	if (err == OK)
		err = caller_init(&s->caller,
				  kind == PERSON_WORKER ? "worker.sign_in"
							: "platform.sign_in",
				  fault);
	if (err != OK)
		return err;
	s->key = token_key(command->config, fault);
	return s->key ? OK : fault->code;
}

static void on_password(void *arg, enum err err, const struct fault *said,
			PGresult *const *results, size_t n)
{
	struct sign_in *s = arg;
	struct fault fault = *said;

	(void)n;
	if (err == OK)
		err = sign_in_read_password(&s->stored, s->people.arena,
					    results[0], &fault);
	await_fire(&s->people.session.await, err, &fault);
}

static void on_signed_in(void *arg, enum err err, const struct fault *said,
			 PGresult *const *results, size_t n)
{
	struct sign_in *s = arg;
	struct fault fault = *said;

	if (err == OK)
		err = sign_in_read(&s->person, s->kind, s->people.arena,
				   results[n - 1], &fault);
	await_fire(&s->people.session.await, err, &fault);
}

static enum err ask(struct sign_in *s, struct sql_batch *sql, pg_results_cb cb,
		    struct fault *fault)
{
	enum err err;

	session_begin(&s->people.session);
	err = sql_send(sql, s->people.session.pg, STEP_MS, cb, s);
	err = session_end(&s->people.session, err, fault);
	sql_free(sql);
	return err;
}

static enum err ask_password(struct sign_in *s, const char *key,
			     struct fault *fault)
{
	struct sql_batch sql;

	sql_init(&sql);
	sign_in_ask_password(&sql, key);
	return ask(s, &sql, on_password, fault);
}

static enum err ask_worker(struct sign_in *s, bool fits, struct fault *fault)
{
	struct actor actor = s->caller.actor;
	char id[UUID_TEXT_SIZE];
	struct sql_batch sql;

	if (fits) {
		actor.type = ACTOR_WORKER;
		actor.id = uuid_format(id, &s->stored.worker);
	}
	sql_init(&sql);
	sign_in_ask_worker(&sql, &actor, &s->stored, fits);
	return ask(s, &sql, on_signed_in, fault);
}

static enum err is_suspended(enum person_kind kind, struct fault *fault)
{
	return fault_set(fault, ERR_CONFLICT,
			 "the %s is suspended and cannot sign in",
			 kind == PERSON_WORKER ? "worker" : "platform");
}

/* Somebody who is no worker, has no password or another one: all get the same
 * answer, after the same work. */
static enum err sign_in_worker(struct sign_in *s, const char *key,
			       const struct secret *password,
			       struct fault *fault)
{
	enum err err = ask_password(s, key, fault);
	bool fits;

	if (err != OK)
		return err;
	fits = password_verify(
	    s->stored.hash,
	    (struct bytes){(const uint8_t *)password->text, password->len});
	err = ask_worker(s, fits, fault);
	if (err != ERR_MISSING)
		return err;
	if (fits && s->stored.suspended)
		return is_suspended(PERSON_WORKER, fault);
	return fault_set(fault, ERR_CONFLICT,
			 "no worker has this id, email or wallet and this "
			 "password");
}

static enum err sign_in_platform(struct sign_in *s, const char *api_key_hash,
				 struct fault *fault)
{
	struct sql_batch sql;
	enum err err;

	sql_init(&sql);
	sign_in_ask_platform(&sql, &s->caller.actor, api_key_hash);
	err = ask(s, &sql, on_signed_in, fault);
	if (err == ERR_MISSING)
		return fault_set(fault, ERR_CONFLICT,
				 "no platform has this API key");
	if (err == OK && person_is_suspended(&s->person))
		return is_suspended(PERSON_PLATFORM, fault);
	return err;
}

static enum err print_token(const struct sign_in *s, struct fault *fault)
{
	char text[TOKEN_SIZE], until[TOKEN_TIME_SIZE];
	int64_t now = (int64_t)time(NULL);
	enum err err =
	    token_make(text, s->key,
		       s->kind == PERSON_WORKER ? TOKEN_WORKER : TOKEN_PLATFORM,
		       &s->person.id, now, s->ttl, fault);

	if (err != OK)
		return err;
	puts(text);
	explicit_bzero(text, sizeof(text));
	fprintf(stderr,
		"gigstreamd: the token is shown only now; whoever has it is "
		"signed in until %s\n",
		token_time(until, now + s->ttl));
	return OK;
}

/* err: whether somebody is signed in. */
static enum cli_exit finish(struct sign_in *s, enum err err,
			    struct fault *fault)
{
	if (err == OK)
		err = print_token(s, fault);
	people_close(&s->people);
	return err == OK ? CLI_DONE : command_fail(fault);
}

static enum cli_exit run_worker(struct command *command)
{
	const char *worker = command->cli->arguments[0];
	struct fault fault = {.code = OK};
	struct secret password;
	struct sign_in s;
	enum err err;

	if (secret_refuse_argument(command->cli, 1, "password", &fault) != OK ||
	    people_check_key(worker, &fault) != OK ||
	    prepare(&s, command, PERSON_WORKER, &fault) != OK ||
	    secret_read(&password, "password", false, &fault) != OK)
		return command_fail(&fault);
	err = people_open(&s.people, command, &fault);
	if (err != OK) {
		secret_wipe(&password);
		return command_fail(&fault);
	}
	err = sign_in_worker(&s, worker, &password, &fault);
	secret_wipe(&password);
	return finish(&s, err, &fault);
}

static enum cli_exit run_platform(struct command *command)
{
	char hash[API_KEY_HASH_SIZE];
	struct fault fault = {.code = OK};
	struct sign_in s;

	if (secret_refuse_argument(command->cli, 0, "API key", &fault) != OK ||
	    prepare(&s, command, PERSON_PLATFORM, &fault) != OK ||
	    api_key_read(hash, &fault) != OK ||
	    people_open(&s.people, command, &fault) != OK)
		return command_fail(&fault);
	return finish(&s, sign_in_platform(&s, hash, &fault), &fault);
}

#define MORE                                                                   \
	" The token is a JWT that is signed with auth.token_key; gigstreamd "  \
	"token check tells whose it is. The audit keeps each attempt."
#define TTL_OPTION                                                             \
	{                                                                      \
		"ttl", "TIME",                                                 \
		    "how long it is good, from 1m to 30d "                     \
		    "(default: " TTL_DEFAULT ")"                               \
	}

const struct cli_command command_worker_sign_in = {
    .name = "worker sign-in",
    .arguments = "ID|EMAIL|WALLET",
    .help = "take a worker's password from stdin, print a token",
    .more = "The password is read from stdin as one line, and not shown where "
	    "it is typed." MORE,
    .min_arguments = 1,
    .max_arguments = CLI_MANY, /* see secret_refuse_argument */
    .needs = CLI_NEEDS_DATABASE,
    .options = {TTL_OPTION},
    .run = run_worker,
};

const struct cli_command command_platform_sign_in = {
    .name = "platform sign-in",
    .help = "take a platform's API key from stdin, print a token",
    .more = "The API key is read from stdin as one line, and not shown where "
	    "it is typed." MORE,
    .max_arguments = CLI_MANY,
    .needs = CLI_NEEDS_DATABASE,
    .options = {TTL_OPTION},
    .run = run_platform,
};
