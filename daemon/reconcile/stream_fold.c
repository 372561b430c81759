#include "daemon/reconcile/stream_fold.h"

/* seconds after start; 0: no timestamp can hold it. */
static int64_t later(int64_t start, const struct u256 *seconds)
{
	uint64_t s;

	if (start < 0 || start > TIMESTAMP_MAX || !u256_to_u64(&s, seconds) ||
	    s > (uint64_t)(TIMESTAMP_MAX - start))
		return 0;
	return start + (int64_t)s;
}

/* a - b, which the fold's invariants keep from going below zero. */
static struct u256 minus(const struct u256 *a, const struct u256 *b)
{
	struct u256 rest = {{0}};

	if (!u256_sub(&rest, a, b))
		return (struct u256){{0}};
	return rest;
}

struct u256 stream_fold_unclaimed(const struct stream_fold *fold)
{
	return minus(&fold->row.released, &fold->row.claimed);
}

/* What is neither released nor refunded. */
static struct u256 left(const struct stream_row *row)
{
	struct u256 rest = minus(&row->total, &row->released);

	return minus(&rest, &row->refunded);
}

/* An id that comes again is the same stream: what it paid before stays its. */
static const char *created_again(struct stream_fold *fold,
				 const struct event *event,
				 const struct place *at)
{
	struct stream_row *row = &fold->row;

	if (!(event->traits & TRAIT_IDS_RETURN) ||
	    (row->status != STREAM_PAUSED && row->status != STREAM_CANCELLED))
		return "a stream with this id was already created";
	if (!address_eq(&event->worker, &row->worker_wallet) ||
	    !address_eq(&event->platform, &row->platform_wallet))
		return "its id comes again for others than before";
	if (!u256_add(&row->total, &row->total, &event->amount))
		return "its total exceeds 256 bits";
	row->status = STREAM_ACTIVE;
	row->paused_at = 0;
	row->cancelled_at = 0;
	fold->interval_from = at->block_time;
	return NULL;
}

/* Where it ends; 0: nobody says, or no timestamp can hold it. */
static int64_t end_of(const struct event *event, int64_t start)
{
	if (event->traits & TRAIT_OPEN_ENDED)
		return 0;
	return u256_is_zero(&event->end) ? later(start, &event->duration)
					 : later(0, &event->end);
}

static const char *created(struct stream_fold *fold, const struct event *event,
			   const struct address *contract,
			   const struct place *at)
{
	int64_t start = u256_is_zero(&event->start) ? at->block_time
						    : later(0, &event->start);
	int64_t end = end_of(event, start);

	if (fold->exists)
		return created_again(fold, event, at);
	if (start == 0 && !u256_is_zero(&event->start))
		return "no timestamp can hold the stream's start";
	if (end != 0 && end < start)
		return "the stream ends before it starts";
	*fold = (struct stream_fold){
	    .exists = true,
	    .interval_from = start,
	    .row =
		{
		    .contract = *contract,
		    .contract_stream_id = event->id,
		    .worker_wallet = event->worker,
		    .platform_wallet = event->platform,
		    .total = event->amount,
		    .start_time = start,
		    .end_time = end,
		    .release_interval = event->release_interval,
		    .status = STREAM_ACTIVE,
		},
	};
	return NULL;
}

/* An event need not name its worker. */
static bool other_worker(const struct stream_fold *fold,
			 const struct event *event)
{
	return !address_is_zero(&event->worker) &&
	       !address_eq(&event->worker, &fold->row.worker_wallet);
}

static const char *released(struct stream_fold *fold, const struct event *event,
			    const struct place *at)
{
	struct stream_row *row = &fold->row;
	struct u256 sum;

	if (other_worker(fold, event))
		return "a release to another worker than the stream's";
	if (row->status != STREAM_ACTIVE &&
	    !(fold->release_due && hash_eq(&fold->due_in, &at->tx_hash)))
		return "a release from a stream that is not active";
	if (!u256_add(&sum, &row->released, &event->amount) ||
	    u256_cmp(&sum, &event->total_released) != 0)
		return "the releases before it do not add up to its total";
	if (u256_cmp(&sum, &row->total) > 0)
		return "more would be released than the stream's total";
	if (fold->release_due && u256_cmp(&sum, &fold->due_total) != 0)
		return "its total differs from that of StreamCompleted";
	row->released = sum;
	fold->release_due = false;
	fold->interval_from = at->block_time;
	return NULL;
}

/* TRAIT_CLAIMS_RELEASE: lets the stream have released as much as `sum`. */
static const char *release_by_claim(struct stream_fold *fold,
				    const struct event *event,
				    const struct u256 *sum,
				    const struct place *at)
{
	struct stream_row *row = &fold->row;
	bool open = event->traits & TRAIT_OPEN_ENDED;
	struct u256 most = minus(&row->total, &row->refunded);

	if (open && !u256_add(&row->total, sum, &row->refunded))
		return "its total exceeds 256 bits";
	if (!open && u256_cmp(sum, &most) > 0)
		return "more would be claimed than the stream's total";
	row->released = *sum;
	if (!open && u256_cmp(sum, &most) == 0) {
		row->status = STREAM_COMPLETED;
		row->completed_at = at->block_time;
	}
	return NULL;
}

