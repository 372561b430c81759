#include "daemon/daily.h"

#include "db/people/account_ages.h"
#include <inttypes.h>
#include <stdlib.h>

#define CONNECT_MS 10000
/* The start of all else comes first. */
#define BEGIN_MS 1000u
#define RETRY_MIN_MS 1000u
#define RETRY_MAX_MS 300000u
#define DAY_MS 86400000u
/* Daemons spread over a 288th of the pause: five minutes after midnight. */
#define JITTER_PART 288

/*
 *  WAITING -> CONNECTING -> ASKING
 *     ^            |           |
 *     +-- LEAVING <+-----------+
 *
 * WAITING: the timer runs, pg is NULL.   LEAVING: pg is closing.
 * Closed from any state, it goes through LEAVING or straight to its end.
 */
enum daily_state { WAITING, CONNECTING, ASKING, LEAVING };

struct daily {
	uv_loop_t *loop;
	const char *url;
	const struct logger *logger;
	enum daily_state state;
	uv_timer_t timer;
	struct pg *pg;
	uint64_t pause_ms; /* after LEAVING */
	uint64_t retry_ms; /* 0: the last time went well */
	void (*closed)(void *arg);
	void *closed_arg;
};

static void on_timer(uv_timer_t *timer);

static void on_timer_closed(uv_handle_t *handle)
{
	struct daily *daily = handle->data;
	void (*closed)(void *arg) = daily->closed;
	void *arg = daily->closed_arg;

	free(daily);
	closed(arg);
}

static void wait_or_end(struct daily *daily)
{
	uint64_t spread = daily->pause_ms / JITTER_PART + 1;

	if (daily->closed) {
		uv_close((uv_handle_t *)&daily->timer, on_timer_closed);
		return;
	}
	daily->state = WAITING;
	/* Cannot fail: the timer is not closing. */
	(void)uv_timer_start(&daily->timer, on_timer,
			     daily->pause_ms + uv_hrtime() % spread, 0);
}

static void on_left(void *arg)
{
	struct daily *daily = arg;

	daily->pg = NULL;
	wait_or_end(daily);
}

static void leave(struct daily *daily)
{
	daily->state = LEAVING;
	pg_close(daily->pg, on_left, daily);
}

/* The first failure is told; that it still fails is not worth a line. */
static void put_off(struct daily *daily, const struct fault *fault)
{
	bool first = daily->retry_ms == 0;

	daily->retry_ms = first ? RETRY_MIN_MS : daily->retry_ms * 2;
	if (daily->retry_ms > RETRY_MAX_MS)
		daily->retry_ms = RETRY_MAX_MS;
	daily->pause_ms = daily->retry_ms;
	log_write(daily->logger, first ? LOG_WARN : LOG_DEBUG,
		  "account ages: %s; trying again",
		  fault->text[0] ? fault->text : err_text(fault->code));
}

static void on_updated(void *arg, enum err err, const struct fault *fault,
		       const struct account_ages *ages)
{
	struct daily *daily = arg;

	if (err) {
		put_off(daily, fault);
	} else {
		daily->retry_ms = 0;
		daily->pause_ms =
		    ages->next_ms < DAY_MS ? ages->next_ms : DAY_MS;
		if (ages->done_already)
			log_debug(daily->logger,
				  "account ages: done today already");
		else
			log_info(daily->logger,
				 "account ages: %" PRIu64 " worker%s updated",
				 ages->changed, ages->changed == 1 ? "" : "s");
	}
	leave(daily);
}

static void on_connected(void *arg, enum err err, const struct fault *fault)
{
	struct daily *daily = arg;
	struct fault failed = *fault;

	if (!err) {
		daily->state = ASKING;
		err = account_ages_update(daily->pg, on_updated, daily);
		if (!err)
			return;
		fault_set(&failed, err, "%s", err_text(err));
	}
	put_off(daily, &failed);
	leave(daily);
}

static void on_timer(uv_timer_t *timer)
{
	static const struct fault no_memory = {.code = ERR_NOMEM};
	struct daily *daily = timer->data;
	enum err err;

	daily->pg = pg_new(daily->loop, daily->url);
	if (!daily->pg) {
		put_off(daily, &no_memory);
		wait_or_end(daily);
		return;
	}
	daily->state = CONNECTING;
	err = pg_connect(daily->pg, CONNECT_MS, on_connected, daily);
	if (err) {
		put_off(daily, &(struct fault){.code = err});
		leave(daily);
	}
}

struct daily *daily_new(uv_loop_t *loop, const char *url,
			const struct logger *logger)
{
	struct daily *daily = calloc(1, sizeof(*daily));

	if (!daily)
		return NULL;
	daily->loop = loop;
	daily->url = url;
	daily->logger = logger;
	(void)uv_timer_init(loop, &daily->timer); /* cannot fail */
	daily->timer.data = daily;
	daily->pause_ms = BEGIN_MS;
	wait_or_end(daily);
	return daily;
}

void daily_close(struct daily *daily, void (*closed)(void *arg), void *arg)
{
	daily->closed = closed;
	daily->closed_arg = arg;
	switch (daily->state) {
	case WAITING:
		wait_or_end(daily);
		break;
	case CONNECTING:
	case ASKING:
		leave(daily);
		break;
	case LEAVING:
		break;
	}
}
