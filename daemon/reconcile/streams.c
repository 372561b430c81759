#include "daemon/reconcile/streams.h"

bool stream_same_facts(const struct stream_row *a, const struct stream_row *b)
{
	return address_eq(&a->worker_wallet, &b->worker_wallet) &&
	       address_eq(&a->platform_wallet, &b->platform_wallet) &&
	       u256_cmp(&a->total, &b->total) == 0 &&
	       u256_cmp(&a->released, &b->released) == 0 &&
	       u256_cmp(&a->claimed, &b->claimed) == 0 &&
	       u256_cmp(&a->refunded, &b->refunded) == 0 &&
	       u256_cmp(&a->release_interval, &b->release_interval) == 0 &&
	       a->start_time == b->start_time && a->end_time == b->end_time &&
	       a->next_release_at == b->next_release_at &&
	       a->status == b->status && a->paused_at == b->paused_at &&
	       a->completed_at == b->completed_at &&
	       a->cancelled_at == b->cancelled_at;
}

static enum err go(const struct story *story, struct output *out,
		   const char *reason)
{
	size_t index = out->changes.n_gone_streams;
	enum err err = output_gone_stream(out, story->stored_stream);

	return err == OK ? story_tell_gone(story, out, index, reason) : err;
}

/* Whose it is. A wallet that nobody has now is still whose it was. */
static void link_parties(struct stream_row *row,
			 const struct stream_row *stored,
			 const struct known_parties *parties)
{
	row->worker_id = known_worker(parties, &row->worker_wallet);
	row->platform_id = known_platform(parties, &row->platform_wallet);
	if (stored && address_eq(&stored->worker_wallet, &row->worker_wallet))
		known_keep(&row->worker_id, &stored->worker_id);
	if (stored &&
	    address_eq(&stored->platform_wallet, &row->platform_wallet))
		known_keep(&row->platform_id, &stored->platform_id);
}

enum err stream_settle(struct story *story, struct output *out,
		       const struct known_parties *parties, const char *reason,
		       uint64_t now_ms)
{
	const struct stream_row *stored = story->stored_stream;
	struct stream_row *row = &story->stream.row;
	size_t index = out->changes.n_streams;
	enum err err = OK;

	if (!story->stream.exists)
		return stored ? go(story, out, reason) : OK;
	link_parties(row, stored, parties);
	if (stored) {
		row->id = stored->id;
		if (stream_same_facts(row, stored) &&
		    uuid_eq(&row->worker_id, &stored->worker_id) &&
		    uuid_eq(&row->platform_id, &stored->platform_id))
			return OK;
	} else {
		err = uuid_v7(&row->id, now_ms);
	}
	if (err == OK)
		err = output_stream(out, row, !stored);
	return err == OK ? story_tell(story, out, index, row->status, reason)
			 : err;
}
