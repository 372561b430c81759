#include "chain/follow.h"

#include <stdlib.h>
#include <string.h>

void follow_init(struct follow *follow, uint64_t start_block)
{
	memset(follow, 0, sizeof(*follow));
	follow->start_block = start_block;
}

void follow_free(struct follow *follow)
{
	free(follow->blocks);
	memset(follow, 0, sizeof(*follow));
}

/* The index of the first block at or above number; n if there is none. */
static size_t lower_bound(const struct follow *follow, uint64_t number)
{
	size_t low = 0, high = follow->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (follow->blocks[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct block_ref *follow_tip(const struct follow *follow)
{
	return follow->n ? &follow->blocks[follow->n - 1] : NULL;
}

const struct block_ref *follow_at(const struct follow *follow, uint64_t number)
{
	size_t i = lower_bound(follow, number);

	if (i < follow->n && follow->blocks[i].number == number)
		return &follow->blocks[i];
	return NULL;
}

enum err follow_add(struct follow *follow, const struct block_ref *ref)
{
	size_t i = lower_bound(follow, ref->number);
	struct block_ref *grown;
	size_t room;

	if (i < follow->n && follow->blocks[i].number == ref->number)
		return hash_eq(&follow->blocks[i].hash, &ref->hash)
			   ? OK
			   : ERR_CONFLICT;
	if (follow->n == follow->room) {
		room = follow->room ? 2 * follow->room : 256;
		grown = realloc(follow->blocks, room * sizeof(*grown));
		if (!grown)
			return ERR_NOMEM;
		follow->blocks = grown;
		follow->room = room;
	}
	memmove(&follow->blocks[i + 1], &follow->blocks[i],
		(follow->n - i) * sizeof(*follow->blocks));
	follow->blocks[i] = *ref;
	follow->n++;
	return OK;
}

void follow_set_final(struct follow *follow, uint64_t number)
{
	if (follow->has_finalized && number <= follow->finalized)
		return;
	follow->has_finalized = true;
	follow->finalized = number;
	follow_forget(follow);
}

void follow_forget(struct follow *follow)
{
	size_t old;

	if (!follow->has_finalized || follow->finalized < FOLLOW_KEEP)
		return;
	old = lower_bound(follow, follow->finalized - FOLLOW_KEEP);
	if (old == follow->n && old > 0)
		old--; /* the tip stays, however far behind it is */
	if (old == 0)
		return;
	memmove(follow->blocks, &follow->blocks[old],
		(follow->n - old) * sizeof(*follow->blocks));
	follow->n -= old;
}

void follow_truncate(struct follow *follow, uint64_t number)
{
	if (number < UINT64_MAX)
		follow->n = lower_bound(follow, number + 1);
}

void follow_unset_final(struct follow *follow, uint64_t number)
{
	if (follow->has_finalized && follow->finalized > number)
		follow->finalized = number;
}

bool follow_is_behind(const struct follow *follow,
		      const struct block_ref *theirs)
{
	return follow->has_finalized && theirs->number < follow->finalized;
}

static struct follow_decision apply(uint64_t from, uint64_t to)
{
	return (struct follow_decision){
	    .step = FOLLOW_APPLY, .from = from, .to = to};
}

struct follow_decision follow_decide(const struct follow *follow,
				     const struct block_ref *theirs)
{
	const struct follow_decision wait = {.step = FOLLOW_WAIT};
	const struct block_ref *tip = follow_tip(follow);
	const struct block_ref *ours;

	if (theirs->number < follow->start_block ||
	    follow_is_behind(follow, theirs))
		return wait;
	/* A tip below the start is that of a range which somebody asked for. */
	if (!tip ||
	    (follow->start_block > 0 && tip->number < follow->start_block - 1))
		return apply(follow->start_block, theirs->number);
	if (theirs->number > tip->number + 1)
		return apply(tip->number + 1, theirs->number);
	if (theirs->number == tip->number + 1)
		return hash_eq(&theirs->parent_hash, &tip->hash)
			   ? apply(theirs->number, theirs->number)
			   : follow_search(follow, tip->number);
	ours = follow_at(follow, theirs->number);
	if (!ours || hash_eq(&ours->hash, &theirs->hash))
		return wait; /* the node is behind us, on our chain */
	return follow_search(follow, theirs->number);
}

struct follow_decision follow_search(const struct follow *follow,
				     uint64_t theirs)
{
	size_t above =
	    theirs < UINT64_MAX ? lower_bound(follow, theirs + 1) : follow->n;

	if (above == 0)
		return (struct follow_decision){.step = FOLLOW_WAIT};
	return (struct follow_decision){
	    .step = FOLLOW_COMPARE, .number = follow->blocks[above - 1].number};
}

static struct follow_decision rollback(const struct follow *follow,
				       uint64_t shared)
{
	/* Final blocks are shared by definition, recorded or not. */
	if (follow->has_finalized && shared < follow->finalized)
		shared = follow->finalized;
	return (struct follow_decision){.step = FOLLOW_ROLLBACK,
					.number = shared};
}

static struct follow_decision halt(const struct block_ref *ours,
				   const struct block_ref *theirs)
{
	return (struct follow_decision){.step = FOLLOW_HALT,
					.number = ours->number,
					.ours = ours->hash,
					.theirs = theirs->hash};
}

struct follow_decision follow_compare(const struct follow *follow,
				      const struct block_ref *theirs,
				      bool differs)
{
	const struct follow_decision wait = {.step = FOLLOW_WAIT};
	const struct block_ref *ours = follow_at(follow, theirs->number);

	if (!ours)
		return wait; /* the ground moved since the question */
	if (hash_eq(&ours->hash, &theirs->hash))
		return differs ? rollback(follow, ours->number) : wait;
	if (follow->has_finalized && ours->number <= follow->finalized)
		return halt(ours, theirs);
	if (ours > follow->blocks)
		return (struct follow_decision){.step = FOLLOW_COMPARE,
						.number = ours[-1].number};
	if (ours->number == follow->start_block && ours->number > 0)
		return rollback(follow, ours->number - 1);
	return halt(ours, theirs);
}

bool follow_fits(const struct follow *follow, const struct block_ref *blocks,
		 size_t n)
{
	const struct block_ref *ours;

	if (n == 0)
		return true;
	for (size_t i = 0; i < n; i++) {
		ours = follow_at(follow, blocks[i].number);
		if (ours && !hash_eq(&ours->hash, &blocks[i].hash))
			return false;
	}
	ours = blocks[0].number > 0 ? follow_at(follow, blocks[0].number - 1)
				    : NULL;
	if (ours && !hash_eq(&ours->hash, &blocks[0].parent_hash))
		return false;
	ours = follow_at(follow, blocks[n - 1].number + 1);
	return !ours || hash_eq(&ours->parent_hash, &blocks[n - 1].hash);
}
