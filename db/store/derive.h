#ifndef GS_DB_STORE_DERIVE_H
#define GS_DB_STORE_DERIVE_H

#include "db/people/actor.h"
#include "db/store/store.h"

/* What is derived from the facts, derived again: a rebuild, and the retry of
 * what is in quarantine. Both are durable jobs, of pieces that are a database
 * transaction each:
 *
 *   store_begin_piece, or store_held and store_begin   (what is concerned)
 *   reconcile()
 *   store_commit_derived, or store_abandon
 */

/* Adds a rebuild, from the first fact to the newest block; while one is open,
 * that one is it. ERR_MISSING: the chain is not in the database yet. */
enum err store_rebuild_add(struct store *store, store_job_cb cb,
			   void *arg) MUST_CHECK;
/* Adds a retry of these, or (n = 0) of all that are not dropped. ERR_MISSING:
 * there are none. */
enum err store_retry_add(struct store *store, const uint64_t *ids, size_t n,
			 store_job_cb cb, void *arg) MUST_CHECK;
/* Ends a job that cannot be finished. */
enum err store_job_fail(struct store *store, uint64_t id, const char *error,
			store_done_cb cb, void *arg) MUST_CHECK;

/* About so many facts are a piece. */
#define STORE_PIECE_FACTS 2000
/* BEGIN, and load the rebuild's next piece: loaded->piece says what it is.
 * Transactions whose place tells which fact they are have its identity again.
 * contracts: those whose streams and loans must have facts. */
enum err store_begin_piece(struct store *store, struct arena *arena,
			   const struct job_row *job,
			   const struct address *contracts, size_t n_contracts,
			   store_loaded_cb cb, void *arg) MUST_CHECK;

/* Something in quarantine that is to be tried again. */
struct held_row {
	uint64_t id;
	bool malformed; /* else it contradicts */
	struct quarantine_row row;
	bool decoded; /* set by the caller: it is malformed no more */
};
/* So many are a retry's piece. */
#define STORE_RETRY_MOST 500
/* The retry's next ones, none: it is done. stand: its head and final block. */
typedef void (*store_held_cb)(void *arg, enum err err,
			      const struct fault *fault, struct held_row *held,
			      size_t n, const struct piece *stand);
enum err store_held(struct store *store, struct arena *arena, uint64_t job,
		    store_held_cb cb, void *arg) MUST_CHECK;

struct store_derived {
	const struct facts *facts; /* RETRY: new ones; NULL: none */
	/* New rows get the ids of rows that were deleted, as far as
	 * chain.transitions tells them. */
	struct changes *changes;
	/* REBUILD: events whose detail is set, to be compared. */
	const struct event_row *events;
	size_t n_events;
	const struct held_row *held; /* RETRY: what was tried */
	size_t n_held;
	const struct piece *piece; /* reputation of its blocks is published */
	uint64_t job_id;
	uint64_t job_done_to;
	bool job_finished;
	uint64_t term; /* the lease */
	struct uuid holder;
};
/* Writes, counts in the job's tally, checks the lease, commits. derived is
 * borrowed until cb. */
enum err store_commit_derived(struct store *store, struct arena *arena,
			      const struct store_derived *derived,
			      store_done_cb cb, void *arg) MUST_CHECK;

/* The quarantine, for people. text: a JSON array, of at most
 * STORE_LIST_MOST. */
#define STORE_LIST_MOST 1000
enum err store_quarantine_list(struct store *store, uint64_t after,
			       bool with_dropped, store_text_cb cb,
			       void *arg) MUST_CHECK;
/* One row by its id. ERR_MISSING. */
enum err store_quarantine_get(struct store *store, struct arena *arena,
			      uint64_t id, store_held_cb cb,
			      void *arg) MUST_CHECK;
/* It stays, marked, and counts no more. ERR_MISSING: it is not there, or was
 * dropped before. */
enum err store_quarantine_drop(struct store *store, uint64_t id,
			       const char *reason, const struct actor *actor,
			       store_done_cb cb, void *arg) MUST_CHECK;

#endif
