#ifndef GS_DB_STORE_STORE_IMPL_H
#define GS_DB_STORE_STORE_IMPL_H

#include "db/pg/sql.h"
#include "db/store/audit.h"
#include "db/store/derive.h"

/* What the store's files share. An operation is a chain of round trips: each
 * fills store->sql and names the step that reads its results. Whatever fails
 * rolls the transaction back and then tells the owner, once. */

#define STORE_TIMEOUT_MS 60000

typedef void (*store_step)(struct store *store, PGresult *const *results);
/* Calls the owner's callback: fault is never NULL, err is fault->code. */
typedef void (*store_tell)(struct store *store, const struct fault *fault);

/* What a load is about; each list sorted, without duplicates, in the arena. */
struct concern {
	struct object_ref *objects;
	size_t n_objects, room_objects;
	struct hash *txs;
	size_t n_txs, room_txs;
	struct address *wallets;
	size_t n_wallets, room_wallets;
	bool failed; /* no memory */
};

struct store {
	struct pg *pg;
	uint64_t chain_id;
	struct sql_batch sql;

	/* the operation under way */
	store_tell tell;
	store_step step;
	unsigned timeout_ms; /* of each of its round trips */
	union {
		store_loaded_cb loaded;
		store_done_cb done;
		store_lease_cb lease;
		store_resume_cb resume;
		store_job_cb job;
		store_jobs_cb jobs;
		store_awaited_cb awaited;
		store_wallets_cb wallets;
		store_count_cb count;
		store_text_cb text;
		store_word_cb word;
		store_look_cb look;
		store_block_cb block;
		store_audit_block_cb audit_block;
		store_audit_accounts_cb audit_accounts;
		store_audit_unlike_cb audit_unlike;
		store_audit_objects_cb audit_objects;
		store_audit_events_cb audit_events;
		store_audit_last_cb audit_last;
		store_held_cb held;
	} cb;
	void *arg;
	struct arena *arena;
	struct fault fault; /* kept while rolling back */

	/* its results; which of them is set goes with the operation */
	struct concern concern;
	const struct facts *facts; /* of a load; NULL: none are new */
	bool has_new_events;
	bool is_fresh; /* until the commit: store_bulk.c */
	const struct store_commit *commit;
	size_t bulk_at;	  /* the next of its steps */
	size_t first;	  /* index of the load's first result */
	bool counts_word; /* of a rollback: the result before that */
	struct loaded *loaded;
	struct store_done done;
	size_t confirm_at, adopt_at, reputation_at;
	struct lease lease;
	struct resume resume;
	struct job_row job;
	bool job_finished;
	struct job_row *jobs;
	size_t n_jobs;
	struct awaited_row *awaited;
	size_t n_awaited;
	struct address *wallets;
	size_t n_wallets;
	uint64_t count;
	const char *text;
	bool found; /* of the next three: there is one */
	struct reorg_word word;
	struct reorg_look look;
	struct block_row block;
	struct {
		struct audit_block block;
		struct audit_last last;
		struct audit_account *accounts;
		struct audit_unlike *unlike;
		enum audit_kind kind;
		struct audit_object *objects;
		size_t n; /* of the list that is set */
	} audit;
	struct job_row piece_of; /* whose piece it is */
	const struct address *piece_contracts;
	size_t n_piece_contracts;
	const struct store_derived *derived;
	struct held_row *held;
	size_t n_held;
	struct piece stand; /* of the held rows: head and final block */
};

/* Begins an operation: ERR_BUSY when one is under way. */
enum err store_start(struct store *store, store_tell tell, struct arena *arena,
		     void *arg) MUST_CHECK;
/* Sends store->sql. For the first round trip of an operation: its error is
 * returned and the operation is over, without a callback. */
enum err store_send_first(struct store *store, store_step step) MUST_CHECK;
/* A last step, after statements that return nothing. */
void store_finished(struct store *store, PGresult *const *results);
/* Begins an operation that ends with store_counted: the first result is one
 * number, which is told. */
enum err store_start_count(struct store *store, store_count_cb cb,
			   void *arg) MUST_CHECK;
void store_counted(struct store *store, PGresult *const *results);
/* For the later ones: an error is told. */
void store_send(struct store *store, store_step step);
/* Ends the operation: rolls back if err, then tells. */
void store_end(struct store *store, enum err err, const struct fault *fault);

/* BEGIN, and what holds for our transactions: two statements. */
void store_add_begin(struct store *store);
/* A statement with $1, the chain. */
size_t store_add(struct store *store, const char *text);

/* The statement of store_lease_halt. */
void store_add_halt(struct store *store, const struct uuid *holder,
		    uint64_t term, const char *why);

/* The last statements of a commit: COMMIT, if the lease is still ours. */
void store_add_end(struct store *store, const struct uuid *holder,
		   uint64_t term);
/* A job's progress, of which finished is the end. */
void store_add_job(struct store *store, uint64_t id, uint64_t done_to,
		   bool finished);
