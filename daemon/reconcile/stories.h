#ifndef GS_DAEMON_RECONCILE_STORIES_H
#define GS_DAEMON_RECONCILE_STORIES_H

#include "daemon/reconcile/loan_fold.h"
#include "daemon/reconcile/output.h"
#include "daemon/reconcile/reconcile.h"
#include "daemon/reconcile/stream_fold.h"

/* The streams and loans of one run: each one's fold beside the row that the
 * database has, and its status changes since. */

struct step; /* a status change on the way */

struct story {
	enum subject subject; /* SUBJECT_STREAM or SUBJECT_LOAN */
	union {
		struct stream_fold stream;
		struct loan_fold loan;
	};
	/* The one of its kind; NULL: not in the database. */
	const struct stream_row *stored_stream;
	const struct loan_row *stored_loan;
	/* The facts so far said exactly what is stored: what follows is new. */
	bool met;
	struct step *first, *last; /* status changes since then */
};

struct stories {
	struct story *all;
	size_t n;
	/* one for each of the input's events; NULL: it is of no stream or loan */
	struct story **of_event;
};

/* One story for each stream and loan that the events or the stored rows name.
 * ERR_NOMEM, or ERR_BUG where one is stored twice. */
enum err stories_init(struct stories *stories, struct arena *arena,
		      const struct reconcile_input *in,
		      struct fault *fault) MUST_CHECK;

/* Applies one event, in order. *why as the folds return it. ERR_NOMEM. */
enum err story_apply(struct story *story, struct arena *arena,
		     const struct event_row *row, const struct event *event,
		     const char **why) MUST_CHECK;

/* Its creation was seen. */
bool story_exists(const struct story *story);

/* Puts out the transitions of the story whose row, at index `row` of the change
 * set, now has this status: each status change since the stored row where the
 * facts grew at their end; else (facts came late, or went) the difference
 * alone. reason: as in struct reconcile_input. ERR_NOMEM. */
enum err story_tell(const struct story *story, struct output *out, size_t row,
		    int status, const char *reason) MUST_CHECK;
/* The same for one whose facts are gone, and whose row goes. */
enum err story_tell_gone(const struct story *story, struct output *out,
			 size_t row, const char *reason) MUST_CHECK;

#endif
