#include "daemon/command/session.h"

#include "db/pg/neon.h"
#include <stddef.h>
#include <stdio.h>

/* The database layer has deadlines of its own; this one only guards against a
 * callback that never comes. */
#define CONNECT_MS 10000
#define STEP_MS 900000
/* Who waits longer is told what for. */
#define SILENCE_MS 2000

/* Tells whoever waits that nothing is wrong yet. */
struct patience {
	uv_timer_t timer;
	unsigned limit_ms;
	bool closed;
};

static void on_patience(uv_timer_t *timer)
{
	const struct patience *patience = timer->data;

	fprintf(stderr,
		"gigstreamd: the database does not answer yet (it may be "
		"waking up): waiting up to %u seconds\n",
		patience->limit_ms / 1000);
}

static void on_patience_closed(uv_handle_t *handle)
{
	((struct patience *)handle->data)->closed = true;
}

static void patience_begin(struct patience *patience, uv_loop_t *loop,
			   const char *url)
{
	*patience = (struct patience){
	    .timer.data = patience,
	    .limit_ms = neon_patience_ms(neon_by_url(url), CONNECT_MS)};
	(void)uv_timer_init(loop, &patience->timer);
	(void)uv_timer_start(&patience->timer, on_patience, SILENCE_MS, 0);
}

static void patience_end(struct patience *patience, uv_loop_t *loop)
{
	uv_close((uv_handle_t *)&patience->timer, on_patience_closed);
	await_flag(loop, &patience->closed);
}

static void on_connected(void *arg, enum err err, const struct fault *fault)
{
	await_fire(arg, err, fault);
}

enum err session_open(struct session *session, uv_loop_t *loop, const char *url,
		      struct fault *fault)
{
	struct patience patience;
	enum err err;

	session->loop = loop;
	session->store = NULL;
	session->pg = pg_new(loop, url);
	if (!session->pg)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	patience_begin(&patience, loop, url);
	session_begin(session);
	err =
	    pg_connect(session->pg, CONNECT_MS, on_connected, &session->await);
	err = session_end(session, err, fault);
	patience_end(&patience, loop);
	if (err != OK)
		session_close(session);
	return err;
}

enum err session_open_store(struct session *session, uv_loop_t *loop,
			    const struct config *config, struct fault *fault)
{
	enum err err = session_open(session, loop, config->database.url, fault);

	if (err)
		return err;
	err = store_new(&session->store, session->pg, config->chain.id);
	if (err) {
		fault_set(fault, err, "%s", err_text(err));
		session_close(session);
	}
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
	store_free(session->store);
	session->store = NULL;
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

void session_on_json(void *arg, enum err err, const struct fault *fault,
		     const char *text)
{
	struct session_json *json = arg;
	struct fault broken;

	if (!err) {
		json->answer = json_loads(text, 0, NULL);
		if (!json->answer) {
			err = fault_set(&broken, ERR_BUG,
					"the database's answer is no JSON");
			fault = &broken;
		}
	}
	await_fire(&json->session->await, err, fault);
}
