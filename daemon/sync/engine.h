#ifndef GS_DAEMON_SYNC_ENGINE_H
#define GS_DAEMON_SYNC_ENGINE_H

#include <jansson.h>

#include "chain/follow.h"
#include "chain/source.h"
#include "common/arena.h"
#include "contracts-abi/catalog.h"
#include "daemon/reconcile/reconcile.h"
#include "daemon/sync/beat.h"
#include "daemon/sync/ranges.h"
#include "daemon/sync/sync.h"
#include "daemon/sync/watchlist.h"
#include "db/store/derive.h"

/* The inside of daemon/sync/: one struct, one enum of states, one function that
 * changes the state. Every completion stores its result and calls
 * engine_step(), which does what the state asks for and never nests.
 *
 *         +------------ any failure of the database: WAIT, then -----------+
 *         v                                                                |
 *      CONNECT --> LEAD --> RESUME --> CHECK --> IDLE --> LOAD --> COMMIT --+
 *                   ^                            |  ^     ^          |
 *                   +---- lease lost             |  +-----|----------+
 *                                                |  ^     | an operator's word
 *       PLAN (a backfill, a word) <--> IDLE      +--> HALTED (a reorg too deep)
 *                                                   the node came back to us
 *       LEAD --> RESTORE --> RESUME: indexes are missing (of a backfill: IDLE -->
 *       RESTORE --> ENDED)
 *
 * The node is asked beside the states: the head by its own timer (poll.c), spans
 * ahead of need by the lanes (lane.c). Only IDLE takes something in hand. */

/* X(state, what status says) */
#define SYNC_STATE_MAP(X)                                                        \
	/* No usable connection; nothing is in hand, the lanes are empty. */     \
	X(CONNECT, "waiting for the database")                                   \
	/* Connected, schema current; another process writes. */                 \
	X(LEAD, "waiting to lead")                                               \
	/* The lease is ours; what a backfill left out is built. */              \
	X(RESTORE, "building indexes")                                           \
	/* The lease is ours; reading where the last writer stopped. */          \
	X(RESUME, "reading where the last writer stopped")                       \
	/* The node must be the chain of the database. */                        \
	X(CHECK, "checking the node")                                            \
	/* BACKFILL: its range becomes a durable job. */                         \
	X(PLAN, "planning the range")                                            \
	/* No database transaction is open. */                                   \
	X(IDLE, "following")                                                     \
	/* A transaction is open and has loaded, or is loading. */               \
	X(LOAD, "reconciling")                                                   \
	/* Its writes and COMMIT are under way. */                               \
	X(COMMIT, "committing")                                                  \
	/* The database failed; a timer runs. */                                 \
	X(WAIT, "waiting after a database failure")                              \
	/* A reorg too deep: the node has to come back to our chain, or an     \
	 * operator to say how to go on. The lanes are empty. */ \
	X(HALTED, "halted")                                                      \
	/* The observer has been told; only sync_close comes. */                 \
	X(ENDED, "ended")

enum sync_state {
#define SYNC_STATE_ENUM(name, text) SYNC_##name,
	SYNC_STATE_MAP(SYNC_STATE_ENUM)
#undef SYNC_STATE_ENUM
};

/* Blocks from..to on their way: fetched, then taken in hand, then gone. */
struct batch {
	struct sync *sync;
	struct lane *lane; /* NULL: a rollback or a tick, which fetch nothing */
	uint64_t from, to;
	struct arena *arena;
	struct source_request *request; /* while it is being fetched */
	bool fetched;
	enum err err; /* of the fetch */
	struct fault fault;
	struct span *span;
	uint64_t started; /* uv_hrtime of the fetch, for the span's size */
	uint64_t taken;	  /* uv_hrtime when it was taken in hand */
	/* What the node called final before the fetch began. */
	bool has_final;
	uint64_t final;
	/* Endpoints that name its last block as the span does; 0: not asked. */
	unsigned agreed;
	bool undecided; /* asked, but too few could tell */
	/* In hand: */
	bool rollback;
	bool accepted; /* a rollback by sync->word */
	struct facts facts;
	struct changes changes;
	struct held_row *held; /* of a retry */
	size_t n_held;
	struct piece piece; /* of a rebuild; of a retry, what stands */
	struct store_derived derived;
	uint64_t stored; /* DRY_RUN: facts of it that stand already */
	struct store_commit commit;
};

