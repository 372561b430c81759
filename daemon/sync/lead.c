#include <inttypes.h>
#include <string.h>

#include "daemon/sync/engine.h"
#include "db/pg/neon.h"
#include "db/schema/migrate.h"

#define CONNECT_MS 10000
/* A holder that is alive renews it every second, with its tick, and with each
 * commit; none should take as long as this. One whose connection is gone has
 * lost it at once. */
#define LEASE_TTL_MS 30000
/* How soon a standby looks again. */
#define STANDBY_MS 1000

/* What no waiting mends. The daemon waits all the same, for whoever mends it; a
 * command says so and ends. */
static void failed(struct sync *sync, enum err err, const struct fault *fault)
{
	bool lasts = err == ERR_MISSING || err == ERR_CONFLICT ||
		     err == ERR_REFUSED || err == ERR_USAGE;

	if (lasts && sync->options.mode != SYNC_RUN)
		engine_end(sync, err, fault);
	else
		engine_database_failed(sync, err, fault);
}

static void on_schema(void *arg, enum err err, const struct fault *fault)
{
	struct sync *sync = arg;
	const char *place = neon_text(neon_by_url(sync->config->database.url));

	if (err) {
		failed(sync, err, fault);
	} else {
		if (!sync->database_ok)
			log_info(sync->logger, "the database is there%s%s",
				 *place ? ": " : "", place);
		sync->database_ok = true;
		engine_enter(sync, sync->options.mode == SYNC_DRY_RUN
				       ? SYNC_RESUME
				       : SYNC_LEAD);
	}
	engine_step(sync);
}

static void on_connected(void *arg, enum err err, const struct fault *fault)
{
	struct sync *sync = arg;

	if (err) {
		failed(sync, err, fault);
		engine_step(sync);
		return;
	}
	err = migrate_check(sync->pg, on_schema, sync);
	if (err)
		engine_database_refused(sync, err);
}

void lead_connect(struct sync *sync)
{
	enum err err;

	/* A transaction that a failure of ours left open goes with its
	 * connection. */
	if (pg_is_connected(sync->pg) && !pg_in_transaction(sync->pg)) {
		on_connected(sync, OK, NULL);
		return;
	}
	if (neon_by_url(sync->config->database.url))
		log_info(sync->logger,
			 "asking for the database, which may have to wake up");
	err = pg_connect(sync->pg, CONNECT_MS, on_connected, sync);
	if (err)
		engine_database_refused(sync, err);
}

static void on_lease(void *arg, enum err err, const struct fault *fault,
		     const struct lease *lease)
{
	struct sync *sync = arg;
	bool news;

	if (err) {
		engine_database_failed(sync, err, fault);
		engine_step(sync);
		return;
	}
	news = lease->held || strncmp(lease->owner, sync->lease.owner,
				      sizeof(lease->owner)) != 0;
	sync->lease = *lease;
	sync->database_ok = true;
	if (lease->held) {
		log_info(sync->logger, "leading, term %" PRIu64, lease->term);
		engine_enter(sync, indexes_are_due(sync) ? SYNC_RESTORE
							 : SYNC_RESUME);
	} else {
		if (news)
			log_info(sync->logger, "%s leads", lease->owner);
		if (sync->options.mode == SYNC_BACKFILL)
			plan_hand_over(sync);
		else if (sync->options.mode == SYNC_ACCEPT)
			accept_ask(sync);
		else if (sync->options.mode == SYNC_DERIVE)
			derive_ask(sync);
		else
			engine_wait(sync, STANDBY_MS);
	}
	engine_step(sync);
}

void lead_take(struct sync *sync)
{
	enum err err = store_lease(sync->store, &sync->holder, sync->owner,
				   LEASE_TTL_MS, on_lease, sync);

	if (err)
		engine_database_refused(sync, err);
}
