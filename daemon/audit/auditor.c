#include "daemon/audit/auditor.h"

#include <inttypes.h>
#include <stdlib.h>

#include "daemon/audit/audit.h"
#include "daemon/serve/metrics.h"
#include "daemon/sync/sync.h"
#include "db/store/audit.h"

#define CONNECT_MS 10000
/* Until it leads. */
#define LOOK_MS 1000u
#define FIRST_MS 3600000u
#define RETRY_MIN_MS 10000u
#define RETRY_MAX_MS 3600000u
/* The log names so many; `gigstreamd audit` lists them all. */
#define NAMED_MOST 20

/*
 *  WAITING -> CONNECTING -> LOOKING -> AUDITING
 *     ^           |            |          |
 *     +- LEAVING <+------------+----------+
 *
 * WAITING: the timer runs, pg is NULL.   LEAVING: pg is closing.
 * Closed from any state, it goes through LEAVING or straight to its end.
 */
enum auditor_state { WAITING, CONNECTING, LOOKING, AUDITING, LEAVING };

struct auditor {
	uv_loop_t *loop;
	const struct config *config;
	const struct sync *sync;
	const struct logger *logger;
	struct metrics *metrics;
	enum auditor_state state;
	uv_timer_t timer;
	struct catalog *catalog;
	struct pg *pg;
	struct store *store;
	struct audit *audit;
	bool looked;	      /* the last one that is recorded is known */
	unsigned named;	      /* differences, in the log */
	uint64_t pause_ms;    /* after LEAVING */
	uint64_t retry_ms;    /* 0: the last time went well */
	struct fault warning; /* code OK: nothing to warn of */
	void (*closed)(void *arg);
	void *closed_arg;
};

static void on_timer(uv_timer_t *timer);

static void on_timer_closed(uv_handle_t *handle)
{
	struct auditor *auditor = handle->data;
	void (*closed)(void *arg) = auditor->closed;
	void *arg = auditor->closed_arg;

	catalog_free(auditor->catalog);
	free(auditor);
	closed(arg);
}

static void wait_or_end(struct auditor *auditor)
{
	if (auditor->closed) {
		uv_close((uv_handle_t *)&auditor->timer, on_timer_closed);
		return;
	}
	auditor->state = WAITING;
	/* Cannot fail: the timer is not closing. */
	(void)uv_timer_start(&auditor->timer, on_timer, auditor->pause_ms, 0);
}

static void on_left(void *arg)
{
	struct auditor *auditor = arg;

	auditor->pg = NULL;
	wait_or_end(auditor);
}

static void leave(struct auditor *auditor, uint64_t pause_ms)
{
	auditor->state = LEAVING;
	auditor->pause_ms = pause_ms;
	pg_close(auditor->pg, on_left, auditor);
	/* Now, since who closes us closes the source next. */
	audit_free(auditor->audit);
	auditor->audit = NULL;
	store_free(auditor->store);
	auditor->store = NULL;
}

/* The next attempt is due after what this returns. */
static uint64_t put_off(struct auditor *auditor, enum err err,
			const struct fault *fault)
{
	const char *why = fault && fault->text[0] ? fault->text : err_text(err);
	uint64_t ms = auditor->retry_ms ? 2 * auditor->retry_ms : RETRY_MIN_MS;

	log_warn(auditor->logger, "audit: %s; trying again", why);
	fault_set(&auditor->warning, err, "the last audit failed: %s", why);
	if (ms > auditor->config->audit.interval_ms)
		ms = auditor->config->audit.interval_ms;
	auditor->retry_ms = ms < RETRY_MAX_MS ? ms : RETRY_MAX_MS;
	return auditor->retry_ms;
}

static void show(struct auditor *auditor, uint64_t number, uint64_t differences,
		 uint64_t wallets, int64_t finished)
{
	auditor->warning.code = OK;
	if (differences > 0)
		fault_set(&auditor->warning, ERR_CONFLICT,
			  "the books differ from the chain at block %" PRIu64
			  " in %" PRIu64 " thing%s: run gigstreamd audit",
			  number, differences, differences == 1 ? "" : "s");
	if (!auditor->metrics)
		return;
	metrics_set(auditor->metrics, METRIC_AUDIT_DIFFERENCES, NULL,
		    (double)differences);
	metrics_set(auditor->metrics, METRIC_AUDIT_WALLETS, NULL,
		    (double)wallets);
	metrics_set(auditor->metrics, METRIC_AUDIT_LAST, NULL,
		    (double)finished);
}

static void on_difference(void *arg, const struct audit_difference *d)
{
	struct auditor *auditor = arg;

	if (d->explained || auditor->named > NAMED_MOST)
		return;
	if (auditor->named++ == NAMED_MOST)
		log_warn(auditor->logger,
			 "audit: and more; gigstreamd audit lists them all");
	else
		log_warn(auditor->logger, "audit: %s: books %s, chain %s: %s",
			 d->subject, d->expected, d->found, d->explanation);
}

