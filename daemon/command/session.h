#ifndef GS_DAEMON_COMMAND_SESSION_H
#define GS_DAEMON_COMMAND_SESSION_H

#include "config/config.h"
#include "daemon/command/await.h"
#include "db/store/store.h"
#include <jansson.h>

/* A command's connection to the database, used one step after the other. */
struct session {
	uv_loop_t *loop;
	struct pg *pg;
	struct store *store; /* on pg; NULL: none was asked for */
	struct await await;  /* of the step under way */
};

/* Connects; after two seconds a line on stderr says that it is waiting. What
 * fails is told with host and port, never the password. On failure nothing is
 * left to close. */
enum err session_open(struct session *session, uv_loop_t *loop, const char *url,
		      struct fault *fault) MUST_CHECK;
/* The same, with the store of the configured chain. */
enum err session_open_store(struct session *session, uv_loop_t *loop,
			    const struct config *config,
			    struct fault *fault) MUST_CHECK;
void session_close(struct session *session);

/* Around each step: session_begin, the asynchronous call (whose callback calls
 * await_fire on &session->await), session_end with what that call returned. */
void session_begin(struct session *session);
enum err session_end(struct session *session, enum err started,
		     struct fault *fault) MUST_CHECK;

/* A step whose answer is the text of JSON. */
struct session_json {
	struct session *session;
	json_t *answer; /* its own reference; NULL before, and on failure */
};
/* A store_text_cb; arg is a struct session_json. */
void session_on_json(void *arg, enum err err, const struct fault *fault,
		     const char *text);

#endif
