#ifndef GS_DB_STORE_STORE_H
#define GS_DB_STORE_STORE_H

#include "common/arena.h"
#include "db/people/actor.h"
#include "db/pg/pg.h"
#include "db/store/changes.h"
#include "db/store/job.h"

/* One batch in one database transaction: facts, projections, coverage, and the
 * lease checked last. The order of calls is
 *
 *   store_begin  or store_begin_rollback   (BEGIN, load what is concerned)
 *   reconcile()                            (pure, in the daemon)
 *   store_commit or store_abandon
 *
 * Whatever fails leaves the transaction rolled back; the caller redoes the
 * batch. One batch at a time. Borrows pg for its life. */
struct store;
enum err store_new(struct store **out, struct pg *pg,
		   uint64_t chain_id) MUST_CHECK;
void store_free(struct store *store); /* after pg is closed or cancelled */

/* chain.blocks. Blocks without facts are kept only while they are recent. */
struct block_row {
	uint64_t number;
	struct hash hash, parent_hash;
	int64_t timestamp;
	bool has_facts;
};

/* What the chain said. Inserting a fact that stands already changes nothing;
 * one that was orphaned stands again. */
struct facts {
	struct block_row *blocks;
	size_t n_blocks;
	struct event_row *events;
	size_t n_events;
	struct transfer_row *transfers;
	size_t n_transfers;
	struct quarantine_row *malformed; /* logs that do not decode */
	size_t n_malformed;
};

/* What a rebuild takes at a time: the facts of these blocks, or what no fact
 * explains. */
struct piece {
	uint64_t from, to;
	bool strays; /* of no block: what is left when all facts are done */
	bool last;   /* there are none: all is done */
	uint64_t head;
	bool has_finalized;
	uint64_t finalized;
};

/* What the database knows that concerns these facts: closed as
 * daemon/reconcile/reconcile.h demands. Lives in the arena of the call. */
struct loaded {
	/* stored facts that stand, those of the new ones that are stored
	 * already among them */
	struct event_row *events;
	size_t n_events;
	struct transfer_row *transfers;
	size_t n_transfers;
	struct stream_row *streams;
	size_t n_streams;
	struct loan_row *loans;
	size_t n_loans;
	struct transaction_row *transactions;
	size_t n_transactions;
	struct party_row *parties; /* of all wallets in facts and rows */
	size_t n_parties;
	struct quarantine_row *quarantined;
	size_t n_quarantined;
	struct piece piece; /* by store_begin_piece() */
};
typedef void (*store_loaded_cb)(void *arg, enum err err,
				const struct fault *fault,
				struct loaded *loaded);

/* BEGIN, and load what the new facts concern. */
enum err store_begin(struct store *store, struct arena *arena,
		     const struct facts *facts, store_loaded_cb cb,
		     void *arg) MUST_CHECK;
struct reorg_word;
/* BEGIN, mark every fact above block `ancestor` orphaned, take block and log
 * index from transactions that stood there, and load what lost facts. word:
 * whose ancestor it is, NULL: nobody's; ERR_CONFLICT when it is settled. */
enum err store_begin_rollback(struct store *store, struct arena *arena,
			      uint64_t ancestor, const struct reorg_word *word,
			      store_loaded_cb cb, void *arg) MUST_CHECK;

/* BEGIN, take new intents up (what has a hash was sent), and load what the chain
 * has that may be them. Those beyond a thousand wait for the next time. */
enum err store_begin_intents(struct store *store, struct arena *arena,
			     store_loaded_cb cb, void *arg) MUST_CHECK;

/* A transaction that is submitted and in no block: an application has sent it,
 * or a reorg took it out of the chain. */
struct awaited_row {
	struct uuid id;
	struct hash tx_hash;
	bool is_open; /* an intent that was in no block yet; else by a reorg */
	bool has_sender; /* known once a node had it */
	struct address sender;
	uint64_t nonce;
	uint64_t age; /* seconds since a node had it, or it lost its block */
	/* Set by the caller: */
	bool seen;	     /* a node has it; sender and nonce are set */
	const char *verdict; /* why it has failed; NULL: it has not */
	uint64_t block;	     /* of "mismatch": the one it is in */
};
/* By id, those above `after` (nil: from the first); fewer than this: the last. */
#define STORE_AWAITED_MOST 100
typedef void (*store_awaited_cb)(void *arg, enum err err,
				 const struct fault *fault,
				 struct awaited_row *awaited, size_t n);
enum err store_awaited(struct store *store, const struct uuid *after,
		       struct arena *arena, store_awaited_cb cb,
		       void *arg) MUST_CHECK;

/* Wallets that one commit adopts, and so those of one history: few enough that
 * it takes a fraction of a second. */
#define STORE_ADOPT_MOST 10000

