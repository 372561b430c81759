#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/serve/metrics.h"
#include "daemon/sync/engine.h"

#define TICK_MS 1000
/* So soon after a commit it would say nothing new. */
#define TICK_SPARED_NS 900000000u

static void on_tick(uv_timer_t *timer)
{
	struct sync *sync = timer->data;
	uint64_t now = uv_hrtime();

	/* What a tick says, a block's commit says, too. */
	if (now - sync->last_commit > TICK_SPARED_NS || sync->final_due)
		sync->tick_due = true;
	engine_tell_status(sync);
	engine_step(sync);
}

enum err sync_catalog(struct catalog **out, const struct config *config,
		      struct fault *fault)
{
	struct catalog *catalog;
	enum err err = catalog_new(&catalog, fault);

	if (err)
		return err;
	err =
	    catalog_add(catalog, &config->contracts.usdc, CATALOG_TOKEN, fault);
	for (size_t i = 0; i < config->contracts.n && !err; i++) {
		const struct config_contract *c = &config->contracts.items[i];
		char address[ADDRESS_TEXT_SIZE];
		struct fault inner = {.code = OK};

		err = catalog_add(catalog, &c->address, c->abi, &inner);
		if (err)
			err = fault_set(fault, err, "%s, contract %s: %s",
					contract_role_key(c->role),
					address_checksum(address, &c->address),
					inner.text);
	}
	for (size_t i = 0; i < config->chain.n_natives && !err; i++)
		err = catalog_add(catalog, &config->chain.natives[i],
				  "NativeCoin", fault);
	if (err)
		catalog_free(catalog);
	else
		*out = catalog;
	return err;
}

static enum err init_rules(struct sync *sync, struct fault *fault)
{
	const struct config *config = sync->config;
	size_t n = 1 + config->contracts.n;
	enum err err;

	sync->contracts = calloc(n, sizeof(*sync->contracts));
	if (!sync->contracts)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	err = sync_catalog(&sync->catalog, config, fault);
	sync->contracts[sync->n_contracts++] = config->contracts.usdc;
	for (size_t i = 0; i < config->contracts.n; i++)
		sync->contracts[sync->n_contracts++] =
		    config->contracts.items[i].address;
	sync->rules = (struct reconcile_rules){
	    .token = config->contracts.usdc,
	    .fee_wallets = config->fee_wallets,
	    .n_fee_wallets = config->n_fee_wallets,
	    .contracts = sync->contracts + 1,
	    .n_contracts = sync->n_contracts - 1,
	    .catalog = sync->catalog,
	};
	return err;
}

static void observe_request(void *arg, const char *endpoint, const char *method,
			    const char *outcome, double seconds)
{
	struct sync *sync = arg;
	const char *labels[] = {endpoint, method, outcome};

	if (!sync->metrics)
		return;
	metrics_add(sync->metrics, METRIC_RPC_REQUESTS, labels, 1);
	metrics_observe(sync->metrics, METRIC_RPC_SECONDS, seconds);
}

static void observe_incomplete(void *arg, const char *endpoint, const char *why)
{
	struct sync *sync = arg;
	const char *labels[] = {endpoint};

	log_warn(sync->logger, "%s gave an answer that does not prove: %s",
		 endpoint, why);
	if (sync->metrics)
		metrics_add(sync->metrics, METRIC_INCOMPLETE_RESPONSES, labels,
			    1);
}

static void observe_believed(void *arg, uint64_t number)
{
	struct sync *sync = arg;

	log_debug(sync->logger,
		  "block %" PRIu64 ": its logsBloom may hold a log of ours; "
		  "the nodes agree that there is none, and receipts cannot "
		  "prove it",
		  number);
	if (sync->metrics)
		metrics_add(sync->metrics, METRIC_BLOOM_BELIEVED, NULL, 1);
}

static enum err init_connections(struct sync *sync, struct fault *fault)
{
	const struct source_observer observer = {
	    .arg = sync,
	    .request = observe_request,
	    .incomplete = observe_incomplete,
	    .believed = observe_believed,
	};
	const char *url = sync->config->database.url;
	uint64_t chain = sync->config->chain.id;

	enum err err;

	/* First what can be refused: it leaves nothing on the loop then. */
	err = source_new(&sync->source, sync->loop, sync->config, sync->catalog,
			 &observer, fault);
	if (err)
		return err;
	sync->pg = pg_new(sync->loop, url);
	sync->status_pg = pg_new(sync->loop, url);
	if (!sync->pg || !sync->status_pg ||
	    store_new(&sync->store, sync->pg, chain) != OK ||
	    store_new(&sync->status_store, sync->status_pg, chain) != OK)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	pg_keep_plans(sync->pg);
	pg_keep_plans(sync->status_pg);
	return OK;
}

static void init_owner(struct sync *sync)
{
	static const char *const names[] = {[SYNC_RUN] = "run",
					    [SYNC_BACKFILL] = "backfill",
					    [SYNC_DRY_RUN] = "backfill",
					    [SYNC_ACCEPT] = "reorg accept",
					    [SYNC_DERIVE] = "rebuild"};
	char host[64] = "?";

	(void)gethostname(host, sizeof(host) - 1);
	(void)snprintf(sync->owner, sizeof(sync->owner),
		       "gigstreamd %s, pid %ld on %s",
		       names[sync->options.mode], (long)getpid(), host);
}

static void init_timers(struct sync *sync)
{
	uv_timer_t *timers[] = {&sync->wait_timer, &sync->tick_timer,
				&sync->close_timer, &sync->poll_timer,
				&sync->status_timer};

	for (size_t i = 0; i < sizeof(timers) / sizeof(*timers); i++) {
		(void)uv_timer_init(sync->loop, timers[i]); /* cannot fail */
		timers[i]->data = sync;
		sync->open_handles++;
	}
}

enum err sync_new(struct sync **out, uv_loop_t *loop,
		  const struct config *config,
		  const struct sync_options *options,
		  const struct logger *logger, struct metrics *metrics,
		  const struct sync_observer *observer, struct fault *fault)
{
	struct sync *sync = calloc(1, sizeof(*sync));
	enum err err;

	if (!sync)
		return fault_set(fault, ERR_NOMEM, "out of memory");
	sync->loop = loop;
	sync->config = config;
	sync->options = *options;
	sync->logger = logger;
	sync->metrics = metrics;
	sync->observer = *observer;
	follow_init(&sync->follow, config->chain.start_block);
	watchlist_init(&sync->watched);
	lane_init(&sync->follow_lane);
	lane_init(&sync->job_lane);
	fault_set(&sync->rpc_fault, ERR_NOT_YET, "not asked yet");
	fault_set(&sync->database_fault, ERR_NOT_YET, "not connected yet");
	init_owner(sync);
	err = init_rules(sync, fault);
	if (!err && uuid_v7(&sync->holder, engine_now_ms()) != OK)
		err = fault_set(fault, ERR_IO, "no random bytes");
	if (!err)
		err = init_connections(sync, fault);
	if (err) {
		close_free(sync);
		return err;
	}
	init_timers(sync);
	uv_timer_start(&sync->tick_timer, on_tick, TICK_MS, TICK_MS);
	if (sync->options.mode == SYNC_RUN)
		view_again(sync); /* or when all is ready: that comes first */
	engine_enter(sync, SYNC_CONNECT);
	engine_step(sync);
	*out = sync;
	return OK;
}
