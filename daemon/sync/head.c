#include "daemon/sync/engine.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/serve/metrics.h"

/* Without a usable `finalized` tag: two epochs of 32 slots, Ethereum's own
 * distance to finality (consensus-specs, phase0/beacon-chain.md). */
#define FALLBACK_DEPTH 64

/* Behind a balancer the head goes back now and then; what lasts is told. */
#define BEHIND_NS 30000000000u

bool head_final(const struct sync *sync, uint64_t *number)
{
	const struct config *config = sync->config;
	uint64_t depth = config->chain.confirmations;

	if (quorum_is_asked(sync)) {
		*number = sync->agreement.final;
		return sync->has_agreement;
	}
	if (!sync->has_head)
		return false;
	if (config->chain.finalized_tag) {
		if (sync->head.has_finalized) {
			*number = sync->head.finalized.number;
			return true;
		}
		depth = FALLBACK_DEPTH;
	}
	if (sync->head.latest.number < depth)
		return false;
	*number = sync->head.latest.number - depth;
	return true;
}

void head_forget_search(struct sync *sync)
{
	source_cancel(sync->compare_request);
	sync->compare_request = NULL;
	quorum_stop(sync);
	sync->searching = false;
	sync->rollback_due = false;
}

static void is_fit(struct sync *sync)
{
	if (sync->unfit_told)
		log_info(sync->logger, "the node can be judged by again");
	sync->unfit_told = false;
	sync->node = NODE_FIT;
}

static void is_unfit(struct sync *sync, enum node_fitness how, const char *why)
{
	uint64_t now = uv_hrtime();

	if (sync->node == NODE_FIT)
		sync->unfit_since = now;
	sync->node = how;
	fault_set(&sync->unfit_fault, ERR_NOT_YET, "%s", why);
	if (sync->unfit_told ||
	    (how == NODE_BEHIND && now - sync->unfit_since < BEHIND_NS))
		return;
	log_warn(sync->logger, "the node: %s", why);
	sync->unfit_told = true;
}

/* execution-apis, eth_syncing: false, or an object that says how far it is. A
 * node that cannot be asked this is taken for one that has synced. */
static void on_syncing(void *arg, enum err err, const struct fault *fault,
		       const char *result)
{
	struct sync *sync = arg;

	sync->compare_request = NULL;
	sync->searching = false;
	if (err && err != ERR_REFUSED) {
		log_warn(sync->logger, "comparing chains: %s", fault->text);
	} else if (!err && result[0] == '{') {
		sync->compared = false; /* again, with the next head */
		is_unfit(sync, NODE_SYNCING,
			 "it has another chain than ours, but says that it is "
			 "still syncing (eth_syncing): it is not believed "
			 "before it has done so");
	} else {
		sync->halt_due = true;
	}
	engine_step(sync);
}

/* The fork is too deep, if the node can be believed. The batch in hand, if
 * there is one, ends before. */
static void suspect(struct sync *sync, const struct follow_decision *d)
{
	sync->halt = *d;
	sync->searching =
	    source_call(sync->source, "eth_syncing", "[]", on_syncing, sync,
			&sync->compare_request) == OK;
}

bool head_settle(struct sync *sync, uint64_t final, uint64_t shared,
		 unsigned endpoints)
{
	uint64_t number = final < shared ? final : shared;

	if (sync->follow.has_finalized && number <= sync->follow.finalized)
		return false;
	follow_set_final(&sync->follow, number);
	sync->final_endpoints = endpoints;
	return true;
}

static void search_step(struct sync *sync, const struct follow_decision *d);

/* The node has a block of ours: its chain is ours, or parts from it above. */
static void is_compared(struct sync *sync)
{
	sync->compared = true;
	if (sync->node == NODE_SYNCING)
		is_fit(sync);
}

static void on_compared(void *arg, enum err err, const struct fault *fault,
			const struct block_ref *theirs)
{
	struct sync *sync = arg;
	bool first = !sync->compared;
	struct follow_decision d;
	const struct block_ref *ours;
	uint64_t final;

	sync->compare_request = NULL;
	if (err) {
		sync->searching = false; /* the next poll starts anew */
		if (err != ERR_NOT_YET)
			log_warn(sync->logger, "comparing chains: %s",
				 fault->text);
		engine_step(sync);
		return;
	}
	d = follow_compare(&sync->follow, theirs, sync->search_differs);
	ours = follow_at(&sync->follow, theirs->number);
	if (ours && !hash_eq(&ours->hash, &theirs->hash)) {
		sync->search_differs = true;
	} else if (ours) {
		is_compared(sync);
		if (!quorum_is_asked(sync) && head_final(sync, &final) &&
		    head_settle(sync, final, ours->number, 1))
			sync->final_due = true;
	}
	search_step(sync, &d);
	if (first && sync->compared)
		head_decide(sync);
	engine_step(sync);
}

static void search_step(struct sync *sync, const struct follow_decision *d)
{
	const struct block_ref *tip = follow_tip(&sync->follow);

	switch (d->step) {
	case FOLLOW_COMPARE:
		if (source_ref(sync->source, d->number, on_compared, sync,
			       &sync->compare_request) != OK)
			sync->searching = false;
		return;
	case FOLLOW_ROLLBACK:
		sync->searching = false;
		sync->rollback_due = true;
		sync->ancestor = d->number;
		sync->rollback_depth = tip ? tip->number - d->number : 0;
		return;
	case FOLLOW_HALT:
		suspect(sync, d);
		return;
	case FOLLOW_WAIT:
	case FOLLOW_APPLY:
		sync->searching = false;
		return;
	}
}

