#include "common/token.h"
#include "daemon/command/commands.h"
#include "daemon/command/people.h"
#include "daemon/command/people_print.h"
#include "daemon/command/secret.h"
#include "daemon/command/token_key.h"
#include "daemon/serve/json_put.h"
#include "db/people/sign_in.h"
#include <time.h>

static enum err read_token(struct token *out, const struct secret_key *key,
			   struct fault *fault)
{
	struct secret secret;
	enum err err = secret_read(&secret, "token", false, fault);

	if (err == ERR_USAGE) /* no token can be like that */
		fault->code = err = ERR_SYNTAX;
	if (err != OK)
		return err;
	err = token_read(out, secret.text, key, (int64_t)time(NULL), fault);
	secret_wipe(&secret);
	return err;
}

/* Into people->list; they may be gone since the token was made. */
static enum err find_person(struct people_session *people,
			    const struct token *token, struct fault *fault)
{
	enum person_kind kind =
	    token->audience == TOKEN_WORKER ? PERSON_WORKER : PERSON_PLATFORM;
	char id[UUID_TEXT_SIZE];
	enum err err = people_ask_show(people, kind,
				       uuid_format(id, &token->subject), fault);

	if (err == ERR_MISSING)
		return fault_set(fault, err,
				 "the token is good, but its %s is not "
				 "registered any more",
				 people_kind(kind));
	if (err == OK && person_is_suspended(people->list))
		return fault_set(fault, ERR_CONFLICT,
				 "the token is good, but its %s is suspended",
				 people_kind(kind));
	return err;
}

static void print_text(const struct person *person, const struct token *token)
{
	char time[TOKEN_TIME_SIZE];

	people_print_text(person, NULL);
	printf("%-16s%s\n", "signed in", token_time(time, token->issued));
	printf("%-16s%s\n", "until", token_time(time, token->expires));
}

static bool print_json(const struct person *person, const struct token *token)
{
	char id[UUID_TEXT_SIZE], time[TOKEN_TIME_SIZE];
	struct buf out;
	bool ok;

	buf_init(&out, 1u << 16);
	buf_putc(&out, '{');
	json_put_text(&out, "kind", people_kind(person->kind));
	people_put_members(&out, person, NULL);
	json_put_text(&out, "token_id", uuid_format(id, &token->id));
	json_put_text(&out, "issued_at", token_time(time, token->issued));
	json_put_text(&out, "expires_at", token_time(time, token->expires));
	buf_putc(&out, '}');
	ok = out.err == OK;
	if (ok)
		puts(out.data);
	buf_free(&out);
	return ok;
}

static enum err print(const struct command *command,
		      const struct person *person, const struct token *token,
		      struct fault *fault)
{
	if (!cli_flag(command->cli, "json"))
		print_text(person, token);
	else if (!print_json(person, token))
		return fault_set(fault, ERR_NOMEM, "out of memory");
	return OK;
}

static enum cli_exit run(struct command *command)
{
	const struct secret_key *key;
	struct people_session people;
	struct fault fault = {.code = OK};
	struct token token;
	enum err err;

	if (secret_refuse_argument(command->cli, 0, "token", &fault) != OK ||
	    !(key = token_key(command->config, &fault)) ||
	    read_token(&token, key, &fault) != OK ||
	    people_open(&people, command, &fault) != OK)
		return command_fail(&fault);
	err = find_person(&people, &token, &fault);
	if (err == OK)
		err = print(command, people.list, &token, &fault);
	people_close(&people);
	return err == OK ? CLI_DONE : command_fail(&fault);
}

const struct cli_command command_token_check = {
    .name = "token check",
    .help = "say whose token it is that comes from stdin; exit 1 if it is not "
	    "valid",
    .more = "The token is read from stdin as one line, and not shown where it "
	    "is typed. It must be signed with auth.token_key and not have "
	    "expired; its worker or platform must be registered still, and "
	    "not suspended.",
    .max_arguments = CLI_MANY, /* see secret_refuse_argument */
    .needs = CLI_NEEDS_DATABASE,
    .options = {{"json", NULL, "as one JSON object"}},
    .run = run,
};
