#ifndef GS_DAEMON_RECONCILE_STREAM_FOLD_H
#define GS_DAEMON_RECONCILE_STREAM_FOLD_H

#include "contracts-abi/catalog.h"
#include "db/rows.h"

/* A stream is the fold of all its events, in (block, log index) order.
 *
 *   active <-> paused
 *   active --> completed           (StreamCompleted, with the last release)
 *   active | paused --> cancelled  (StreamCancelled)
 *
 * What holds after every event: claimed <= released <= total; refunded is 0
 * or, once cancelled, total - released; so that claimed + refunded + what the
 * contract still holds = total.
 *
 * A contract may differ (enum contract_trait): its claims release, and the last
 * completes; its total grows; its workers claim after a cancellation; its ids
 * come again, which lets a paused or cancelled stream go on. */

/* The last second PostgreSQL's timestamptz can hold: 294276-12-31 23:59:59
 * UTC (datatype/timestamp.h, END_TIMESTAMP). */
#define TIMESTAMP_MAX INT64_C(9224318015999)

/* Zero-initialise. */
struct stream_fold {
	bool exists;	       /* a StreamCreated was seen */
	struct stream_row row; /* id and links are left nil */
	int64_t interval_from; /* when the running release interval began */
	/* StreamCompleted precedes its PaymentReleased: the one that is still
	 * due, in that transaction, to this total. */
	bool release_due;
	struct hash due_in;
	struct u256 due_total;
};

/* Applies an event of this stream. NULL: done. Else why it contradicts what
 * stands (a sentence that lives forever), and the fold is untouched. */
const char *stream_fold_apply(struct stream_fold *fold,
			      const struct event *event,
			      const struct address *contract,
			      const struct place *at) MUST_CHECK;

/* What is odd about an event that was just applied: its stream is in the
 * books, but they cannot say all of it. NULL: nothing. */
const char *stream_fold_remark(const struct stream_fold *fold,
			       const struct event *event);

/* What is released and not claimed yet; total - claimed - refunded is what the
 * contract holds. */
struct u256 stream_fold_unclaimed(const struct stream_fold *fold);

#endif
