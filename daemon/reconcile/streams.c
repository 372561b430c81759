#include "daemon/reconcile/streams.h"

#include <stdlib.h>

struct step {
	struct step *next;
	int from, to; /* as in struct transition_row */
	const char *event;
	const struct place *at;
};

/* A mention of a stream: by a stored row, or (stored is NULL) an event. */
struct mention {
	const struct address *contract;
	const struct u256 *id;
	const struct stream_row *stored;
	size_t event;
};

/* By stream; a stored row before the events. */
static int mention_cmp(const void *a, const void *b)
{
	const struct mention *x = a, *y = b;
	int c = address_cmp(x->contract, y->contract);

	if (c == 0)
		c = u256_cmp(x->id, y->id);
	if (c == 0)
		c = (x->stored == NULL) - (y->stored == NULL);
	return c;
}

static bool same_stream(const struct mention *a, const struct mention *b)
{
	return address_eq(a->contract, b->contract) &&
	       u256_cmp(a->id, b->id) == 0;
}

static struct mention *mentions_new(struct arena *arena,
				    const struct reconcile_input *in, size_t *n)
{
	struct mention *all =
	    ARENA_ARRAY(arena, struct mention, in->n_events + in->n_streams);
	struct mention *next = all;

	if (!all)
		return NULL;
	for (size_t i = 0; i < in->n_events; i++)
		if (event_family(in->events[i].kind) == FAMILY_STREAMS)
			*next++ = (struct mention){
			    .contract = &in->events[i].contract,
			    .id = &in->events[i].subject,
			    .event = i,
			};
	for (size_t i = 0; i < in->n_streams; i++)
		*next++ = (struct mention){
		    .contract = &in->streams[i].contract,
		    .id = &in->streams[i].contract_stream_id,
		    .stored = &in->streams[i],
		};
	if (next != all)
		qsort(all, (size_t)(next - all), sizeof(*all), mention_cmp);
	*n = (size_t)(next - all);
	return all;
}

enum err stories_init(struct stories *stories, struct arena *arena,
		      const struct reconcile_input *in, struct fault *fault)
{
	size_t n = in->n_events + in->n_streams;
	size_t n_mentions = 0;
	struct mention *mentions = mentions_new(arena, in, &n_mentions);
	struct stories s = {
	    .all = ARENA_ARRAY(arena, struct story, n),
	    .of_event = ARENA_ARRAY(arena, struct story *, in->n_events),
	};

	if (!mentions || !s.all || !s.of_event)
		return ERR_NOMEM;
	for (size_t i = 0; i < n_mentions; i++) {
		bool first =
		    i == 0 || !same_stream(&mentions[i - 1], &mentions[i]);

		if (first)
			s.n++;
		if (!mentions[i].stored)
			s.of_event[mentions[i].event] = &s.all[s.n - 1];
		else if (first)
			s.all[s.n - 1].stored = mentions[i].stored;
		else
			return fault_set(fault, ERR_BUG,
					 "a stream was loaded twice");
	}
	*stories = s;
	return OK;
}

/* Do the two say the same, ids and links aside? */
static bool same_facts(const struct stream_row *a, const struct stream_row *b)
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

static enum err add_step(struct story *story, struct arena *arena, int from,
			 const struct event_row *row)
{
	struct step *step = ARENA_NEW(arena, struct step);

	if (!step)
		return ERR_NOMEM;
	step->from = from;
	step->to = story->fold.row.status;
	step->event = event_kind_name(row->kind);
	step->at = &row->at;
	if (story->last)
		story->last->next = step;
	else
		story->first = step;
	story->last = step;
	return OK;
}

enum err story_apply(struct story *story, struct arena *arena,
		     const struct event_row *row, const struct event *event,
		     const char **why)
{
	struct fold *fold = &story->fold;
	int before = fold->exists ? (int)fold->row.status : -1;
	enum err err = OK;

	*why = fold_apply(fold, event, &row->contract, &row->at);
	if (*why)
		return OK;
	if ((int)fold->row.status != before)
		err = add_step(story, arena, before, row);
	if (story->stored && same_facts(&fold->row, story->stored)) {
		story->met = true;
		story->first = story->last = NULL;
	}
	return err;
}

static enum err settle_gone(const struct story *story, struct output *out,
			    const char *reason)
{
	struct transition_row transition = {
	    .is_stream = true,
	    .row = out->changes.n_gone,
	    .from = story->stored->status,
	    .to = -1,
	    .reason = reason ? reason : "reorg",
	};
	enum err err = output_gone(out, story->stored);

	return err == OK ? output_transition(out, &transition) : err;
}

/* The transitions of the stream at index row of the change set. */
static enum err tell(const struct story *story, struct output *out, size_t row,
		     const char *reason)
{
	bool known = !story->stored || story->met;
	struct transition_row t = {.is_stream = true, .row = row};
	enum err err = OK;

	for (const struct step *s = story->first; s && err == OK; s = s->next) {
		if (!known && s->next)
			continue;
		t.from = known ? s->from : (int)story->stored->status;
		t.to = known ? s->to : (int)story->fold.row.status;
		t.reason = reason ? reason : s->event;
		if (known || !reason) {
			t.block_number = s->at->block_number;
			t.block_time = s->at->block_time;
		}
		if (t.from != t.to)
			err = output_transition(out, &t);
	}
	return err;
}

static enum err settle(const struct story *story, struct output *out,
		       const struct known_parties *parties, const char *reason,
		       uint64_t now_ms)
{
	const struct stream_row *stored = story->stored;
	struct stream_row row = story->fold.row;
	size_t index = out->changes.n_streams;
	enum err err;

	row.worker_id = known_worker(parties, &row.worker_wallet);
	row.platform_id = known_platform(parties, &row.platform_wallet);
	if (stored) {
		row.id = stored->id;
		if (same_facts(&row, stored) &&
		    uuid_eq(&row.worker_id, &stored->worker_id) &&
		    uuid_eq(&row.platform_id, &stored->platform_id))
			return OK;
	} else {
		err = uuid_v7(&row.id, now_ms);
		if (err != OK)
			return err;
	}
	err = output_stream(out, &row, !stored);
	return err == OK ? tell(story, out, index, reason) : err;
}

enum err stories_settle(const struct stories *stories, struct output *out,
			const struct known_parties *parties, const char *reason,
			uint64_t now_ms)
{
	enum err err = OK;

	for (size_t i = 0; i < stories->n && err == OK; i++) {
		const struct story *story = &stories->all[i];

		if (story->fold.exists)
			err = settle(story, out, parties, reason, now_ms);
		else if (story->stored)
			err = settle_gone(story, out, reason);
	}
	return err;
}