struct store_commit {
	const struct facts *facts;     /* NULL: none */
	const struct changes *changes; /* NULL: none */
	/* Coverage: blocks from..to of every source in sources (the contracts),
	 * and of every watched wallet that does not follow them there yet.
	 * verified_by NULL: none. */
	const struct address *sources;
	size_t n_sources;
	uint64_t from, to;
	const char *verified_by;
	/* So many endpoints name block `to` by our hash, and the others of
	 * from..to are linked below it; 0: not asked. */
	unsigned agreed;
	/* A durable job's progress: blocks up to done_to are done; finished
	 * closes it (for a history job: its wallets' coverage is recorded). */
	bool has_job;
	uint64_t job_id;
	uint64_t job_done_to;
	bool job_finished;
	/* A rollback: chain.blocks and coverage above it are cut, and what is
	 * final, where that is above. */
	bool has_ancestor;
	uint64_t ancestor;
	/* Who said so, for the audit, and what is thereby done; NULL: nobody
	 * had to. */
	const struct reorg_word *word;
	/* Those with a verdict fail, unless they are in a block again; of those
	 * seen is remembered when. */
	const struct awaited_row *awaited;
	size_t n_awaited;
	/* The node's head and final block, as of now; transactions at or below
	 * the final block become confirmed. */
	uint64_t head;
	int64_t head_time;
	bool has_finalized;
	uint64_t finalized;
	struct hash finalized_hash; /* zero: by depth */
	unsigned finalized_agreed;  /* endpoints that name it so */
	/* Wallets registered but not watched yet are adopted, up to
	 * STORE_ADOPT_MOST of them: they follow from the block after `tip` on; a
	 * history job owns start_block..tip. Without a tip nothing has been read
	 * yet: no history is missed. adopt_later: none, another commit does. */
	bool adopt_later;
	bool has_tip;
	uint64_t tip;
	uint64_t start_block;
	/* The lease this writer holds. */
	uint64_t term;
	struct uuid holder;
};

struct store_done {
	size_t transactions_inserted, transactions_updated;
	size_t streams_inserted, streams_updated;
	size_t confirmed[TRANSACTION_TYPES]; /* by the final block's advance */
	/* Reputation events whose score is not what their points come to. */
	uint64_t reputation_differences;
	struct address *adopted; /* wallets watched from now on; in the arena */
	size_t n_adopted;
};
typedef void (*store_done_cb)(void *arg, enum err err,
			      const struct fault *fault,
			      const struct store_done *done);
/* Writes, checks the lease (ERR_LEASE_LOST), commits. After store_begin*, or
 * on its own (it then begins itself) where there are no facts. commit and what it
 * points to must live until the callback. */
enum err store_commit(struct store *store, struct arena *arena,
		      const struct store_commit *commit, store_done_cb cb,
		      void *arg) MUST_CHECK;
/* For a dry run, between store_begin and store_abandon: how many facts stand in
 * the blocks from..to. */
typedef void (*store_count_cb)(void *arg, enum err err,
			       const struct fault *fault, uint64_t n);
enum err store_count_facts(struct store *store, uint64_t from, uint64_t to,
			   store_count_cb cb, void *arg) MUST_CHECK;
/* ROLLBACK: for a dry run, and after reconcile failed. */
enum err store_abandon(struct store *store, store_done_cb cb,
		       void *arg) MUST_CHECK;

/* The lease: who writes. Free when it was released, when it has expired, or
 * when the backend that took it is gone (which behind a pooler nobody knows). */
struct lease {
	bool held;
	uint64_t term;
	char owner[128];	   /* who has it, when not held */
	uint64_t deferred_indexes; /* that are to be built: see below */
};
typedef void (*store_lease_cb)(void *arg, enum err err,
			       const struct fault *fault,
			       const struct lease *lease);
/* Takes or renews it; whoever takes over ends the backend that blocks it. */
enum err store_lease(struct store *store, const struct uuid *holder,
		     const char *owner, unsigned ttl_ms, store_lease_cb cb,
		     void *arg) MUST_CHECK;
enum err store_lease_release(struct store *store, const struct uuid *holder,
			     store_done_cb cb, void *arg) MUST_CHECK;
/* Renews it without a commit, and says why there are none (NULL: there will
 * be). ERR_LEASE_LOST. */
enum err store_lease_halt(struct store *store, const struct uuid *holder,
			  uint64_t term, const char *why, store_done_cb cb,
			  void *arg) MUST_CHECK;

/* Indexes that nobody but readers uses, while a database is filled
 * (db/migrations/0026_deferral.sql). Drops them where nothing is stored yet; n:
 * how many are missing now. */
enum err store_defer_indexes(struct store *store, store_count_cb cb,
			     void *arg) MUST_CHECK;
/* Builds one of them, which may take hours; n: how many are missing then. The
 * lease is to be renewed meanwhile, on another connection. */
enum err store_restore_index(struct store *store, store_count_cb cb,
			     void *arg) MUST_CHECK;

