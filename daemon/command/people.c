#include "daemon/command/people.h"

#include <string.h>

/* A hundred thousand people with names of any length. */
#define ARENA_CAP (256u << 20)

enum err people_open(struct people_session *people, struct command *command,
		     struct fault *fault)
{
	enum err err;

	memset(people, 0, sizeof(*people));
	people->arena = arena_new(ARENA_CAP);
	if (!people->arena)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	err = session_open(&people->session, &command->loop,
			   command->config->database.url, fault);
	if (err != OK)
		arena_free(people->arena);
	return err;
}

void people_close(struct people_session *people)
{
	session_close(&people->session);
	arena_free(people->arena);
}

static void on_people(void *arg, enum err err, const struct fault *fault,
		      const struct person *list, size_t n)
{
	struct people_session *people = arg;

	people->list = list;
	people->n = n;
	await_fire(&people->session.await, err, fault);
}

enum err people_ask_add(struct people_session *people,
			const struct actor *actor,
			const struct person_new *person, struct fault *fault)
{
	enum err err;

	session_begin(&people->session);
	err = people_add(people->session.pg, people->arena, actor, person,
			 on_people, people);
	return session_end(&people->session, err, fault);
}

enum err people_ask_set_secret(struct people_session *people,
			       const struct actor *actor,
			       enum person_secret secret, const char *key,
			       const char *value, struct fault *fault)
{
	enum err err;

	session_begin(&people->session);
	err = people_set_secret(people->session.pg, people->arena, actor,
				secret, key, value, on_people, people);
	return session_end(&people->session, err, fault);
}

enum err people_ask_by_api_key(struct people_session *people,
			       const struct actor *actor,
			       const char *api_key_hash, struct fault *fault)
{
	enum err err;

	session_begin(&people->session);
	err = people_by_api_key(people->session.pg, people->arena, actor,
				api_key_hash, on_people, people);
	return session_end(&people->session, err, fault);
}

enum err people_ask_list(struct people_session *people, enum person_kind kind,
			 const struct people_filter *filter,
			 struct fault *fault)
{
	enum err err;

	session_begin(&people->session);
	err = people_list(people->session.pg, people->arena, kind, filter,
			  on_people, people);
	return session_end(&people->session, err, fault);
}

enum err people_ask_show(struct people_session *people, enum person_kind kind,
			 const char *key, struct fault *fault)
{
	enum err err;

	session_begin(&people->session);
	err = people_show(people->session.pg, people->arena, kind, key,
			  on_people, people);
	return session_end(&people->session, err, fault);
}

enum err people_check_key(const char *key, struct fault *fault)
{
	struct address wallet;

	if (strncmp(key, "0x", 2) != 0 || strchr(key, '@') ||
	    address_accept(&wallet, key, true, fault) == OK)
		return OK;
	fault->code = ERR_USAGE;
	return ERR_USAGE;
}

#define NEWEST 10
#define PROFILE_MS 30000

static void on_profile(void *arg, enum err err, const struct fault *said,
		       PGresult *const *results, size_t n)
{
	struct people_session *people = arg;
	struct fault fault = *said;

	(void)n;
	if (err == OK)
		err = profile_read(&people->profile, people->arena, people->key,
				   results, &fault);
	await_fire(&people->session.await, err, &fault);
}

enum err people_ask_profile(struct people_session *people, const char *key,
			    struct fault *fault)
{
	struct sql_batch sql;
	enum err err;

	people->key = key;
	sql_init(&sql);
	profile_ask(&sql, key, NEWEST);
	session_begin(&people->session);
	err =
	    sql_send(&sql, people->session.pg, PROFILE_MS, on_profile, people);
	err = session_end(&people->session, err, fault);
	sql_free(&sql);
	return err;
}
