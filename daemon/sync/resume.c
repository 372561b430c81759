#include <inttypes.h>
#include <stdlib.h>

#include "daemon/sync/engine.h"

#define RESUME_CAP (64u << 20) /* half a million blocks that are not final */
#define PAGE_CAP (16u << 20)   /* of wallets: wallets.sql says how many */

void resume_forget(struct sync *sync)
{
	arena_free(sync->resume_arena);
	sync->resume_arena = NULL;
	arena_free(sync->page_arena);
	sync->page_arena = NULL;
	follow_free(&sync->follow);
	follow_init(&sync->follow, sync->config->chain.start_block);
	watchlist_free(&sync->watched);
	sync->covered.n = 0;
	sync->adopted_once = sync->adopting = false;
	sync->rollback_due = sync->final_due = false;
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
	for (size_t i = 0; i < resume->n_covered && !err; i++)
		err = ranges_add(&sync->covered, resume->covered[i].from,
				 resume->covered[i].to);
	if (resume->has_finalized)
		follow_set_final(&sync->follow, resume->finalized);
	return err;
}

static void failed(struct sync *sync, enum err err, const struct fault *fault)
{
	const struct fault nomem = {err, "no memory for what stands"};

	engine_database_failed(sync, err, fault ? fault : &nomem);
	engine_step(sync);
}

static void resumed(struct sync *sync)
{
	const struct block_ref *tip = follow_tip(&sync->follow);

	arena_free(sync->page_arena);
	sync->page_arena = NULL;
	if (tip)
		log_info(sync->logger,
			 "resuming after block %" PRIu64 ", %zu wallets "
			 "watched",
			 tip->number, sync->watched.n);
	else
		log_info(sync->logger, "starting at block %" PRIu64,
			 sync->config->chain.start_block);
	/* What asks no node need not know which one it is. */
	engine_enter(sync, sync->options.mode == SYNC_DERIVE ? SYNC_IDLE
							     : SYNC_CHECK);
	engine_step(sync);
}

static void ask_page(struct sync *sync, const struct address *after);

static void on_page(void *arg, enum err err, const struct fault *fault,
		    const struct address *wallets, size_t n)
{
	struct sync *sync = arg;
	struct address last;

	if (err) {
		failed(sync, err, fault);
		return;
	}
	for (size_t i = 0; i < n && !err; i++)
		err = watchlist_add(&sync->watched, &wallets[i]);
	if (err) {
		failed(sync, err, NULL);
	} else if (n > 0) {
		last = wallets[n - 1];
		ask_page(sync, &last);
	} else {
		resumed(sync);
	}
}

static void ask_page(struct sync *sync, const struct address *after)
{
	enum err err;

	arena_reset(sync->page_arena);
	err =
	    store_wallets(sync->store, sync->page_arena, after, on_page, sync);
	if (err) {
		engine_database_refused(sync, err);
		engine_step(sync);
	}
}

static void on_resume(void *arg, enum err err, const struct fault *fault,
		      const struct resume *resume)
{
	static const struct address first;
	struct sync *sync = arg;

	if (err) {
		failed(sync, err, fault);
		return;
	}
	sync->resume = *resume;
	err = take_over(sync, resume);
	sync->page_arena = arena_new(PAGE_CAP);
	if (err || !sync->page_arena)
		failed(sync, ERR_NOMEM, NULL);
	else
		ask_page(sync, &first);
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
