#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/serve/metrics.h"
#include "daemon/sync/engine.h"

#define ROUND_MS 1000

#define ADVICE_SIZE 200
static const char *advise(char text[ADVICE_SIZE], const struct fork *fork)
{
	char shared[HASH_TEXT_SIZE];

	if (!fork->done)
		return "where they part is being looked for";
	if (!fork->has_shared)
		return "no block of ours is on its chain: it is another one";
	(void)snprintf(text, ADVICE_SIZE,
		       "if its chain survives, run: gigstreamd reorg accept "
		       "--to %" PRIu64 " --hash %s",
		       fork->low, hash_format(shared, &fork->low_hash));
	return text;
}

/* What a person needs to know, and to type. */
static void describe(struct sync *sync)
{
	const struct follow_decision *halt = &sync->halt;
	char ours[HASH_TEXT_SIZE], theirs[HASH_TEXT_SIZE], advice[ADVICE_SIZE];

	fault_set(&sync->halt_fault, ERR_UNPROVEN,
		  "block %" PRIu64 " is %s here and %s at the node, and is "
		  "final or older than what is remembered: nothing was "
		  "touched; it goes on when the node has our block again, or "
		  "chain.rpc names one that has; %s",
		  halt->number, hash_format(ours, &halt->ours),
		  hash_format(theirs, &halt->theirs),
		  advise(advice, &sync->fork));
}

static void show(const struct sync *sync, double halted)
{
	if (sync->metrics)
		metrics_set(sync->metrics, METRIC_HALTED, NULL, halted);
}

void halt_again(struct sync *sync)
{
	engine_wait(sync, ROUND_MS);
}

void halt_over(struct sync *sync)
{
	sync->halt_due = false;
	sync->halt_told = false;
	sync->compared = false;
	sync->fork = (struct fork){0};
	show(sync, 0);
}

static void on_released(void *arg, enum err err, const struct fault *fault,
			const struct store_done *done)
{
	struct sync *sync = arg;

	(void)done;
	if (err) {
		engine_database_failed(sync, err, fault);
	} else {
		log_info(sync->logger,
			 "the node has our block %" PRIu64 " again: going on",
			 sync->halt.number);
		halt_over(sync);
		engine_enter(sync, SYNC_IDLE);
		poll_now(sync);
	}
	engine_step(sync);
}

static void release(struct sync *sync)
{
	enum err err =
	    store_lease_halt(sync->store, &sync->holder, sync->lease.term, NULL,
			     on_released, sync);

	if (err)
		engine_database_refused(sync, err);
}

void halt_searched(struct sync *sync, enum err err, const struct fault *fault)
{
	char advice[ADVICE_SIZE];

	if (err) {
		log_debug(sync->logger, "where the chains part: %s",
			  fault->text);
		halt_again(sync);
		return;
	}
	describe(sync);
	log_error(sync->logger, "halted: %s", advise(advice, &sync->fork));
	if (sync->options.mode == SYNC_BACKFILL)
		engine_end(sync, ERR_UNPROVEN, &sync->halt_fault);
	else
		engine_enter(sync, SYNC_HALTED); /* a word may wait already */
}

static void on_compared(void *arg, enum err err, const struct fault *fault,
			const struct block_ref *theirs)
{
	struct sync *sync = arg;

	sync->halt_request = NULL;
	if (err) {
		log_debug(sync->logger, "comparing chains: %s", fault->text);
		halt_again(sync);
	} else if (hash_eq(&theirs->hash, &sync->halt.ours)) {
		release(sync);
	} else if (!hash_eq(&theirs->hash, &sync->halt.theirs)) {
		sync->halt.theirs = theirs->hash; /* yet another chain */
		sync->fork = (struct fork){0};
		describe(sync);
		fork_search(sync);
	} else if (!sync->fork.done) {
		sync->fork = (struct fork){0};
		fork_search(sync);
	} else {
		halt_again(sync);
	}
	engine_step(sync);
}

static void compare(struct sync *sync)
{
	if (source_ref(sync->source, sync->halt.number, on_compared, sync,
		       &sync->halt_request) != OK)
		halt_again(sync);
}

static void on_renewed(void *arg, enum err err, const struct fault *fault,
		       const struct store_done *done)
{
	struct sync *sync = arg;

	(void)done;
	if (err) {
		engine_database_failed(sync, err, fault);
	} else {
		sync->database_ok = true;
		if (sync->has_word)
			word_take(sync);
		else
			compare(sync);
	}
	engine_step(sync);
}

void halt_round(struct sync *sync)
{
	enum err err;

	if (!sync->fork.done)
		describe(sync);
	if (!sync->halt_told)
		log_error(sync->logger, "halted: %s", sync->halt_fault.text);
	sync->halt_told = true;
	show(sync, 1);
	err = store_lease_halt(sync->store, &sync->holder, sync->lease.term,
			       sync->halt_fault.text, on_renewed, sync);
	if (err)
		engine_database_refused(sync, err);
}
