#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/sync/engine.h"

/* Transactions that somebody sent and that are in no block, asked after in
 * rounds: at most so many, one after the other, those that had their turn last.
 * What a node says of one is proven (source_transaction); what it says of a
 * block, or of an account, is its word, and facts overrule it. */
#define AWAITED_CAP (1u << 20)
#define ROUND_MS 3000

void watch_forget(struct sync *sync)
{
	source_cancel(sync->watch_request);
	sync->watch_request = NULL;
	sync->n_awaited = 0;
	sync->watch_judged = false;
}

void watch_commit(struct sync *sync, struct store_commit *commit)
{
	if (!sync->watch_judged)
		return;
	commit->awaited = sync->awaited;
	commit->n_awaited = sync->n_awaited;
}

/* All have been asked about: the next tick writes, if there is what to. */
static void judged(struct sync *sync)
{
	size_t failed = 0, seen = 0;

	for (size_t i = 0; i < sync->n_awaited; i++) {
		failed += sync->awaited[i].verdict != NULL;
		seen += sync->awaited[i].seen;
	}
	if (failed + seen == 0) {
		watch_forget(sync);
		return;
	}
	if (failed > 0)
		log_info(sync->logger,
			 "%zu transactions that were sent have failed", failed);
	sync->watch_judged = sync->tick_due = true;
}

static void ask_next(struct sync *sync);

static void answered(struct sync *sync)
{
	sync->watch_at++;
	ask_next(sync);
	engine_step(sync);
}

/* No node has it, and its nonce is free: it may come yet, but not for ever. */
static void judge_age(const struct sync *sync, struct awaited_row *row)
{
	uint64_t patience = sync->config->dropped_after_ms;

	if (!row->verdict && patience && row->age > patience / 1000)
		row->verdict = row->is_open ? "dropped" : "expired";
}

static void on_count(void *arg, enum err err, const struct fault *fault,
		     const char *result)
{
	struct sync *sync = arg;
	struct awaited_row *row = &sync->awaited[sync->watch_at];
	size_t len = err ? 0 : strlen(result);
	char text[24];
	uint64_t count;

	(void)fault; /* asked again in another round */
	sync->watch_request = NULL;
	if (len > 2 && len - 2 < sizeof(text)) {
		memcpy(text, result + 1, len - 2); /* without its quotes */
		text[len - 2] = '\0';
		if (quantity_parse(&count, text) == OK && count > row->nonce)
			row->verdict = row->is_open ? "replaced" : "orphaned";
	}
	if (!err)
		judge_age(sync, row);
	answered(sync);
}

/* Has the sender used the nonce otherwise, as of the final block? Up to there
 * we have read every block: what is a payment of ours is in none of them. */
static void ask_nonce(struct sync *sync, struct awaited_row *row)
{
	char address[ADDRESS_TEXT_SIZE], params[80];

	if (!row->has_sender) {
		judge_age(sync, row);
		answered(sync);
		return;
	}
	(void)snprintf(params, sizeof(params), "[\"%s\",\"0x%" PRIx64 "\"]",
		       address_format(address, &row->sender),
		       sync->watch_final);
	if (source_call(sync->source, "eth_getTransactionCount", params,
			on_count, sync, &sync->watch_request) != OK)
		watch_forget(sync);
}

/* It is in a final block, but none of our facts is it. A block that is not ours
 * proves nothing; ours is known where it is recent. */
static void judge_mined(const struct sync *sync, struct awaited_row *row,
			const struct source_transaction *tx)
{
	const struct block_ref *ours =
	    follow_at(&sync->follow, tx->block_number);

	if (tx->block_number > sync->watch_final ||
	    (ours && !hash_eq(&ours->hash, &tx->block_hash)))
		return;
	row->block = tx->block_number;
	if (!tx->succeeded)
		row->verdict = "reverted";
	else if (row->is_open)
		row->verdict = "mismatch";
}

static void on_transaction(void *arg, enum err err, const struct fault *fault,
			   const struct source_transaction *tx)
{
	struct sync *sync = arg;
	struct awaited_row *row = &sync->awaited[sync->watch_at];
	uint64_t rarely = sync->config->dropped_after_ms / 8000;

	sync->watch_request = NULL;
	if (err == OK) {
		/* When it was seen is written now and then only. */
		row->seen = !row->has_sender || row->age > rarely;
		row->age = 0;
		row->has_sender = true;
		row->sender = tx->sender;
		row->nonce = tx->nonce;
	}
	if (err == OK && tx->mined) {
		judge_mined(sync, row, tx);
		answered(sync);
	} else if (err == OK || err == ERR_NOT_YET) {
		ask_nonce(sync, row);
	} else {
		log_debug(sync->logger, "%s", fault->text);
		answered(sync);
	}
}

static void ask_next(struct sync *sync)
{
	if (sync->watch_at == sync->n_awaited) {
		judged(sync);
		return;
	}
	if (source_transaction(
		sync->source, &sync->awaited[sync->watch_at].tx_hash,
		on_transaction, sync, &sync->watch_request) != OK)
		watch_forget(sync);
}

static void on_awaited(void *arg, enum err err, const struct fault *fault,
		       struct awaited_row *awaited, size_t n)
{
	struct sync *sync = arg;

	(void)fault;
	if (!err) {
		memcpy(sync->awaited, awaited, n * sizeof(*awaited));
		sync->n_awaited = n;
		sync->watch_at = 0;
		sync->watch_after = n == STORE_AWAITED_MOST
					? awaited[n - 1].id
					: (struct uuid){{0}};
	}
	arena_free(sync->view_arena);
	sync->view_arena = NULL;
	if (!err && n > 0)
		ask_next(sync);
	word_look(sync);
	engine_step(sync);
}

/* While we are halted the node's word on an account counts as little as on a
 * block; so it does where we have not read what is final. */
static bool is_time(struct sync *sync)
{
	const struct block_ref *tip = follow_tip(&sync->follow);
	uint64_t final;

	if (!sync->lease.held || sync->halt_due || sync->n_awaited > 0 ||
	    !tip || !head_final(sync, &final) || final > tip->number ||
	    uv_now(sync->loop) < sync->watch_next)
		return false;
	sync->watch_final = final;
	sync->watch_next = uv_now(sync->loop) + ROUND_MS;
	return true;
}

void watch_look(struct sync *sync)
{
	bool possible = is_time(sync);

	if (possible)
		sync->view_arena = arena_new(AWAITED_CAP);
	if (!possible || !sync->view_arena) {
		word_look(sync);
		return;
	}
	if (store_awaited(sync->status_store, &sync->watch_after,
			  sync->view_arena, on_awaited, sync) != OK) {
		arena_free(sync->view_arena);
		sync->view_arena = NULL;
		word_look(sync);
	}
}