/* Whether a node can be judged by: see head.c. */
enum node_fitness { NODE_FIT, NODE_BEHIND, NODE_SYNCING };

/* The search for the highest block that our chain and the node's share, by
 * halves: `low` is shared, `high` is not. */
struct fork {
	bool done;	 /* with this high and the node's hash there */
	bool has_shared; /* done: low is it; else there is none */
	uint64_t low, high;
	struct hash low_hash;
	struct block_row asked; /* the block that the node is asked for */
};

/* Ranges of blocks to be fetched ahead and committed in order. Memory is
 * bounded by what a span of several blocks may hold and by what may be ahead in
 * all; only a single block may take more, up to BATCH_CAP bytes. */
#define LANE_DEPTH 4
#define LANE_ENOUGH (16u << 20)
#define SPAN_CAP (24u << 20)
#define BATCH_CAP (256u << 20)
struct lane {
	struct ranges ranges; /* what is still to be started */
	struct batch *queue[LANE_DEPTH];
	size_t n;
	uint64_t blocks_a_span; /* adapts to how long a span takes */
	bool is_known;		/* by the first span: how dense the chain is */
	uint64_t retry_at;	/* uv_now before which nothing is fetched */
	unsigned failures;	/* in a row, of fetches */
};

/* The wallets of a history job, which are read when it is opened. */
struct history {
	struct arena *arena;
	uint64_t job; /* whose they are, or are to be; 0: nobody's */
	bool asked;   /* they are on their way */
	const struct address *wallets;
	size_t n;
};

struct sync {
	uv_loop_t *loop;
	const struct config *config;
	struct sync_options options;
	const struct logger *logger;
	struct metrics *metrics;
	struct sync_observer observer;
	struct catalog *catalog;
	struct source *source;
	struct pg *pg;
	struct store *store;
	struct address *contracts; /* the sources of coverage: token first */
	size_t n_contracts;
	struct reconcile_rules rules;

	enum sync_state state;
	bool stepping;	/* engine_step is running */
	bool again;	/* and was called meanwhile */
	bool announced; /* observer.ready was called */
	bool closing, released;
	void (*closed)(void *arg);
	void *closed_arg;
	unsigned open_handles; /* that sync_close still waits for */
	uv_timer_t wait_timer; /* WAIT, LEAD, CHECK: when to try again */
	bool waiting;
	unsigned failures; /* in a row, of the database */
	uv_timer_t tick_timer;
	bool tick_due;
	bool final_due; /* more is final: the next commit says it, or a tick */
	uv_timer_t close_timer;

	/* Who writes (lead.c). */
	struct uuid holder;
	char owner[128];
	struct lease lease;

	/* What stands (resume.c). */
	struct arena *resume_arena;
	struct resume resume;
	struct arena *page_arena; /* wallets on their way into `watched` */
	struct follow follow;
	struct watchlist watched;
	struct ranges covered; /* by all contracts */
	bool adopted_once;     /* since resume, all that were registered then */
	bool adopting;	       /* more may wait: a commit takes but so many */

	/* What the node says (head.c). */
	struct source_head head;
	bool has_head;
	uint64_t head_changed; /* uv_hrtime when latest last moved */
	double block_seconds;  /* between blocks, 0: not known */
	struct source_request *head_request;
	struct batch *ahead; /* the block that was asked for with it */
	uint64_t polled_at;  /* microseconds of uv_hrtime */
	struct beat beat;
	struct source_request *compare_request;
	/* What a quorum above 1 says (quorum.c). */
	struct source_request *agree_request;
	uint64_t agree_at; /* uv_now before which it is not asked again */
	bool has_agreement;
	struct source_agreement agreement; /* the newest */
	struct fault agree_fault;	   /* code OK: they agree */
	unsigned final_endpoints; /* that stand behind follow.finalized */
	bool compared;	/* since resume: our newest block with the node's */
	bool searching; /* for the last shared block */
	bool search_differs;
	bool rollback_due;
	uint64_t ancestor;
	uint64_t rollback_depth;
	uv_timer_t poll_timer;
	unsigned poll_failures;
	/* The node cannot be judged by: it is behind what is final, or syncing.
	 * Nothing is read from it then. */
	enum node_fitness node;
	uint64_t unfit_since; /* uv_hrtime */
	bool unfit_told;      /* it lasts: /readyz says so */
	struct fault unfit_fault;

