#include "daemon/reconcile/reconcile.h"

#include "daemon/reconcile/decode.h"
#include "daemon/reconcile/detail.h"
#include "daemon/reconcile/known.h"
#include "daemon/reconcile/loans.h"
#include "daemon/reconcile/pair.h"
#include "daemon/reconcile/quarantine.h"
#include "daemon/reconcile/streams.h"
#include "daemon/reconcile/transactions.h"
#include <inttypes.h>
#include <stdlib.h>

/* One run: facts in order, then folded and paired together, then compared with
 * what the database says. */
struct run {
	struct arena *arena;
	struct reconcile_input *in;
	struct fault *fault;
	struct stories stories;
	struct movement *movements; /* one for each transfer */
	const char **reasons;	    /* for each event: why to quarantine it */
};

static int event_row_cmp(const void *a, const void *b)
{
	const struct event_row *x = a, *y = b;
	int c = place_cmp(&x->at, &y->at);

	return c ? c : x->part - y->part;
}

static int transfer_row_cmp(const void *a, const void *b)
{
	const struct transfer_row *x = a, *y = b;

	return place_cmp(&x->at, &y->at);
}

/* Facts come in their order but where older ones, or the chain's own, were put
 * among them. */
static void sort(void *rows, size_t n, size_t size,
		 int (*cmp)(const void *a, const void *b))
{
	const char *row = rows;
	size_t i = 1;

	while (i < n && cmp(row + (i - 1) * size, row + i * size) < 0)
		i++;
	if (i < n)
		qsort(rows, n, size, cmp);
}

/* A fact that comes again (a range read twice) must come from the same block:
 * of one height, one block stands. */
static enum err check_height(const struct place *a, const struct place *b,
			     struct fault *fault)
{
	char first[HASH_TEXT_SIZE], second[HASH_TEXT_SIZE];

	if (a->block_number != b->block_number ||
	    hash_eq(&a->block_hash, &b->block_hash))
		return OK;
	return fault_set(fault, ERR_BUG,
			 "facts of two blocks at height %" PRIu64
			 " were taken to stand: %s and %s",
			 a->block_number, hash_format(first, &a->block_hash),
			 hash_format(second, &b->block_hash));
}

static enum err sort_events(struct reconcile_input *in, struct fault *fault)
{
	struct event_row *rows = in->events;
	size_t kept = 0;

	sort(rows, in->n_events, sizeof(*rows), event_row_cmp);
	for (size_t i = 0; i < in->n_events; i++) {
		struct event_row *last = kept ? &rows[kept - 1] : NULL;
		enum err err =
		    last ? check_height(&last->at, &rows[i].at, fault) : OK;

		if (err != OK)
			return err;
		if (!last || event_row_cmp(last, &rows[i]) != 0)
			rows[kept++] = rows[i];
	}
	in->n_events = kept;
	return OK;
}

/* Of a stored transfer that was read again, the stored role is kept: the new
 * one is plain. */
static enum err sort_transfers(struct reconcile_input *in, struct fault *fault)
{
	struct transfer_row *rows = in->transfers;
	size_t kept = 0;

	sort(rows, in->n_transfers, sizeof(*rows), transfer_row_cmp);
	for (size_t i = 0; i < in->n_transfers; i++) {
		struct transfer_row *last = kept ? &rows[kept - 1] : NULL;
		enum err err =
		    last ? check_height(&last->at, &rows[i].at, fault) : OK;

		if (err != OK)
			return err;
		if (!last || place_cmp(&last->at, &rows[i].at) != 0)
			rows[kept++] = rows[i];
		else if (last->role == ROLE_PLAIN)
			last->role = rows[i].role;
	}
	in->n_transfers = kept;
	return OK;
}

/* Folds one event and lets it consume its money among the movements around
 * it. */
