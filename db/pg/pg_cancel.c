#include <stdlib.h>

#include "db/pg/pg_impl.h"

/* The connection stays until the request has arrived: a pooler whose client is
 * gone does not know any more whom to cancel for it. */
struct cancel {
	uv_work_t work;
	PGconn *conn;
	PGcancel *cancel;
};

static void cancel_work(uv_work_t *work)
{
	struct cancel *c = work->data;
	char ignored[256];

	/* If it does not arrive, the server finds out when it answers. */
	(void)PQcancel(c->cancel, ignored, sizeof(ignored));
}

static void cancel_done(uv_work_t *work, int status)
{
	struct cancel *c = work->data;

	(void)status;
	PQfreeCancel(c->cancel);
	PQfinish(c->conn);
	free(c);
}

void pg_cancel_at_server(struct pg *pg)
{
	struct cancel *c = calloc(1, sizeof(*c));

	if (!c)
		return;
	c->work.data = c;
	c->conn = pg->conn;
	c->cancel = PQgetCancel(pg->conn);
	if (c->cancel &&
	    uv_queue_work(pg->loop, &c->work, cancel_work, cancel_done) == 0) {
		pg->conn = NULL;
		return;
	}
	PQfreeCancel(c->cancel);
	free(c);
}
