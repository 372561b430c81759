#include <inttypes.h>

#include "daemon/sync/engine.h"

/* They are asked twice a block, within these limits. */
#define AGREE_MS_LEAST 200
#define AGREE_MS_MOST 6000

bool quorum_is_asked(const struct sync *sync)
{
	return sync->config->chain.quorum > 1;
}

bool quorum_has_spoken(const struct sync *sync)
{
	return !quorum_is_asked(sync) || sync->has_agreement ||
	       sync->agree_fault.code;
}

void quorum_stop(struct sync *sync)
{
	source_cancel(sync->agree_request);
	sync->agree_request = NULL;
}

/* A trouble is told when it begins and when it has ended. */
static void note_fault(struct sync *sync, enum err err,
		       const struct fault *fault)
{
	if (err && sync->agree_fault.code != err)
		log_warn(sync->logger, "quorum: %s", fault->text);
	else if (!err && sync->agree_fault.code)
		log_info(sync->logger, "quorum: the endpoints agree again");
	sync->agree_fault = err ? *fault : (struct fault){0};
}

static void on_agreement(void *arg, enum err err, const struct fault *fault,
			 const struct source_agreement *agreement)
{
	struct sync *sync = arg;

	sync->agree_request = NULL;
	note_fault(sync, err, fault);
	if (!err) {
		sync->agreement = *agreement;
		sync->has_agreement = true;
		head_decide(sync);
		head_show(sync);
	}
	engine_step(sync);
}

void quorum_poll(struct sync *sync)
{
	const struct block_ref *tip = follow_tip(&sync->follow);
	uint64_t now = uv_now(sync->loop);
	uint64_t ms = (uint64_t)(sync->block_seconds * 500);

	if (!quorum_is_asked(sync) || sync->agree_request ||
	    now < sync->agree_at)
		return;
	ms = ms < AGREE_MS_LEAST  ? AGREE_MS_LEAST
	     : ms > AGREE_MS_MOST ? AGREE_MS_MOST
				  : ms;
	sync->agree_at = now + ms;
	if (source_agree(sync->source, tip ? tip->number : UINT64_MAX,
			 on_agreement, sync, &sync->agree_request) != OK)
		log_warn(sync->logger, "quorum: the endpoints cannot be asked");
}

uint64_t quorum_cut(const struct sync *sync, uint64_t from, uint64_t to)
{
	const struct follow *follow = &sync->follow;

	if (quorum_is_asked(sync) && follow->has_finalized &&
	    from <= follow->finalized && follow->finalized < to)
		return follow->finalized;
	return to;
}

bool quorum_must_agree(const struct batch *batch)
{
	const struct follow *follow = &batch->sync->follow;

	if (!quorum_is_asked(batch->sync) || batch->agreed > 0)
		return false;
	return (batch->has_final && !batch->undecided &&
		batch->to <= batch->final) ||
	       (follow->has_finalized && batch->from <= follow->finalized);
}

static void on_batch_agreement(void *arg, enum err err,
			       const struct fault *fault,
			       const struct source_agreement *agreement)
{
	struct batch *batch = arg;
	const struct span *span = batch->span;
	const struct block_ref *last = &span->blocks[span->n_blocks - 1].ref;
	char ours[HASH_TEXT_SIZE], theirs[HASH_TEXT_SIZE];
	struct fault own;

	if (!err && agreement->ref.number != last->number) {
		fault = &own;
		err = fault_set(&own, ERR_NOT_YET,
				"too few endpoints call block %" PRIu64
				" final by now",
				last->number);
	} else if (!err && !hash_eq(&agreement->ref.hash, &last->hash)) {
		fault = &own;
		err = fault_set(&own, ERR_UNPROVEN,
				"block %" PRIu64
				" is %s at the node that was asked, but %u "
				"endpoints name it %s",
				last->number, hash_format(ours, &last->hash),
				agreement->endpoints,
				hash_format(theirs, &agreement->ref.hash));
	} else if (!err) {
		batch->agreed = agreement->endpoints;
	}
	/* One is down: the batch may still be submitted, where nothing of it
	 * is final here. */
	if (err == ERR_NOT_YET) {
		batch->undecided = true;
		if (!quorum_must_agree(batch))
			err = OK;
	}
	batch_fetched(batch, err, fault);
}

enum err quorum_ask(struct batch *batch)
{
	return source_agree(batch->sync->source, batch->to, on_batch_agreement,
			    batch, &batch->request);
}

void quorum_ask_again(struct batch *batch)
{
	struct fault fault;
	enum err err = quorum_ask(batch);

	batch->fetched = false;
	if (!err)
		return;
	fault_set(&fault, err, "asking the endpoints to agree: %s",
		  err_text(err));
	batch_fetched(batch, err, &fault);
}