	/* A reorg too deep (halt.c, fork.c). */
	bool halt_due;
	bool halt_told; /* the log has it */
	struct follow_decision halt;
	struct source_request *halt_request;
	struct fork fork;

	/* An operator's word about it (word.c, accept.c). */
	bool has_word; /* the newest open one, as last read */
	struct reorg_word word;
	struct reorg_word taken; /* the one in hand */
	bool accepted; /* ACCEPT: it is settled, which is to be told */

	/* Start checks (check.c). */
	struct source_request *check_request;
	unsigned check_step;
	size_t check_contract;
	struct hash genesis_hash;

	/* Work (lane.c, jobs.c). */
	struct lane follow_lane, job_lane;
	struct arena *jobs_arena;  /* of open_jobs */
	struct job_row *open_jobs; /* oldest first, as last read */
	size_t n_open_jobs;
	unsigned jobs_generation; /* one more whenever a job has ended */
	bool has_job;		  /* job_lane works for `job` */
	struct job_row job;	  /* id 0: no row (a gap, a dry run) */
	struct history history;	  /* its wallets, if it is one */
	bool job_empty;		  /* nothing to read: only to be recorded */
	uint64_t job_chunk_to;	  /* the lane holds all up to here */
	struct source_request *job_request;
	uint64_t job_after;    /* those with a higher id have their turn */
	uint64_t job_retry_at; /* uv_now before which it is left alone */
	unsigned job_failures;
	bool planned;	      /* BACKFILL, DRY_RUN: the job is known */
	bool handed_over;     /* BACKFILL: the leader does it */
	bool range_done;      /* BACKFILL: but for indexes that are missing */
	uint64_t indexes_due; /* RESTORE: how many were missing */
	uint64_t derive_job;  /* DERIVE: the one that was added */
	struct sync_progress progress;

	/* Payments that are intended (watch.c). */
	bool intents_due; /* new ones are to be held against the chain */
	struct awaited_row awaited[STORE_AWAITED_MOST];
	size_t n_awaited, watch_at; /* the one that is asked about */
	struct uuid watch_after;    /* those above have their turn */
	struct source_request *watch_request;
	uint64_t watch_final; /* the final block they are judged at */
	uint64_t watch_next;  /* uv_now before which nobody is asked */
	bool watch_judged;    /* the next tick writes the verdicts */

	struct batch *in_hand;

	/* For /readyz and /status. */
	struct fault rpc_fault, database_fault, halt_fault;
	bool rpc_ok, database_ok;
	uint64_t last_commit; /* uv_hrtime */
	struct pg *status_pg; /* a connection of its own: never waits */
	struct store *status_store;
	json_t *status_json;	  /* the last answer */
	struct arena *view_arena; /* of the question under way */
	unsigned view_generation;
	uv_timer_t status_timer;
	bool status_connecting;
};

/* engine.c */
void engine_step(struct sync *sync);
/* The only way to change the state: logs it and runs the entry action. */
void engine_enter(struct sync *sync, enum sync_state state);
const char *engine_state_text(enum sync_state state);
/* After any failure of the database: everything in hand is dropped. */
void engine_database_failed(struct sync *sync, enum err err,
			    const struct fault *fault);
/* The same, where the database could not even be asked. */
void engine_database_refused(struct sync *sync, enum err err);
/* Calls engine_step again after ms. */
void engine_wait(struct sync *sync, uint64_t ms);
void engine_end(struct sync *sync, enum err err, const struct fault *fault);
/* Milliseconds to wait after so many failures in a row, with jitter. */
uint64_t engine_backoff(unsigned failures, uint64_t cap_ms);
uint64_t engine_now_ms(void); /* Unix time */
void engine_tell_status(struct sync *sync);

