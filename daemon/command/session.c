#include "daemon/command/session.h"

#include <stddef.h>

/* The database layer has deadlines of its own; this one only guards against a
 * callback that never comes. */
#define CONNECT_MS 10000
#define STEP_MS 900000

static void on_connected(void *arg, enum err err, const struct fault *fault)
{
	await_fire(arg, err, fault);
}

enum err session_open(struct session *session, uv_loop_t *loop, const char *url,
		      struct fault *fault)
{
	enum err err;

	session->loop = loop;
	session->pg = pg_new(loop, url);
	if (!session->pg)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	session_begin(session);
	err =
	    pg_connect(session->pg, CONNECT_MS, on_connected, &session->await);
	err = session_end(session, err, fault);
	if (err != OK)
		session_close(session);
	return err;
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

void session_close(struct session *session)
{
	bool closed = false;

	pg_close(session->pg, on_closed, &closed);
	await_flag(session->loop, &closed);
	session->pg = NULL;
}

void session_begin(struct session *session)
{
	await_start(&session->await);
}

enum err session_end(struct session *session, enum err started,
		     struct fault *fault)
{
	enum err err;

	if (started != OK)
		return fault_set(fault, started, "the database: %s",
				 err_text(started));
	err = await_end(&session->await, session->loop, STEP_MS, fault);
	if (!session->await.fired)
		pg_cancel(session->pg);
	return err;
}
