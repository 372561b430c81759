#include "daemon/sync/engine.h"

#define WATCH_MS 200

static void tell(struct sync *sync, const struct reorg_word *word)
{
	struct fault fault;

	if (sync->observer.word)
		sync->observer.word(sync->observer.arg, word);
	if (word->done) {
		engine_end(sync, OK, NULL);
		return;
	}
	fault_set(&fault, ERR_CONFLICT, "refused: %s", word->reason);
	engine_end(sync, ERR_CONFLICT, &fault);
}

static void on_word(void *arg, enum err err, const struct fault *fault,
		    const struct reorg_word *word)
{
	struct sync *sync = arg;

	if (err) {
		engine_database_failed(sync, err, fault);
	} else if (word->settled) {
		tell(sync, word);
	} else {
		if (!sync->planned && sync->state == SYNC_LEAD)
			log_info(sync->logger, "the word is written; waiting "
					       "for the leader to act on it");
		sync->planned = true;
		sync->has_word = true;
		sync->word = *word;
		if (sync->state == SYNC_LEAD)
			engine_wait(sync, WATCH_MS); /* is it still led? */
		else
			engine_enter(sync, SYNC_IDLE);
	}
	engine_step(sync);
}

static void on_refused(void *arg, enum err err, const struct fault *fault,
		       const struct store_done *done)
{
	struct sync *sync = arg;

	(void)done;
	sync->accepted = true;
	if (err)
		engine_database_failed(sync, err, fault);
	else
		engine_enter(sync, SYNC_IDLE);
	engine_step(sync);
}

void accept_ask(struct sync *sync)
{
	const struct sync_options *options = &sync->options;
	const char *vain = word_is_vain(sync);
	enum err err;

	if (!sync->planned)
		err = store_reorg_add(sync->store, options->accept.to,
				      &options->accept.hash,
				      options->accept.actor, on_word, sync);
	else if (sync->state == SYNC_LEAD || sync->accepted || !vain)
		err =
		    store_reorg_get(sync->store, sync->word.id, on_word, sync);
	else
		err = store_reorg_refuse(sync->store, sync->word.id, vain,
					 on_refused, sync);
	if (err)
		engine_database_refused(sync, err);
}

void accept_idle(struct sync *sync)
{
	if (!sync->planned || sync->accepted || word_is_vain(sync))
		engine_enter(sync, SYNC_PLAN);
	else if (sync->halt_due)
		engine_enter(sync, SYNC_HALTED);
}