/* close.c: the end of a sync_close, when no batch is in hand; and of all. */
void close_step(struct sync *sync);
void close_free(struct sync *sync);

/* lead.c: the database, its schema, the lease. */
void lead_connect(struct sync *sync);
void lead_take(struct sync *sync);

/* resume.c: where the last writer stopped. */
void resume_start(struct sync *sync);
void resume_forget(struct sync *sync);

/* check.c: the node is the chain of the database, the contracts are there. */
void check_start(struct sync *sync);

/* poll.c: asks the node for its head. */
void poll_start(struct sync *sync);
void poll_stop(struct sync *sync); /* and forgets what the node is asked */
void poll_now(struct sync *sync);

/* head.c: what the node says is canonical and final. */
void head_forget_search(struct sync *sync); /* but goes on polling */
void head_search(struct sync *sync);	    /* the chains differ: where? */
/* The newest final block number of the node, as configured; false: none is
 * final yet. */
bool head_final(const struct sync *sync, uint64_t *number);
/* So many endpoints call `final` so, and our blocks up to `shared` stand on
 * their chain: below both, ours are final. Whether that is news. */
bool head_settle(struct sync *sync, uint64_t final, uint64_t shared,
		 unsigned endpoints);
void head_show(const struct sync *sync); /* in the metrics */
/* What the node says has changed: what is to be done? */
void head_decide(struct sync *sync);

/* quorum.c: what is final when more than one endpoint has to say so. With a
 * quorum of 1 the head says it (head.c), and nothing here does anything. */
bool quorum_is_asked(const struct sync *sync);
/* It has agreed once, or is known not to. True with a quorum of 1. */
bool quorum_has_spoken(const struct sync *sync);
/* Asks for their agreement, not too often. */
void quorum_poll(struct sync *sync);
void quorum_stop(struct sync *sync);
/* Where a batch from..to must end, so that all of it is final here, or none. */
uint64_t quorum_cut(const struct sync *sync, uint64_t from, uint64_t to);
/* The batch is fetched: is a quorum to name its last block, too, before it is
 * committed? So it is where it reaches below what is final, which its rows would
 * be from the start. */
bool quorum_must_agree(const struct batch *batch);
/* Asks; then comes batch_fetched. */
enum err quorum_ask(struct batch *batch) MUST_CHECK;
/* The same for one that was fetched before it had to be. */
void quorum_ask_again(struct batch *batch);

/* lane.c */
void lane_init(struct lane *lane);
void lane_drop(struct lane *lane); /* cancels and forgets everything */
void lane_free(struct lane *lane);
bool lane_is_empty(const struct lane *lane);
enum err lane_add(struct lane *lane, uint64_t from, uint64_t to) MUST_CHECK;
void lane_refill(struct sync *sync, struct lane *lane);
/* A batch of it that was fetched elsewhere: what comes after all it has. */
void lane_bring(struct lane *lane, struct batch *batch, struct span *span);
/* The fetch has ended; fault may be NULL. */
void batch_fetched(struct batch *batch, enum err err,
		   const struct fault *fault);
/* The front batch when its fetch has ended, else NULL. */
struct batch *lane_front(const struct lane *lane);
void lane_pop(struct lane *lane); /* the front one, not freed */
/* Everything queued goes back to be fetched again. */
enum err lane_rewind(struct lane *lane) MUST_CHECK;
/* The front batch's fetch failed: learns from it, rewinds. */
void lane_failed(struct sync *sync, struct lane *lane);
struct batch *batch_new(struct sync *sync, struct lane *lane);
void batch_free(struct batch *batch);

/* apply.c: the batch in hand, from facts to COMMIT. */
void apply_batch(struct sync *sync, struct batch *batch);
void apply_rollback(struct sync *sync);
void apply_word(struct sync *sync); /* what an operator accepted */
void apply_tick(struct sync *sync); /* with new intents, where some are due */
/* A batch that brings no blocks, in hand. NULL: the database has failed. */
struct batch *apply_empty(struct sync *sync);
/* Is this wallet watched by the sync that arg is? */
bool apply_watches(void *arg, const struct address *wallet);