/* What a writer needs to go on where the last one stopped. */
struct range {
	uint64_t from, to;
};
struct resume {
	bool known; /* chain.chains has this chain: the next four are set */
	struct hash genesis_hash;
	uint64_t start_block;
	struct hash start_hash;
	bool has_finalized;
	uint64_t finalized;
	struct block_row *blocks; /* recent ones, ascending */
	size_t n_blocks;
	struct range *covered; /* by every one of the sources asked for */
	size_t n_covered;
};
typedef void (*store_resume_cb)(void *arg, enum err err,
				const struct fault *fault,
				const struct resume *resume);
enum err store_resume(struct store *store, struct arena *arena,
		      const struct address *sources, size_t n_sources,
		      store_resume_cb cb, void *arg) MUST_CHECK;
/* The wallets that are registered, or were, page by page: those after `after`,
 * which is the zero address at first, ascending; none: that was all. */
typedef void (*store_wallets_cb)(void *arg, enum err err,
				 const struct fault *fault,
				 const struct address *wallets, size_t n);
enum err store_wallets(struct store *store, struct arena *arena,
		       const struct address *after, store_wallets_cb cb,
		       void *arg) MUST_CHECK;
/* Remembers the chain's identity, once. */
enum err store_identify(struct store *store, const struct hash *genesis_hash,
			uint64_t start_block, const struct hash *start_hash,
			store_done_cb cb, void *arg) MUST_CHECK;

/* Durable jobs. A range job equal to an open one is that one. */
typedef void (*store_job_cb)(void *arg, enum err err, const struct fault *fault,
			     const struct job_row *job, bool finished);
enum err store_job_add(struct store *store, uint64_t from, uint64_t to,
		       bool rescan, store_job_cb cb, void *arg) MUST_CHECK;
enum err store_job_get(struct store *store, uint64_t id, store_job_cb cb,
		       void *arg) MUST_CHECK;
/* Open jobs, oldest first, for a leader that looks for new work. */
typedef void (*store_jobs_cb)(void *arg, enum err err,
			      const struct fault *fault,
			      const struct job_row *jobs, size_t n);
enum err store_jobs(struct store *store, struct arena *arena, store_jobs_cb cb,
		    void *arg) MUST_CHECK;
/* The wallets of a history. */
enum err store_job_wallets(struct store *store, struct arena *arena,
			   uint64_t id, store_wallets_cb cb,
			   void *arg) MUST_CHECK;

/* What stands above a block; blocks by their height. */
struct standing {
	uint64_t blocks, events, transfers, transactions;
	uint64_t confirmed; /* of the transactions */
};
/* An operator's word (chain.reorgs): block `to` with this hash is on the chain
 * that survives, and what we have above it may be undone, final or not. */
struct reorg_word {
	uint64_t id;
	uint64_t to;
	struct hash hash;
	char actor[328], request_id[40]; /* as db/people/actor.h has them */
	bool settled, done;		 /* done: undone is what it undid */
	char reason[512];		 /* why not done */
	struct standing undone;
};
typedef void (*store_word_cb)(void *arg, enum err err,
			      const struct fault *fault,
			      const struct reorg_word *word);
/* Adds one, and withdraws those that are open. */
enum err store_reorg_add(struct store *store, uint64_t to,
			 const struct hash *hash, const struct actor *actor,
			 store_word_cb cb, void *arg) MUST_CHECK;
/* ERR_MISSING: there is none. */
enum err store_reorg_get(struct store *store, uint64_t id, store_word_cb cb,
			 void *arg) MUST_CHECK;
/* The newest open one; NULL: there is none. */
enum err store_reorg_open(struct store *store, store_word_cb cb,
			  void *arg) MUST_CHECK;
/* Settles one that is open; others stay as they are. */
enum err store_reorg_refuse(struct store *store, uint64_t id,
			    const char *reason, store_done_cb cb,
			    void *arg) MUST_CHECK;

/* What we know of a block that a reorg may leave as the highest. */
struct reorg_look {
	bool has_hash;
	struct hash hash;
	bool has_below; /* the highest of our blocks not above it */
	struct block_row below;
	bool has_tip;
	uint64_t tip;
	bool has_finalized;
	uint64_t finalized;
	struct standing above;
};
typedef void (*store_look_cb)(void *arg, enum err err,
			      const struct fault *fault,
			      const struct reorg_look *look);
enum err store_reorg_look(struct store *store, uint64_t block, store_look_cb cb,
			  void *arg) MUST_CHECK;
/* One of our blocks strictly between two heights, near the middle, for a search
 * by halves; NULL: there is none. Only its number and hash are set. */
typedef void (*store_block_cb)(void *arg, enum err err,
			       const struct fault *fault,
			       const struct block_row *block);
enum err store_block_between(struct store *store, uint64_t above,
			     uint64_t below, store_block_cb cb,
			     void *arg) MUST_CHECK;

/* The JSON object of `status --json`, from the database alone. sources: the
 * contracts, the token first (a wallet is covered where the token is). */
typedef void (*store_text_cb)(void *arg, enum err err,
			      const struct fault *fault, const char *text);
enum err store_status(struct store *store, const struct address *sources,
		      size_t n_sources, store_text_cb cb, void *arg) MUST_CHECK;

#endif