static int64_t unix_seconds(void)
{
	uv_timeval64_t now = {0};

	(void)uv_gettimeofday(&now); /* fails for a bad pointer only */
	return now.tv_sec;
}

static void on_done(void *arg, enum err err, const struct fault *fault,
		    const struct audit_result *result)
{
	struct auditor *auditor = arg;
	struct buf sentence;

	if (err) {
		leave(auditor, put_off(auditor, err, fault));
		return;
	}
	auditor->retry_ms = 0;
	show(auditor, result->number, result->differences,
	     result->wallets.checked, unix_seconds());
	buf_init(&sentence, 4096);
	audit_put_sentence(&sentence, result);
	log_info(auditor->logger,
		 "audit: block %" PRIu64 ": %" PRIu64 " differences; %s",
		 result->number, result->differences, sentence.data);
	buf_free(&sentence);
	if (result->unrecorded.code)
		log_warn(auditor->logger, "audit: it is not recorded: %s",
			 result->unrecorded.text);
	leave(auditor, auditor->config->audit.interval_ms);
}

static void begin(struct auditor *auditor)
{
	const struct audit_setup setup = {
	    .config = auditor->config,
	    .catalog = auditor->catalog,
	    .source = sync_source(auditor->sync),
	    .pg = auditor->pg,
	    .observer = {.arg = auditor,
			 .difference = on_difference,
			 .done = on_done},
	};
	enum err err;

	auditor->state = AUDITING;
	auditor->named = 0;
	err = audit_new(&auditor->audit, &setup);
	if (err)
		leave(auditor, put_off(auditor, err, NULL));
}

/* How long until the next one, after what the database knows. */
static uint64_t rest_of(const struct auditor *auditor,
			const struct audit_last *last)
{
	uint64_t interval = auditor->config->audit.interval_ms;
	uint64_t first = interval < FIRST_MS ? interval : FIRST_MS;

	if (!last->found)
		return auditor->looked ? 0 : first;
	return last->age_ms < interval ? interval - last->age_ms : 0;
}

static void on_last(void *arg, enum err err, const struct fault *fault,
		    const struct audit_last *last)
{
	struct auditor *auditor = arg;
	uint64_t rest;

	if (err) {
		leave(auditor, put_off(auditor, err, fault));
		return;
	}
	rest = rest_of(auditor, last);
	if (last->found && rest > 0)
		show(auditor, last->number, last->differences, last->wallets,
		     last->finished);
	auditor->looked = true;
	if (rest > 0)
		leave(auditor, rest);
	else
		begin(auditor);
}

static void on_connected(void *arg, enum err err, const struct fault *fault)
{
	struct auditor *auditor = arg;

	if (!err) {
		fault = NULL;
		auditor->state = LOOKING;
		err = store_new(&auditor->store, auditor->pg,
				auditor->config->chain.id);
	}
	if (!err)
		err = store_audit_last(auditor->store, on_last, auditor);
	if (err)
		leave(auditor, put_off(auditor, err, fault));
}

static void on_timer(uv_timer_t *timer)
{
	struct auditor *auditor = timer->data;
	enum err err;

	auditor->pause_ms = LOOK_MS;
	if (!sync_leads(auditor->sync)) {
		wait_or_end(auditor);
		return;
	}
	auditor->pg = pg_new(auditor->loop, auditor->config->database.url);
	if (!auditor->pg) {
		auditor->pause_ms = put_off(auditor, ERR_NOMEM, NULL);
		wait_or_end(auditor);
		return;
	}
	auditor->state = CONNECTING;
	err = pg_connect(auditor->pg, CONNECT_MS, on_connected, auditor);
	if (err)
		leave(auditor, put_off(auditor, err, NULL));
}

struct auditor *auditor_new(uv_loop_t *loop, const struct config *config,
			    const struct sync *sync,
			    const struct logger *logger,
			    struct metrics *metrics)
{
	struct auditor *auditor = calloc(1, sizeof(*auditor));

	if (!auditor)
		return NULL;
	if (sync_catalog(&auditor->catalog, config, NULL) != OK) {
		free(auditor);
		return NULL;
	}
	auditor->loop = loop;
	auditor->config = config;
	auditor->sync = sync;
	auditor->logger = logger;
	auditor->metrics = metrics;
	auditor->pause_ms = LOOK_MS;
	(void)uv_timer_init(loop, &auditor->timer); /* cannot fail */
	auditor->timer.data = auditor;
	wait_or_end(auditor);
	return auditor;
}

void auditor_close(struct auditor *auditor, void (*closed)(void *arg),
		   void *arg)
{
	auditor->closed = closed;
	auditor->closed_arg = arg;
	switch (auditor->state) {
	case WAITING:
		wait_or_end(auditor);
		break;
	case CONNECTING:
	case LOOKING:
	case AUDITING:
		leave(auditor, 0);
		break;
	case LEAVING:
		break;
	}
}

const char *auditor_warning(const struct auditor *auditor)
{
	return auditor->warning.code ? auditor->warning.text : NULL;
}
