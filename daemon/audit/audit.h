#ifndef GS_DAEMON_AUDIT_AUDIT_H
#define GS_DAEMON_AUDIT_AUDIT_H

#include "common/buf.h"
#include "config/config.h"
#include "contracts-abi/catalog.h"
#include "db/pg/pg.h"

struct source;

/* Holds the books against the chain itself, at one block:
 *
 *   contracts, wallets  balanceOf then, less balanceOf before the first block
 *                       that was read for the account, is the sum of the
 *                       transfers in between
 *   streams, loans      what their contract's getters say of each
 *
 * Where the token is the chain's coin (Arc), gas is paid in it without a log:
 * a wallet may have less than its transfers say, by that; a contract may not.
 * Asks the node for one batch at a time and keeps one page of accounts. Leaves a
 * row in chain.audits. */
struct audit;

/* Of one kind of thing. */
struct audit_counts {
	uint64_t checked;
	uint64_t differ;
	uint64_t explained; /* it has less, for gas */
	uint64_t uncovered; /* not judged: the block was not read for it */
	uint64_t no_state; /* not judged: no node has the state it began with */
};

struct audit_result {
	uint64_t number;
	struct hash hash;
	struct audit_counts wallets, contracts, streams, loans;
	uint64_t differences; /* that are not explained */
	/* Why chain.audits and chain.openings have nothing of it; code OK: they
	 * have. */
	struct fault unrecorded;
};

/* What the books do not say as the chain does. Texts live during the call. */
struct audit_difference {
	const char *subject;	/* "wallet 0x..", "stream 0x../7 released" */
	const char *expected;	/* by the books; amounts in USDC, decimal */
	const char *found;	/* on the chain */
	const char *difference; /* found less expected; NULL: not a number */
	const char *explanation;
	bool explained; /* it is as it should be */
};

struct audit_observer {
	void *arg;
	void (*difference)(void *arg, const struct audit_difference *d);
	/* Accounts, streams and loans that are behind us, of all. May be
	 * NULL. */
	void (*progress)(void *arg, uint64_t done, uint64_t all);
	/* The end; result is NULL where err is not OK. Errors beyond those of
	 * node and database: ERR_MISSING, nothing of this chain is stored, or
	 * no node has the block's state; ERR_NOT_YET, the block is not indexed,
	 * or none is final; ERR_CONFLICT, the node has another block there, or
	 * it was rolled back meanwhile. */
	void (*done)(void *arg, enum err err, const struct fault *fault,
		     const struct audit_result *result);
};

struct audit_setup {
	const struct config *config;
	const struct catalog *catalog; /* as sync_catalog() makes it */
	struct source *source;
	struct pg *pg; /* connected; nobody else uses it meanwhile */
	bool has_number;
	uint64_t number; /* else the newest block that is final and indexed */
	struct audit_observer observer;
};

/* Begins. Borrows all of setup for its life. */
enum err audit_new(struct audit **out,
		   const struct audit_setup *setup) MUST_CHECK;
/* Also from the last callback, and before it: what is asked of the node is
 * cancelled; for what is asked of the database the caller closes or cancels pg
 * first. NULL is allowed. */
void audit_free(struct audit *audit);

/* {"wallets":{"checked":..,..},"contracts":{..},"streams":{..},"loans":{..}}
 * without the braces around. */
void audit_put_counts(struct buf *json, const struct audit_result *result);
/* "1234 wallets, 3 not covered; 1 contract; 5 streams; 0 loans" */
void audit_put_sentence(struct buf *text, const struct audit_result *result);

#endif