static enum err walk_event(struct run *run, size_t i,
			   const struct around *around)
{
	const struct event_row *row = &run->in->events[i];
	struct story *story = run->stories.of_event[i];
	struct event event;
	struct pairing pairing = {
	    .event = &event,
	    .tx_hash = &row->at.tx_hash,
	    .contract = &row->contract,
	};
	const char *why;
	enum err err =
	    event_row_decode(&event, run->in->rules->catalog, row, run->fault);

	if (err != OK)
		return err;
	if (!story) {
		run->reasons[i] = event_doubt(&event);
		return OK;
	}
	if (story->subject == SUBJECT_STREAM)
		pairing.unclaimed = stream_fold_unclaimed(&story->stream);
	err = story_apply(story, run->arena, row, &event, &why);
	if (err != OK)
		return err;
	if (!why && story->subject == SUBJECT_LOAN) {
		pairing.loan = &story->loan.row;
	} else if (!why) {
		pairing.stream = &story->stream.row;
		why = stream_fold_remark(&story->stream, &event);
	}
	if (!pair_event(around, &pairing) && !why)
		why = "no USDC Transfer moved the money it speaks of";
	run->reasons[i] = why;
	return OK;
}

/* Every event in (block, log index) order, whatever its stream: what one
 * consumes, the next must not. */
static enum err walk(struct run *run)
{
	const struct reconcile_input *in = run->in;
	const struct transfer_row *transfers = in->transfers;
	size_t first = 0, end = 0; /* of the transaction's, so far */
	enum err err = OK;

	for (size_t i = 0; i < in->n_events && err == OK; i++) {
		const struct place *at = &in->events[i].at;

		while (end < in->n_transfers &&
		       place_cmp(&transfers[end].at, at) < 0) {
			if (!hash_eq(&transfers[end].at.tx_hash,
				     &transfers[first].at.tx_hash))
				first = end;
			end++;
		}
		if (first < end &&
		    !hash_eq(&transfers[first].at.tx_hash, &at->tx_hash))
			first = end;
		err = walk_event(run, i,
				 &(struct around){&run->movements[first],
						  end - first,
						  in->n_transfers - end});
	}
	return err;
}

static enum err run_init(struct run *run)
{
	struct reconcile_input *in = run->in;
	enum err err = sort_events(in, run->fault);

	if (err == OK)
		err = sort_transfers(in, run->fault);
	if (err == OK)
		err = stories_init(&run->stories, run->arena, in, run->fault);
	if (err != OK)
		return err;
	run->reasons = ARENA_ARRAY(run->arena, const char *, in->n_events);
	run->movements =
	    ARENA_ARRAY(run->arena, struct movement, in->n_transfers);
	if (!run->reasons || !run->movements)
		return ERR_NOMEM;
	for (size_t i = 0; i < in->n_transfers; i++)
		run->movements[i] = (struct movement){
		    .fact = &in->transfers[i],
		    .role = ROLE_PLAIN,
		};
	return OK;
}

static enum err settle_roles(const struct run *run, struct output *out)
{
	enum err err = OK;

	for (size_t i = 0; i < run->in->n_transfers && err == OK; i++) {
		struct transfer_row row = run->in->transfers[i];

		if (row.role == run->movements[i].role)
			continue;
		row.role = run->movements[i].role;
		err = output_role(out, &row);
	}
	return err;
}

/* Compares what the facts say with what the database says. */
static enum err settle(struct run *run, struct output *out, uint64_t now_ms)
{
	struct reconcile_input *in = run->in;
	struct known_parties parties;
	enum err err = known_parties_init(&parties, run->arena, in->parties,
					  in->n_parties);

	for (size_t i = 0; i < run->stories.n && err == OK; i++)
		err = run->stories.all[i].subject == SUBJECT_LOAN
			  ? loan_settle(&run->stories.all[i], out, in, &parties,
					now_ms)
			  : stream_settle(&run->stories.all[i], out, &parties,
					  in->reason, now_ms);
	if (err == OK)
		err = transactions_settle(out, in, run->movements,
					  in->n_transfers, &parties, now_ms,
					  run->fault);
	if (err == OK)
		err = settle_roles(run, out);
	if (err == OK)
		err = quarantine_settle(out, in, run->reasons);
	return err;
}

enum err reconcile(struct changes *out, struct arena *arena,
		   struct reconcile_input *in, uint64_t now_ms,
		   struct fault *fault)
{
	struct run run = {.arena = arena, .in = in, .fault = fault};
	struct output output = {.arena = arena};
	enum err err = run_init(&run);

	if (err == OK)
		err = walk(&run);
	if (err == OK)
		err = settle(&run, &output, now_ms);
	if (err == OK)
		*out = output.changes;
	return err;
}
