#ifndef GS_DAEMON_COMMAND_PEOPLE_H
#define GS_DAEMON_COMMAND_PEOPLE_H

#include "daemon/command/command.h"
#include "daemon/command/session.h"
#include "db/people/profile.h"

/* A question about people, answered before the call returns. The list and its
 * strings live until people_close. */
struct people_session {
	struct session session;
	struct arena *arena;
	const struct person *list;
	size_t n;
	struct profile profile;
	const char *key; /* what the profile was asked by */
};

enum err people_open(struct people_session *people, struct command *command,
		     struct fault *fault) MUST_CHECK;
void people_close(struct people_session *people);

/* Those that the audit keeps say who asks: actor. */
enum err people_ask_add(struct people_session *people,
			const struct actor *actor,
			const struct person_new *person,
			struct fault *fault) MUST_CHECK;
enum err people_ask_set_secret(struct people_session *people,
			       const struct actor *actor,
			       enum person_secret secret, const char *key,
			       const char *value,
			       struct fault *fault) MUST_CHECK;
enum err people_ask_by_api_key(struct people_session *people,
			       const struct actor *actor,
			       const char *api_key_hash,
			       struct fault *fault) MUST_CHECK;
enum err people_ask_list(struct people_session *people, enum person_kind kind,
			 const struct people_filter *filter,
			 struct fault *fault) MUST_CHECK;
enum err people_ask_show(struct people_session *people, enum person_kind kind,
			 const char *key, struct fault *fault) MUST_CHECK;
/* A worker, with the newest tasks and transactions; into people->profile. */
enum err people_ask_profile(struct people_session *people, const char *key,
			    struct fault *fault) MUST_CHECK;

/* ERR_USAGE: key is a wallet with a wrong checksum. A wallet is looked up in
 * any case, but never under a wrong one. */
enum err people_check_key(const char *key, struct fault *fault) MUST_CHECK;

#endif
