#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/sync/engine.h"

#define ORPHANS_CAP (1u << 20)
/* Nodes drop what stays in their pool for hours; who still wants to pay after a
 * day signs anew. If it is included after all, the chain's word counts. */
#define ORPHAN_EXPIRES_S (24 * 60 * 60)

void orphans_forget(struct sync *sync)
{
	source_cancel(sync->orphan_request);
	sync->orphan_request = NULL;
	sync->n_orphans = 0;
	sync->orphans_judged = false;
}

void orphans_commit(struct sync *sync, struct store_commit *commit)
{
	if (!sync->orphans_judged)
		return;
	commit->orphans = sync->orphans;
	commit->n_orphans = sync->n_orphans;
}

/* All have been asked about: the next tick writes, if there is what to. */
static void judged(struct sync *sync)
{
	size_t failed = 0;

	for (size_t i = 0; i < sync->n_orphans; i++) {
		struct orphan_row *row = &sync->orphans[i];

		if (!row->verdict && row->age > ORPHAN_EXPIRES_S)
			row->verdict = "expired";
		failed += row->verdict != NULL;
	}
	if (failed == 0) {
		orphans_forget(sync);
		return;
	}
	log_info(sync->logger,
		 "%zu transactions that a reorg took away have failed", failed);
	sync->orphans_judged = sync->tick_due = true;
}

static void ask_next(struct sync *sync);

static void on_count(void *arg, enum err err, const struct fault *fault,
		     const char *result)
{
	struct sync *sync = arg;
	struct orphan_row *row = &sync->orphans[sync->orphan_at++];
	size_t len = err ? 0 : strlen(result);
	char text[24];
	uint64_t count;

	(void)fault; /* asked again at the next final block */
	sync->orphan_request = NULL;
	if (len > 2 && len - 2 < sizeof(text)) {
		memcpy(text, result + 1, len - 2); /* without its quotes */
		text[len - 2] = '\0';
		if (quantity_parse(&count, text) == OK && count > row->nonce)
			row->verdict = "orphaned";
	}
	ask_next(sync);
	engine_step(sync);
}

/* Has the sender used the nonce otherwise, as of the final block? Up to there
 * we have read every block: the transaction itself is in none of them. */
static void ask_next(struct sync *sync)
{
	const struct orphan_row *row;
	char address[ADDRESS_TEXT_SIZE], params[80];

	while (sync->orphan_at < sync->n_orphans &&
	       !sync->orphans[sync->orphan_at].has_sender)
		sync->orphan_at++;
	if (sync->orphan_at == sync->n_orphans) {
		judged(sync);
		return;
	}
	row = &sync->orphans[sync->orphan_at];
	(void)snprintf(params, sizeof(params), "[\"%s\",\"0x%" PRIx64 "\"]",
		       address_format(address, &row->sender),
		       sync->orphans_final);
	if (source_call(sync->source, "eth_getTransactionCount", params,
			on_count, sync, &sync->orphan_request) != OK)
		orphans_forget(sync);
}

static void on_orphans(void *arg, enum err err, const struct fault *fault,
		       struct orphan_row *orphans, size_t n)
{
	struct sync *sync = arg;

	(void)fault;
	if (!err && n > 0) {
		memcpy(sync->orphans, orphans, n * sizeof(*orphans));
		sync->n_orphans = n;
		sync->orphan_at = 0;
		ask_next(sync);
	}
	arena_free(sync->view_arena);
	sync->view_arena = NULL;
	word_look(sync);
	engine_step(sync);
}

void orphans_look(struct sync *sync)
{
	const struct block_ref *tip = follow_tip(&sync->follow);
	uint64_t final;
	/* While we are halted the node's word on an account counts as little
	 * as on a block. */
	bool possible = sync->lease.held && !sync->halt_due &&
			sync->n_orphans == 0 && tip &&
			head_final(sync, &final) && final <= tip->number &&
			final != sync->orphans_final;

	if (possible)
		sync->view_arena = arena_new(ORPHANS_CAP);
	if (!possible || !sync->view_arena) {
		word_look(sync);
		return;
	}
	sync->orphans_final = final;
	if (store_orphans(sync->status_store, sync->view_arena, on_orphans,
			  sync) != OK) {
		arena_free(sync->view_arena);
		sync->view_arena = NULL;
		word_look(sync);
	}
}
