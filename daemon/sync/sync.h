#ifndef GS_DAEMON_SYNC_SYNC_H
#define GS_DAEMON_SYNC_SYNC_H

#include "common/buf.h"
#include "common/log.h"
#include "config/config.h"
#include "contracts-abi/catalog.h"
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/* The one state machine that brings the chain into the database, for `run`
 * (it leads: catches up, follows the head, does the jobs) and for `backfill`
 * (it does one range and ends), `reorg accept`, `rebuild` and `quarantine
 * retry`. */
struct sync;

enum sync_mode {
	SYNC_RUN,      /* until stopped */
	SYNC_BACKFILL, /* one range; handed to the leader where there is one */
	SYNC_DRY_RUN,  /* one range; reads and compares, writes nothing */
	SYNC_ACCEPT,   /* an operator's word on a reorg that is too deep; handed
			  to the leader where there is one */
	SYNC_DERIVE, /* a rebuild, or a retry of what is in quarantine: asks no
			node; handed to the leader where there is one */
};

/* Where a range ends: at a number, or at what the node calls so. */
enum sync_end { END_NUMBER, END_LATEST, END_FINALIZED };

/* Whether a backfill into an empty database leaves out the indexes that only
 * readers use, and builds them at its end; AUTO: where the range is long. */
enum sync_defer { DEFER_AUTO, DEFER_YES, DEFER_NO };

struct actor;
struct job_row;
struct reorg_word;

struct sync_options {
	enum sync_mode mode;
	uint64_t from, to;	       /* BACKFILL and DRY_RUN, both included */
	enum sync_end end;	       /* `to` counts only with END_NUMBER */
	bool rescan;		       /* read again what is covered already */
	enum sync_defer defer_indexes; /* BACKFILL */
	struct {		       /* ACCEPT */
		uint64_t to;
		struct hash hash;
		const struct actor *actor;
	} accept;
	struct {		     /* DERIVE */
		bool retry;	     /* else: rebuild */
		const uint64_t *ids; /* of what to retry; none: all */
		size_t n_ids;
	} derive;
};

/* What a backfill has done so far. */
struct sync_progress {
	uint64_t from, to; /* the range, known after the first check */
	uint64_t blocks;   /* of it that are behind us, covered ones too */
	uint64_t logs, events;
	uint64_t transactions_inserted, transactions_updated;
	uint64_t streams_inserted, streams_updated;
	uint64_t quarantined;
	uint64_t differences; /* DRY_RUN: facts and rows that would change */
	const char *verified_by;
	bool by_leader; /* another process does the work; only blocks count */
};

/* The events of the configured contracts. The caller frees it. */
enum err sync_catalog(struct catalog **out, const struct config *config,
		      struct fault *fault) MUST_CHECK;

struct metrics;

/* What the process around it wants to know. Called on the loop. */
struct sync_observer {
	void *arg;
	/* The first check of node and database has passed. */
	void (*ready)(void *arg);
	/* A sentence for STATUS=: where it is. */
	void (*status)(void *arg, const char *text);
	/* BACKFILL and DRY_RUN: after each batch. */
	void (*progress)(void *arg, const struct sync_progress *progress);
	/* ACCEPT: what became of the word; `ended` follows. */
	void (*word)(void *arg, const struct reorg_word *word);
	/* DERIVE: how far it is. */
	void (*job)(void *arg, const struct job_row *job, bool finished);
	/* It has stopped by itself: err is OK when the range is done; fault
	 * says why else (ERR_USAGE: the configuration contradicts the chain).
	 * sync_close is still to be called. */
	void (*ended)(void *arg, enum err err, const struct fault *fault);
};

/* Starts at once. Borrows all it is given for its life; metrics may be NULL. */
enum err sync_new(struct sync **out, uv_loop_t *loop,
		  const struct config *config,
		  const struct sync_options *options,
		  const struct logger *logger, struct metrics *metrics,
		  const struct sync_observer *observer,
		  struct fault *fault) MUST_CHECK;

/* The endpoints of config from now on, of which it keeps nothing; questions under
 * way go on. On failure nothing has changed. */
enum err sync_set_endpoints(struct sync *sync, const struct config *config,
			    struct fault *fault) MUST_CHECK;

/* Finishes or rolls back the batch in hand, gives the lease back, releases
 * everything, then calls closed(arg). At most 5 seconds. */
void sync_close(struct sync *sync, void (*closed)(void *arg), void *arg);

/* Whether it writes now: it leads, and is not halted. */
bool sync_leads(const struct sync *sync);
/* What it asks the nodes with, for what is done beside it: until sync_close. */
struct source *sync_source(const struct sync *sync);

/* For /readyz and /status; never block. */
struct health;
void sync_health(const struct sync *sync, struct health *out);
void sync_status(const struct sync *sync, struct buf *json);

#endif
