#ifndef GS_DB_STORE_AUDIT_H
#define GS_DB_STORE_AUDIT_H

#include "common/arena.h"
#include "db/store/store.h"

/* What an audit reads of the books, page by page, and what it leaves behind.
 * One call at a time, as with all of a store; without a lease: it writes nothing
 * that others rely on. Texts in answers live during the callback. */

struct audit_block {
	bool known; /* the chain is in the database: the rest is set */
	bool has_number;
	uint64_t number;
	bool has_hash;
	struct hash
	    hash; /* as we know it; blocks without facts are forgotten */
	bool has_tip;
	uint64_t tip; /* the newest that is indexed */
	bool is_final;
	uint64_t wallets, objects; /* that there are, at most */
	const char *now;	   /* by the database's clock */
};
typedef void (*store_audit_block_cb)(void *arg, enum err err,
				     const struct fault *fault,
				     const struct audit_block *block);
/* number: NULL for the newest block that is final and indexed. */
enum err store_audit_block(struct store *store, const uint64_t *number,
			   const struct address *contracts, size_t n_contracts,
			   store_audit_block_cb cb, void *arg) MUST_CHECK;

/* Where the books of an account begin. */
struct audit_account {
	struct address account;
	/* Every block from `first` up to the audited one was read for it; false:
	 * not even that one was. */
	bool covered;
	uint64_t first;
	/* What it had after a block that an audit saw: chain.openings. */
	bool has_opening;
	uint64_t opening_block;
	struct u256 opening;
};
typedef void (*store_audit_accounts_cb)(void *arg, enum err err,
					const struct fault *fault,
					struct audit_account *accounts,
					size_t n);
/* contracts: the token first. A page of wallets that are none of them, in
 * ascending order; after: the last of the page before, NULL: none. */
enum err store_audit_wallets(struct store *store, struct arena *arena,
			     const struct address *contracts,
			     size_t n_contracts, uint64_t number,
			     const struct address *after, size_t most,
			     store_audit_accounts_cb cb, void *arg) MUST_CHECK;
/* The contracts but the token, in the order given. */
enum err store_audit_contracts(struct store *store, struct arena *arena,
			       const struct address *contracts,
			       size_t n_contracts, uint64_t number,
			       store_audit_accounts_cb cb,
			       void *arg) MUST_CHECK;

/* An account's balances in the node's units. */
struct audit_balance {
	struct address account;
	uint64_t opened; /* the block after which it had `opening` */
	struct u256 opening, closing;
};
/* USDC in decimal; difference: what was found less what is expected. */
struct audit_unlike {
	struct address account;
	const char *expected, *found, *difference;
	bool more; /* was found than is expected */
};
typedef void (*store_audit_unlike_cb)(void *arg, enum err err,
				      const struct fault *fault,
				      const struct audit_unlike *list,
				      size_t n);
/* Those whose balance after block `number` is not their opening plus the
 * transfers in between. decimals of the balances: 6, or 18. */
enum err store_audit_differences(struct store *store, struct arena *arena,
				 uint64_t number, unsigned decimals,
				 const struct audit_balance *balances, size_t n,
				 store_audit_unlike_cb cb,
				 void *arg) MUST_CHECK;
/* Remembers the closing balances of those who have no opening yet. */
enum err store_audit_openings(struct store *store, uint64_t number,
			      const struct audit_balance *balances, size_t n,
			      store_done_cb cb, void *arg) MUST_CHECK;

/* A stream or a loan as its row says, or its contract. */
enum audit_kind { AUDIT_STREAMS, AUDIT_LOANS };
#define AUDIT_WALLETS 2
#define AUDIT_AMOUNTS 5
struct audit_object {
	struct u256 id;
	/* Of a stream: worker, platform; total, released, claimed. Of a loan:
	 * worker; requested, approved, fee, owed, repaid. */
	struct address wallets[AUDIT_WALLETS];
	struct u256 amounts[AUDIT_AMOUNTS];
	const char *status; /* as our enum spells it */
	bool is_newer;	    /* facts above the audited block are in it */
	bool has_no_facts;
};
typedef void (*store_audit_objects_cb)(void *arg, enum err err,
				       const struct fault *fault,
				       struct audit_object *objects, size_t n);
/* A page of those of one contract that began by block `number`, by id; after:
 * the last id of the page before, NULL: none. */
enum err store_audit_objects(struct store *store, struct arena *arena,
			     enum audit_kind kind,
			     const struct address *contract, uint64_t number,
			     const struct u256 *after, size_t most,
			     store_audit_objects_cb cb, void *arg) MUST_CHECK;
typedef void (*store_audit_events_cb)(void *arg, enum err err,
				      const struct fault *fault,
				      const struct event_row *events, size_t n);
/* Their events up to block `number`, object by object, each in order. */
enum err store_audit_events(struct store *store, struct arena *arena,
			    const struct address *contract, uint64_t number,
			    const struct u256 *ids, size_t n,
			    store_audit_events_cb cb, void *arg) MUST_CHECK;

/* The newest row of chain.audits; found is false where there is none. */
struct audit_last {
	bool found;
	uint64_t number, differences, wallets;
	uint64_t age_ms;
	int64_t finished; /* Unix seconds */
};
typedef void (*store_audit_last_cb)(void *arg, enum err err,
				    const struct fault *fault,
				    const struct audit_last *last);
enum err store_audit_last(struct store *store, store_audit_last_cb cb,
			  void *arg) MUST_CHECK;

/* A row of chain.audits. */
struct audit_record {
	uint64_t number;
	struct hash hash;
	uint64_t differences;
	const char *summary; /* JSON */
	const char *started; /* audit_block.now */
};
/* ERR_CONFLICT: the block was rolled back meanwhile. */
enum err store_audit_add(struct store *store, const struct audit_record *record,
			 store_done_cb cb, void *arg) MUST_CHECK;

#endif
