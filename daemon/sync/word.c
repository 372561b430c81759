#include "daemon/sync/word.h"

#include <inttypes.h>

#include "daemon/sync/engine.h"

enum err word_is_ours(const struct reorg_look *look, uint64_t to,
		      const struct hash *hash, struct fault *fault)
{
	char ours[HASH_TEXT_SIZE];

	if (look->has_hash && hash_eq(&look->hash, hash)) {
		if (look->has_tip && to < look->tip)
			return OK;
		return fault_set(fault, ERR_CONFLICT,
				 "there is nothing to undo: no block of ours "
				 "is above %" PRIu64,
				 to);
	}
	if (look->has_hash)
		return fault_set(
		    fault, ERR_CONFLICT,
		    "block %" PRIu64 " is %s here: --to has to be a block that "
		    "our chain and the surviving one share; /readyz of the "
		    "halted daemon and its log name the highest",
		    to, hash_format(ours, &look->hash));
	if (!look->has_below)
		return fault_set(fault, ERR_CONFLICT,
				 "block %" PRIu64
				 " is not remembered here, nor "
				 "is any below it",
				 to);
	return fault_set(fault, ERR_CONFLICT,
			 "block %" PRIu64 " is not remembered here; the "
			 "highest below it is %" PRIu64 ": --to %" PRIu64
			 " --hash %s",
			 to, look->below.number, look->below.number,
			 hash_format(ours, &look->below.hash));
}

enum err word_is_theirs(const struct block_ref *theirs, const struct hash *hash,
			struct fault *fault)
{
	char text[HASH_TEXT_SIZE];

	if (hash_eq(&theirs->hash, hash))
		return OK;
	return fault_set(fault, ERR_CONFLICT,
			 "block %" PRIu64 " is %s at the node: it does not "
			 "have the chain that is to survive; name a lower "
			 "block, or mend the node first",
			 theirs->number, hash_format(text, &theirs->hash));
}

static void on_refused(void *arg, enum err err, const struct fault *fault,
		       const struct store_done *done)
{
	struct sync *sync = arg;

	(void)done;
	if (err) {
		engine_database_failed(sync, err, fault);
	} else if (sync->options.mode == SYNC_ACCEPT) {
		sync->accepted = true;
		engine_enter(sync, SYNC_IDLE);
	} else {
		halt_again(sync);
	}
	engine_step(sync);
}

/* HALTED: it does not hold. */
static void refuse(struct sync *sync, const struct fault *why)
{
	enum err err;

	log_warn(sync->logger,
		 "the word of %s on block %" PRIu64 " is refused: %s",
		 sync->taken.actor, sync->taken.to, why->text);
	sync->has_word = false;
	err = store_reorg_refuse(sync->store, sync->taken.id, why->text,
				 on_refused, sync);
	if (err)
		engine_database_refused(sync, err);
}

static void on_theirs(void *arg, enum err err, const struct fault *fault,
		      const struct block_ref *theirs)
{
	struct sync *sync = arg;
	struct fault why;

	sync->halt_request = NULL;
	if (err) {
		log_warn(sync->logger,
			 "the word of %s on block %" PRIu64 " waits: %s",
			 sync->taken.actor, sync->taken.to, fault->text);
		halt_again(sync);
	} else if (word_is_theirs(theirs, &sync->taken.hash, &why) != OK) {
		refuse(sync, &why);
	} else {
		apply_word(sync);
	}
	engine_step(sync);
}

static void on_ours(void *arg, enum err err, const struct fault *fault,
		    const struct reorg_look *look)
{
	struct sync *sync = arg;
	struct fault why;

	if (err)
		engine_database_failed(sync, err, fault);
	else if (word_is_ours(look, sync->taken.to, &sync->taken.hash, &why) !=
		 OK)
		refuse(sync, &why);
	else if (source_ref(sync->source, sync->taken.to, on_theirs, sync,
			    &sync->halt_request) != OK)
		halt_again(sync);
	engine_step(sync);
}

void word_take(struct sync *sync)
{
	enum err err;

	sync->taken = sync->word;
	err = store_reorg_look(sync->store, sync->taken.to, on_ours, sync);
	if (err)
		engine_database_refused(sync, err);
}

/* Why a word is not needed, or not possible; NULL while that is not known, or
 * where it is for a halt. */
const char *word_is_vain(const struct sync *sync)
{
	if (!sync->lease.held || sync->searching || sync->halt_due)
		return NULL;
	if (sync->node != NODE_FIT)
		return sync->unfit_fault.text;
	if (sync->compared || sync->rollback_due)
		return "nothing is halted: the node's chain is ours, or parts "
		       "from it above what is final; gigstreamd run follows "
		       "it by itself";
	return NULL;
}

static void on_vain(void *arg, enum err err, const struct fault *fault,
		    const struct store_done *done)
{
	(void)err; /* it is seen again */
	(void)fault;
	(void)done;
	view_again(arg);
}

static void on_open(void *arg, enum err err, const struct fault *fault,
		    const struct reorg_word *word)
{
	struct sync *sync = arg;
	const char *vain = word_is_vain(sync);

	(void)fault; /* the main connection says what is wrong */
	sync->has_word = !err && word;
	if (sync->has_word)
		sync->word = *word;
	if (!sync->has_word || !vain ||
	    store_reorg_refuse(sync->status_store, word->id, vain, on_vain,
			       sync) != OK)
		view_again(sync);
}

void word_look(struct sync *sync)
{
	if (store_reorg_open(sync->status_store, on_open, sync) != OK)
		view_again(sync);
}