static const char *claimed(struct stream_fold *fold, const struct event *event,
			   const struct place *at)
{
	struct stream_row *row = &fold->row;
	const char *why = NULL;
	struct u256 sum;

	if (other_worker(fold, event))
		return "a claim by another worker than the stream's";
	if (row->status == STREAM_CANCELLED &&
	    !(event->traits & TRAIT_CLAIMS_AFTER_CANCEL))
		return "a claim from a stream that is cancelled";
	if (!u256_add(&sum, &row->claimed, &event->amount))
		return "more would be claimed than 256 bits can hold";
	if (event->traits & TRAIT_CLAIMS_RELEASE &&
	    row->status != STREAM_CANCELLED)
		why = release_by_claim(fold, event, &sum, at);
	else if (u256_cmp(&sum, &row->released) > 0)
		why = "more would be claimed than was released";
	if (!why)
		row->claimed = sum;
	return why;
}

static const char *paused(struct stream_fold *fold, const struct place *at)
{
	if (fold->row.status != STREAM_ACTIVE)
		return "a pause of a stream that is not active";
	fold->row.status = STREAM_PAUSED;
	fold->row.paused_at = at->block_time;
	return NULL;
}

static const char *resumed(struct stream_fold *fold, const struct place *at)
{
	if (fold->row.status != STREAM_PAUSED)
		return "a resumption of a stream that is not paused";
	fold->row.status = STREAM_ACTIVE;
	fold->row.paused_at = 0;
	fold->interval_from = at->block_time;
	return NULL;
}

/* The worker's part, released - claimed, is paid out without an event of its
 * own; or it stays, and is all that is not refunded. */
static const char *cancelled(struct stream_fold *fold,
			     const struct event *event, const struct place *at)
{
	struct stream_row *row = &fold->row;
	bool stays = event->traits & TRAIT_CLAIMS_AFTER_CANCEL;
	struct u256 refund = left(row);
	int more = u256_cmp(&event->amount, &refund);

	if (row->status != STREAM_ACTIVE && row->status != STREAM_PAUSED)
		return "a cancellation of a stream that has ended";
	if (stays ? more > 0 : more != 0)
		return "its refund is not what was left to release";
	if (!u256_add(&row->refunded, &row->refunded, &event->amount))
		return "its refunds exceed 256 bits";
	if (stays)
		row->released = minus(&row->total, &row->refunded);
	else
		row->claimed = row->released;
	row->status = STREAM_CANCELLED;
	row->cancelled_at = at->block_time;
	return NULL;
}

static const char *completed(struct stream_fold *fold,
			     const struct event *event, const struct place *at)
{
	struct stream_row *row = &fold->row;

	if (row->status != STREAM_ACTIVE)
		return "a completion of a stream that is not active";
	if (u256_cmp(&event->amount, &row->total) > 0)
		return "more would be paid than the stream's total";
	if (u256_cmp(&event->amount, &row->released) < 0)
		return "less would be paid than was already released";
	row->status = STREAM_COMPLETED;
	row->completed_at = at->block_time;
	fold->release_due = true;
	fold->due_in = at->tx_hash;
	fold->due_total = event->amount;
	return NULL;
}

static const char *recipient_changed(struct stream_fold *fold,
				     const struct event *event)
{
	if (!address_is_zero(&event->from) &&
	    !address_eq(&event->from, &fold->row.worker_wallet))
		return "it takes the stream from somebody who is not its "
		       "worker";
	fold->row.worker_wallet = event->to;
	return NULL;
}

/* An event of a stream that exists. */
static const char *step(struct stream_fold *fold, const struct event *event,
			const struct place *at)
{
	switch (event->kind) {
	case EVENT_PAYMENT_RELEASED:
		return released(fold, event, at);
	case EVENT_EARNINGS_CLAIMED:
		return claimed(fold, event, at);
	case EVENT_STREAM_PAUSED:
		return paused(fold, at);
	case EVENT_STREAM_RESUMED:
		return resumed(fold, at);
	case EVENT_STREAM_CANCELLED:
		return cancelled(fold, event, at);
	case EVENT_STREAM_COMPLETED:
		return completed(fold, event, at);
	case EVENT_RECIPIENT_CHANGED:
		return recipient_changed(fold, event);
	default:
		return "not an event of a stream";
	}
}

const char *stream_fold_apply(struct stream_fold *fold,
			      const struct event *event,
			      const struct address *contract,
			      const struct place *at)
{
	struct stream_row *row = &fold->row;
	const char *why;

	if (event->kind == EVENT_STREAM_CREATED)
		why = created(fold, event, contract, at);
	else if (!fold->exists && event->kind == EVENT_RECIPIENT_CHANGED)
		return NULL; /* of a stream in another token, which is not ours */
	else if (!fold->exists)
		why = "nobody saw this stream created";
	else
		why = step(fold, event, at);
	if (why)
		return why;
	row->next_release_at = 0;
	if (row->status == STREAM_ACTIVE && row->end_time &&
	    !(event->traits & TRAIT_CLAIMS_RELEASE))
		row->next_release_at =
		    later(fold->interval_from, &row->release_interval);
	return NULL;
}

const char *stream_fold_remark(const struct stream_fold *fold,
			       const struct event *event)
{
	if (event->kind == EVENT_STREAM_CREATED && !fold->row.end_time &&
	    !(event->traits & TRAIT_OPEN_ENDED))
		return "no timestamp can hold the stream's end";
	return NULL;
}
