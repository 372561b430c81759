#include <inttypes.h>
#include <stdlib.h>

#include "daemon/sync/engine.h"

#define RESUME_CAP (512u << 20) /* a million wallets and their jobs */

void resume_forget(struct sync *sync)
{
	arena_free(sync->resume_arena);
	sync->resume_arena = NULL;
	follow_free(&sync->follow);
	follow_init(&sync->follow, sync->config->chain.start_block);
	watchlist_free(&sync->watched);
	sync->covered.n = 0;
	sync->adopted_once = false;
	sync->rollback_due = false;
	sync->searching = false;
	halt_over(sync);
	/* It may be what the database refused, and it is old anyway. */
	sync->has_head = false;
	sync->has_agreement = false;
}

static enum err take_over(struct sync *sync, const struct resume *resume)
{
	enum err err = OK;

	for (size_t i = 0; i < resume->n_blocks && !err; i++) {
		const struct block_row *row = &resume->blocks[i];
		const struct block_ref ref = {
		    .number = row->number,
		    .hash = row->hash,
		    .parent_hash = row->parent_hash,
		    .timestamp = row->timestamp,
		};

		err = follow_add(&sync->follow, &ref);
	}
	for (size_t i = 0; i < resume->n_wallets && !err; i++)
		err = watchlist_add(&sync->watched, &resume->wallets[i]);
	for (size_t i = 0; i < resume->n_covered && !err; i++)
		err = ranges_add(&sync->covered, resume->covered[i].from,
				 resume->covered[i].to);
	if (resume->has_finalized)
		follow_set_final(&sync->follow, resume->finalized);
	return err;
}

static void on_resume(void *arg, enum err err, const struct fault *fault,
		      const struct resume *resume)
{
	struct sync *sync = arg;
	const struct block_ref *tip;
	struct fault nomem;

	if (err) {
		engine_database_failed(sync, err, fault);
		engine_step(sync);
		return;
	}
	sync->resume = *resume;
	err = take_over(sync, resume);
	if (err) {
		fault_set(&nomem, err, "no memory for what stands");
		engine_database_failed(sync, err, &nomem);
		engine_step(sync);
		return;
	}
	tip = follow_tip(&sync->follow);
	if (tip)
		log_info(sync->logger,
			 "resuming after block %" PRIu64 ", %zu wallets "
			 "watched",
			 tip->number, sync->watched.n);
	else
		log_info(sync->logger, "starting at block %" PRIu64,
			 sync->config->chain.start_block);
	engine_enter(sync, SYNC_CHECK);
	engine_step(sync);
}

void resume_start(struct sync *sync)
{
	enum err err = ERR_NOMEM;

	resume_forget(sync);
	sync->resume_arena = arena_new(RESUME_CAP);
	if (sync->resume_arena)
		err = store_resume(sync->store, sync->resume_arena,
				   sync->contracts, sync->n_contracts,
				   on_resume, sync);
	if (err)
		engine_database_refused(sync, err);
}