/* jobs.c: ranges and histories that are asked for, gaps that heal. */
void jobs_drop(struct sync *sync);
/* Opens the next piece of work when there is one and none is open. */
void jobs_next(struct sync *sync);
/* The open one cannot be done now: the others have their turn. */
void jobs_set_aside(struct sync *sync);
/* Tells the commit of a job's batch, or of a tick, what it finishes. */
void jobs_commit(struct sync *sync, const struct batch *batch,
		 struct store_commit *commit);
void jobs_committed(struct sync *sync, const struct batch *batch);
/* After a rollback: what jobs had done above the block is to be done again. */
void jobs_cut(struct sync *sync, uint64_t ancestor);

/* plan.c: BACKFILL and DRY_RUN, from the options to one job. */
void plan_start(struct sync *sync);
/* BACKFILL, while another process leads: asks it, and watches it work. */
void plan_hand_over(struct sync *sync);
/* The one job that there is to do. */
void plan_only_job(struct sync *sync, const struct job_row *job);

/* indexes.c: those that a backfill leaves out while it fills a database. */
/* BACKFILL, its job is known: leaves them out where that pays; then IDLE. */
void indexes_defer(struct sync *sync, const struct job_row *job);
/* The lease is ours: are they to be built before anything else is done? */
bool indexes_are_due(const struct sync *sync);
/* RESTORE: builds them, then goes on; or ends, where the range is done. */
void indexes_restore(struct sync *sync);
/* Keeps the lease meanwhile, at every tick. */
void indexes_renew(struct sync *sync);
/* BACKFILL: its range is done, and it ends when no index is missing. */
void indexes_end(struct sync *sync);

/* halt.c: HALTED, round by round: renews the lease, takes an operator's word,
 * sees whether the node has our block again, finds out where the chains part. */
void halt_round(struct sync *sync);
void halt_again(struct sync *sync); /* in a second, the next round */
/* The halt is over; what is in hand goes on. */
void halt_over(struct sync *sync);
/* fork.c: one more step of that search; calls halt_searched at its end. */
void fork_search(struct sync *sync);
void halt_searched(struct sync *sync, enum err err, const struct fault *fault);

/* word.c: the operator's word. */
void word_look(struct sync *sync); /* a part of the view: is there one? */
void word_take(struct sync *sync); /* HALTED: if it holds, it is done */
/* Why one is not needed, or not possible; NULL: for a halt, or not known. */
const char *word_is_vain(const struct sync *sync);
/* accept.c: ACCEPT, from the options to a word that is settled. */
void accept_idle(struct sync *sync);
/* PLAN: adds it, refuses it, or asks after it; LEAD: while another leads. */
void accept_ask(struct sync *sync);

/* tell.c: what a commit has done, in metrics, in the log, to the observer; with
 * what an operator must know of. */
void tell_committed(struct sync *sync, const struct batch *batch,
		    const struct store_done *done);
void tell_differences(struct sync *sync, uint64_t n); /* of reputation */

/* derive.c: rebuilds and retries, piece by piece. */
/* Takes the open job's next piece in hand; false: it is no such job. */
bool derive_piece(struct sync *sync);
/* DERIVE, in IDLE: what is next. */
void derive_idle(struct sync *sync);
/* PLAN: adds the job, or asks after it; LEAD: while another leads. */
void derive_ask(struct sync *sync);

/* watch.c: what was sent, or was taken away by a reorg, and is in no block: is
 * it still to come, or has it failed? */
void watch_look(struct sync *sync); /* a part of the view: whom to ask about */
void watch_commit(struct sync *sync, struct store_commit *commit);
void watch_forget(struct sync *sync);

/* view.c: what /status and /readyz show; asks on a connection of its own. */
void view_again(struct sync *sync); /* in a second */
void view_now(struct sync *sync);   /* but not twice at a time */

#endif