/* What has changed in the rows of `changes` may block money, or free it;
 * everything: whatever it was, anything may be. */
void store_add_blocked(struct store *store, bool everything,
		       const struct changes *changes);

/* store_bulk.c: of many facts, is it worth while to ask whether nothing is
 * stored of their blocks? Then they can be copied, and little concerns them. */
bool bulk_is_worth_it(const struct facts *facts);
void bulk_add_ask(struct store *store);
/* What store->facts concern where their blocks are fresh: sets is_fresh. */
enum err bulk_read_answer(struct store *store, PGresult *const *results,
			  struct fault *fault) MUST_CHECK;
/* The first round trips of a commit, most of them a COPY; ends with
 * store_commit_rest. */
enum err bulk_write(struct store *store) MUST_CHECK;
void store_commit_rest(struct store *store);

/* Of publish_reputation.sql, into store->done. */
enum err store_read_differences(struct store *store, const PGresult *result,
				struct fault *fault) MUST_CHECK;

/* store_tell for store_done_cb. */
void store_tell_done(struct store *store, const struct fault *fault);

/* The lists of streams and of tx hashes as array parameters. */
void concern_add_object(struct concern *c, struct arena *arena,
			const struct address *contract, const struct u256 *id);
void concern_add_tx(struct concern *c, struct arena *arena,
		    const struct hash *tx);
void concern_add_wallet(struct concern *c, struct arena *arena,
			const struct address *wallet);
/* Topics that could be addresses. */
void concern_add_topics(struct concern *c, struct arena *arena,
			const struct hash *topics, size_t n);
/* Words of data that could be addresses: not everybody whom an event names is
 * indexed. */
void concern_add_data(struct concern *c, struct arena *arena,
		      struct bytes data);
/* The new events: whom and what they speak of, and, where their blocks are not
 * fresh, their transactions. */
void concern_new_events(struct store *store, const struct facts *facts);
void concern_settle(struct concern *c); /* sorts, drops duplicates */
bool concern_has_tx(const struct concern *c, const struct hash *tx);
void concern_put_objects(const struct concern *c, struct sql_batch *sql);
void concern_put_txs(const struct concern *c, struct sql_batch *sql);
void concern_put_wallets(const struct concern *c, struct sql_batch *sql);

/* The further steps of a load, once BEGIN is sent: starts one; goes on from
 * what the two results name (the columns of piece_events.sql and
 * piece_transfers.sql); goes on from store->concern. */
enum err store_start_load(struct store *store, struct arena *arena,
			  store_loaded_cb cb, void *arg) MUST_CHECK;
enum err store_concern_named(struct store *store, const PGresult *events,
			     const PGresult *transfers,
			     struct fault *fault) MUST_CHECK;
void store_load_concern(struct store *store);

/* The statements that write facts and changes. finalized: NULL if unknown. Where
 * store->is_fresh most of it is copied instead: events, transfers with their
 * roles, transactions without references, transitions. */
void store_write_facts(struct store *store, const struct facts *facts,
		       const uint64_t *finalized);
void store_write_changes(struct store *store, const struct changes *changes);
/* The values of a row, in the order of put_*.sql and copy_*.sql. */
void store_put_event(struct sql_batch *sql, const struct event_row *e);
void store_put_transfer(struct sql_batch *sql, const struct transfer_row *t,
			enum transfer_role role);
/* with_refs: to its stream or loan, by their contract and number. */
void store_put_transaction(struct sql_batch *sql,
			   const struct transaction_row *t, bool with_refs);
bool store_is_copied(const struct store *store, const struct changes *changes,
		     size_t transaction);
void store_put_transition(struct sql_batch *sql, const struct changes *changes,
			  const struct transition_row *t);
/* The statement for what commit->awaited has come to. */
void store_settle_awaited(struct store *store,
			  const struct store_commit *commit);

/* Rows of the load's statements, in the order of their columns. */
enum err store_read_events(struct loaded *out, struct arena *arena,
			   const PGresult *result,
			   struct fault *fault) MUST_CHECK;
/* results: transfers, transactions, streams, quarantined, parties. */
#define STORE_LOAD_STATEMENTS 6
enum err store_read_loaded(struct loaded *out, struct arena *arena,
			   PGresult *const *results,
			   struct fault *fault) MUST_CHECK;
struct quarantine_row store_read_quarantine(struct sql_rows *rows,
					    struct arena *arena);
/* One row of the job statements. */
void store_read_job(struct job_row *job, bool *finished, struct sql_rows *rows);
/* A column of addresses; what: they are, for the error. */
enum err store_read_addresses(struct address **out, size_t *n,
			      struct arena *arena, const PGresult *result,
			      const char *what, struct fault *fault) MUST_CHECK;
enum err store_read_jobs(struct job_row **out, size_t *n, struct arena *arena,
			 const PGresult *result,
			 struct fault *fault) MUST_CHECK;

#endif