void head_search(struct sync *sync)
{
	struct follow_decision d;

	if (sync->searching || sync->rollback_due || sync->halt_due ||
	    !sync->has_head)
		return;
	lane_drop(&sync->follow_lane);
	jobs_drop(sync);
	d = follow_search(&sync->follow, sync->head.latest.number);
	sync->searching = true;
	sync->search_differs = false;
	search_step(sync, &d);
}

/* The newest block known by its hash to be final; NULL: none. */
static const struct block_ref *final_ref(const struct sync *sync)
{
	if (quorum_is_asked(sync))
		return sync->has_agreement ? &sync->agreement.ref : NULL;
	return sync->head.has_finalized ? &sync->head.finalized : NULL;
}

/* False: what is called final is another chain than ours. */
static bool final_fits(const struct sync *sync)
{
	const struct block_ref *final = final_ref(sync), *ours;

	if (!final)
		return true;
	ours = follow_at(&sync->follow, final->number);
	return !ours || hash_eq(&ours->hash, &final->hash);
}

void head_show(const struct sync *sync)
{
	const struct block_ref *tip = follow_tip(&sync->follow);
	uint64_t number;
	int64_t lag = 0;

	if (!sync->metrics || !sync->has_head)
		return;
	metrics_set(sync->metrics, METRIC_HEAD_BLOCK, NULL,
		    (double)sync->head.latest.number);
	if (head_final(sync, &number))
		metrics_set(sync->metrics, METRIC_FINALIZED_BLOCK, NULL,
			    (double)number);
	if (!tip)
		return;
	if (tip->number < sync->head.latest.number)
		lag = sync->head.latest.timestamp - tip->timestamp;
	metrics_set(sync->metrics, METRIC_INDEXED_BLOCK, NULL,
		    (double)tip->number);
	metrics_set(sync->metrics, METRIC_LAG_SECONDS, NULL, (double)lag);
}

static bool is_ours(const struct sync *sync, const struct block_ref *theirs)
{
	const struct block_ref *ours =
	    theirs ? follow_at(&sync->follow, theirs->number) : NULL;

	return ours && hash_eq(&ours->hash, &theirs->hash);
}

/* The highest of our blocks that the node's head, or a final block, shows to
 * stand on their chain. What is called final says nothing of ours before: a
 * reorg may have come first, while we were away. */
static bool is_shared(const struct sync *sync, uint64_t *number)
{
	const struct block_ref *latest = &sync->head.latest;
	const struct block_ref *tip = follow_tip(&sync->follow);
	const struct block_ref *final = final_ref(sync);
	bool one_is_enough = !quorum_is_asked(sync);

	/* Nothing of ours stands yet: what is on its way to us may be of a
	 * branch that has been given up, and says itself what was final. */
	if (!tip)
		return false;
	*number = tip->number;
	if (one_is_enough && latest->number == tip->number + 1 &&
	    hash_eq(&latest->parent_hash, &tip->hash))
		return true;
	*number = latest->number;
	if (one_is_enough && is_ours(sync, latest))
		return true;
	*number = final ? final->number : 0;
	return is_ours(sync, final);
}

/* The head itself may show that all of ours stands: then nothing is asked. */
static void compare_with_head(struct sync *sync)
{
	const struct block_ref *tip = follow_tip(&sync->follow);
	uint64_t shared;

	if (!sync->compared && tip && is_shared(sync, &shared) &&
	    shared == tip->number)
		is_compared(sync);
}

static void learn_final(struct sync *sync)
{
	unsigned endpoints =
	    quorum_is_asked(sync) ? sync->agreement.endpoints : 1;
	uint64_t final, shared;

	if (head_final(sync, &final) && is_shared(sync, &shared) &&
	    head_settle(sync, final, shared, endpoints))
		sync->final_due = true;
}

static void extend_follow_lane(struct sync *sync, uint64_t from, uint64_t to)
{
	struct lane *lane = &sync->follow_lane;

	for (size_t i = 0; i < lane->n; i++)
		if (lane->queue[i]->to >= from)
			from = lane->queue[i]->to + 1;
	if (sync->in_hand && sync->in_hand->lane == lane &&
	    sync->in_hand->to >= from)
		from = sync->in_hand->to + 1;
	if (from <= to && lane_add(lane, from, to) != OK)
		log_warn(sync->logger, "no memory to plan new blocks");
}

/* Is it far enough to be judged by? */
static bool is_behind(struct sync *sync)
{
	char text[200];

	if (!follow_is_behind(&sync->follow, &sync->head.latest)) {
		if (sync->node == NODE_BEHIND)
			is_fit(sync);
		return false;
	}
	(void)snprintf(text, sizeof(text),
		       "its head is block %" PRIu64
		       ", below our final block %" PRIu64
		       ": it is still syncing, or was left behind",
		       sync->head.latest.number, sync->follow.finalized);
	is_unfit(sync, NODE_BEHIND, text);
	return true;
}

void head_decide(struct sync *sync)
{
	struct follow_decision d;

	if (sync->state == SYNC_HALTED || sync->searching ||
	    sync->rollback_due || sync->halt_due || is_behind(sync))
		return;
	compare_with_head(sync);
	/* A dry run undoes nothing: where the chain differs, it counts. */
	if (sync->options.mode != SYNC_DRY_RUN &&
	    (!final_fits(sync) ||
	     (!sync->compared && follow_tip(&sync->follow)))) {
		head_search(sync);
		return;
	}
	learn_final(sync);
	if (sync->options.mode != SYNC_RUN)
		return;
	d = follow_decide(&sync->follow, &sync->head.latest);
	if (d.step == FOLLOW_APPLY)
		extend_follow_lane(sync, d.from, d.to);
	else if (d.step == FOLLOW_COMPARE)
		head_search(sync);
}
