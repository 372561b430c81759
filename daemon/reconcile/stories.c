#include "daemon/reconcile/stories.h"

#include <stdlib.h>

#include "daemon/reconcile/loans.h"
#include "daemon/reconcile/streams.h"

struct step {
	struct step *next;
	int from, to; /* as in struct transition_row */
	const char *event;
	const struct place *at;
};

/* A mention of a stream or a loan: by a stored row, or by an event. */
struct mention {
	struct object_ref ref;
	enum subject subject;
	const struct stream_row *stream; /* stored */
	const struct loan_row *loan;	 /* stored */
	size_t event;			 /* where neither is set */
};

static bool is_stored(const struct mention *mention)
{
	return mention->stream || mention->loan;
}

/* By stream or loan; a stored row before the events. (A contract has either
 * streams or loans.) */
static int mention_cmp(const void *a, const void *b)
{
	const struct mention *x = a, *y = b;
	int c = object_cmp(&x->ref, &y->ref);

	return c ? c : is_stored(y) - is_stored(x);
}

/* False: what it is about has no row that is a fold. */
static bool subject_of(enum subject *out, const struct event_row *row)
{
	enum event_family family = event_family((enum event_kind)row->kind);

	if (family != FAMILY_STREAMS && family != FAMILY_LOANS)
		return false;
	*out = family == FAMILY_LOANS ? SUBJECT_LOAN : SUBJECT_STREAM;
	return true;
}

/* All of them, sorted; *n of them. NULL: out of memory. */
static struct mention *mentions_new(struct arena *arena,
				    const struct reconcile_input *in, size_t *n)
{
	struct mention *all = ARENA_ARRAY(
	    arena, struct mention, in->n_events + in->n_streams + in->n_loans);
	struct mention *next = all;

	if (!all)
		return NULL;
	for (size_t i = 0; i < in->n_events; i++) {
		const struct event_row *row = &in->events[i];

		next->ref = (struct object_ref){row->contract, row->subject};
		next->event = i;
		next += subject_of(&next->subject, row);
	}
	for (size_t i = 0; i < in->n_streams; i++)
		*next++ = (struct mention){
		    .ref = {in->streams[i].contract,
			    in->streams[i].contract_stream_id},
		    .subject = SUBJECT_STREAM,
		    .stream = &in->streams[i],
		};
	for (size_t i = 0; i < in->n_loans; i++)
		*next++ = (struct mention){
		    .ref = {in->loans[i].contract,
			    in->loans[i].contract_loan_id},
		    .subject = SUBJECT_LOAN,
		    .loan = &in->loans[i],
		};
	*n = (size_t)(next - all);
	if (*n)
		qsort(all, *n, sizeof(*all), mention_cmp);
	return all;
}

enum err stories_init(struct stories *stories, struct arena *arena,
		      const struct reconcile_input *in, struct fault *fault)
{
	size_t n = 0;
	struct mention *mentions = mentions_new(arena, in, &n);
	struct stories s = {
	    .all = ARENA_ARRAY(arena, struct story, n),
	    .of_event = ARENA_ARRAY(arena, struct story *, in->n_events),
	};

	if (!mentions || !s.all || !s.of_event)
		return ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const struct mention *m = &mentions[i];
		bool first = i == 0 || object_cmp(&m[-1].ref, &m->ref) != 0;
		struct story *story = &s.all[first ? s.n++ : s.n - 1];

		if (is_stored(m) && !first)
			return fault_set(fault, ERR_BUG,
					 "a stream or a loan was loaded twice");
		if (first) {
			story->subject = m->subject;
			story->stored_stream = m->stream;
			story->stored_loan = m->loan;
		}
		if (!is_stored(m))
			s.of_event[m->event] = story;
	}
	*stories = s;
	return OK;
}

bool story_exists(const struct story *story)
{
	return story->subject == SUBJECT_LOAN ? story->loan.exists
					      : story->stream.exists;
}

static int status_of(const struct story *story)
{
	if (!story_exists(story))
		return -1;
	return story->subject == SUBJECT_LOAN ? (int)story->loan.row.status
					      : (int)story->stream.row.status;
}

static int stored_status(const struct story *story)
{
	if (story->stored_loan)
		return story->stored_loan->status;
	return story->stored_stream ? (int)story->stored_stream->status : -1;
}

static bool is_as_stored(const struct story *story)
{
	if (story->stored_loan)
		return loan_same_facts(&story->loan.row, story->stored_loan);
	return story->stored_stream &&
	       stream_same_facts(&story->stream.row, story->stored_stream);
}

static enum err add_step(struct story *story, struct arena *arena, int from,
			 const struct event_row *row)
{
	struct step *step = ARENA_NEW(arena, struct step);

	if (!step)
		return ERR_NOMEM;
	step->from = from;
	step->to = status_of(story);
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
	int before = status_of(story);
	enum err err = OK;

	if (story->subject == SUBJECT_LOAN)
		*why = loan_fold_apply(&story->loan, event, &row->contract,
				       &row->at);
	else
		*why = stream_fold_apply(&story->stream, event, &row->contract,
					 &row->at);
	if (*why)
		return OK;
	if (status_of(story) != before)
		err = add_step(story, arena, before, row);
	if (is_as_stored(story)) {
		story->met = true;
		story->first = story->last = NULL;
	}
	return err;
}

enum err story_tell(const struct story *story, struct output *out, size_t row,
		    int status, const char *reason)
{
	bool known = stored_status(story) < 0 || story->met;
	struct transition_row t = {.subject = story->subject,
				   .row = row,
				   .from = stored_status(story)};
	enum err err = OK;

	for (const struct step *s = story->first; s && err == OK; s = s->next) {
		if (!known && s->next)
			continue;
		t.to = known ? s->to : status;
		t.reason = reason ? reason : s->event;
		if (known || !reason) {
			t.block_number = s->at->block_number;
			t.block_time = s->at->block_time;
		}
		if (t.from != t.to)
			err = output_transition(out, &t);
		t.from = t.to;
	}
	if (err != OK || t.from == status)
		return err;
	/* What no event says: an ending that is a matter of time. */
	t.to = status;
	t.reason = "final";
	return output_transition(out, &t);
}

enum err story_tell_gone(const struct story *story, struct output *out,
			 size_t row, const char *reason)
{
	const struct transition_row transition = {
	    .subject = story->subject,
	    .row = row,
	    .from = stored_status(story),
	    .to = -1,
	    .reason = reason ? reason : "reorg",
	};

	return output_transition(out, &transition);
}
