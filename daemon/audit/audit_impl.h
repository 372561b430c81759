#ifndef GS_DAEMON_AUDIT_AUDIT_IMPL_H
#define GS_DAEMON_AUDIT_AUDIT_IMPL_H

#include "chain/source.h"
#include "common/arena.h"
#include "daemon/audit/audit.h"
#include "daemon/audit/compare.h"
#include "db/store/audit.h"

/* What the parts of an audit share. One thing after the other:
 *
 *   block (audit.c) ─► contracts, wallets page by page (accounts.c)
 *                   ─► streams and loans page by page (objects.c)
 *                   ─► record (audit.c)
 *
 * Each step asks the database or the node once; its callback does the next. */

#define AUDIT_ACCOUNTS 10000 /* in a page: a scan of the transfers for each */
#define AUDIT_OBJECTS 1000

/* An account of the page, on its way. */
struct account {
	struct audit_account books;
	uint64_t opened; /* the block after which it had `opening` */
	bool has_opening;
	struct u256 opening, closing;
};

struct audit {
	struct audit_setup setup;
	struct address *contracts; /* the token first */
	size_t n_contracts;
	bool *complete; /* contracts: all blocks since their start were read */
	bool is_coin;	/* the token is the chain's coin */

	struct store *store;
	struct source_request *request;
	struct arena *arena; /* of the page */
	struct audit_result result;
	struct block_ref block;
	bool has_known; /* we know its hash, too: */
	struct hash known;
	bool is_final;
	char started[64];
	uint64_t done, all;

	/* accounts.c */
	bool of_contracts;
	struct account *page;
	size_t n_page; /* those that are covered, by `opened` */
	size_t n_read; /* of the database, before that */
	bool has_last;
	struct address last;	 /* wallet that is behind us */
	size_t group, group_end; /* whose opening is being asked for */
	bool has_gone;		 /* the state after this block and before it: */
	uint64_t gone;
	const struct audit_unlike *unlike;
	size_t n_unlike;

	/* objects.c */
	size_t contract;	       /* whose streams or loans are at hand */
	const struct getters *getters; /* its own, and of what they are: */
	enum audit_kind kind;
	bool has_count;
	struct u256 count; /* of them, as it says */
	struct audit_object *objects;
	size_t n_objects;
	bool has_after;
	struct u256 after; /* the last id that is behind us */
};

/* audit.c */
void audit_fail(struct audit *audit, enum err err, const struct fault *fault);
/* The same where something could not even be asked. */
void audit_fail_to(struct audit *audit, enum err err, const char *what);
void audit_report(struct audit *audit, struct audit_counts *counts,
		  const struct audit_difference *difference);
void audit_step(struct audit *audit, uint64_t done);
void audit_record(struct audit *audit);

/* accounts.c: ends with objects_start(). */
void accounts_start(struct audit *audit);
/* objects.c: ends with audit_record(). */
void objects_start(struct audit *audit);

#endif
