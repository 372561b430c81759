#include <inttypes.h>

#include "daemon/sync/engine.h"

static void ask_node(struct sync *sync);

static void next(struct sync *sync)
{
	fork_search(sync);
	engine_step(sync);
}

static void end(struct sync *sync, bool has_shared)
{
	sync->fork.done = true;
	sync->fork.has_shared = has_shared;
	halt_searched(sync, OK, NULL);
	engine_step(sync);
}

static void on_compared(void *arg, enum err err, const struct fault *fault,
			const struct block_ref *theirs)
{
	struct sync *sync = arg;
	struct fork *fork = &sync->fork;

	sync->halt_request = NULL;
	if (err) {
		halt_searched(sync, err, fault);
		engine_step(sync);
	} else if (hash_eq(&theirs->hash, &fork->asked.hash)) {
		fork->has_shared = true;
		fork->low = fork->asked.number;
		fork->low_hash = fork->asked.hash;
		next(sync);
	} else if (!fork->has_shared) {
		end(sync, false); /* not even the first one is shared */
	} else {
		fork->high = fork->asked.number;
		next(sync);
	}
}

static void ask_node(struct sync *sync)
{
	const struct fault fault = {ERR_NOMEM, "cannot ask the node"};

	if (source_ref(sync->source, sync->fork.asked.number, on_compared, sync,
		       &sync->halt_request) != OK)
		halt_searched(sync, ERR_NOMEM, &fault);
}

static void on_block(void *arg, enum err err, const struct fault *fault,
		     const struct block_row *block)
{
	struct sync *sync = arg;

	if (err) {
		engine_database_failed(sync, err, fault);
		engine_step(sync);
	} else if (!block) {
		end(sync, true); /* nothing of ours is in between */
	} else {
		sync->fork.asked = *block;
		ask_node(sync);
	}
}

/* By which blocks the chain is known, above the one that differs or not. */
static void on_first(void *arg, enum err err, const struct fault *fault,
		     const struct reorg_look *look)
{
	struct sync *sync = arg;

	if (err) {
		engine_database_failed(sync, err, fault);
		engine_step(sync);
	} else if (!look->has_hash) {
		end(sync, false);
	} else {
		sync->fork.asked.hash = look->hash;
		ask_node(sync);
	}
}

/* The first step asks for the start block, or genesis where that is above. */
void fork_search(struct sync *sync)
{
	struct fork *fork = &sync->fork;
	enum err err;

	if (fork->has_shared) {
		err = store_block_between(sync->store, fork->low, fork->high,
					  on_block, sync);
	} else {
		uint64_t start = sync->config->chain.start_block;

		fork->high = sync->halt.number;
		fork->asked.number = start < fork->high ? start : 0;
		err = store_reorg_look(sync->store, fork->asked.number,
				       on_first, sync);
	}
	if (err)
		engine_database_refused(sync, err);
}
