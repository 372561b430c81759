#ifndef GS_DAEMON_RECONCILE_STREAMS_H
#define GS_DAEMON_RECONCILE_STREAMS_H

#include "daemon/reconcile/fold.h"
#include "daemon/reconcile/known.h"
#include "daemon/reconcile/output.h"

/* The streams of one run: each one's fold beside the row the database has. */

struct step; /* a status change on the way */

struct story {
	struct fold fold;
	const struct stream_row *stored; /* NULL: not in the database */
	/* The facts so far said exactly what is stored: what follows is new. */
	bool met;
	struct step *first, *last; /* status changes since then */
};

struct stories {
	struct story *all;
	size_t n;
	struct story **of_event; /* one for each of the input's events */
};

/* One story for each stream that the events or the stored rows name. ERR_NOMEM,
 * or ERR_BUG where a stream is stored twice. */
enum err stories_init(struct stories *stories, struct arena *arena,
		      const struct reconcile_input *in,
		      struct fault *fault) MUST_CHECK;

/* Applies one event, in order. *why as fold_apply() returns it. ERR_NOMEM. */
enum err story_apply(struct story *story, struct arena *arena,
		     const struct event_row *row, const struct event *event,
		     const char **why) MUST_CHECK;

/* Puts out what differs from the database, with the transitions: each status
 * change since the stored row where the facts grew at their end; else (facts
 * came late, or went) the difference alone. ERR_NOMEM, or uuid_v7()'s. */
enum err stories_settle(const struct stories *stories, struct output *out,
			const struct known_parties *parties, const char *reason,
			uint64_t now_ms) MUST_CHECK;

#endif
