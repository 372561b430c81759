#ifndef GS_DB_ROWS_H
#define GS_DB_ROWS_H

#include "common/address.h"
#include "common/u256.h"
#include "common/uuid.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The database's enums, and the rows that travel between it and reconcile.
 * Amounts are USDC base units; times are Unix seconds, 0 meaning NULL; a nil
 * uuid means NULL. */

/* Order as in the SQL enums. */
enum task_type { TASK_FIXED, TASK_TIME_BASED, TASK_MILESTONE, TASK_TYPES };
enum task_status {
	TASK_CREATED,
	TASK_ASSIGNED,
	TASK_IN_PROGRESS,
	TASK_COMPLETED,
	TASK_DISPUTED,
	TASK_CANCELLED,
	TASK_STATUSES
};
enum stream_status {
	STREAM_ACTIVE,
	STREAM_PAUSED,
	STREAM_COMPLETED,
	STREAM_CANCELLED,
	STREAM_STATUSES
};
enum loan_status {
	LOAN_PENDING,
	LOAN_APPROVED,
	LOAN_DISBURSED,
	LOAN_ACTIVE,
	LOAN_REPAYING,
	LOAN_REPAID,
	LOAN_DEFAULTED,
	LOAN_CANCELLED,
	LOAN_STATUSES
};
enum transaction_type {
	TYPE_PAYOUT,
	TYPE_ADVANCE,
	TYPE_REFUND,
	TYPE_REPAYMENT,
	TYPE_FEE,
	TRANSACTION_TYPES
};
enum transaction_status {
	STATUS_PENDING,
	STATUS_SUBMITTED,
	STATUS_CONFIRMED,
	STATUS_FAILED,
	STATUS_CANCELLED,
	TRANSACTION_STATUSES
};
const char *task_type_name(enum task_type type);
const char *task_status_name(enum task_status status);
const char *stream_status_name(enum stream_status status);
const char *loan_status_name(enum loan_status status);
const char *transaction_type_name(enum transaction_type type);
const char *transaction_status_name(enum transaction_status status);
/* False, with out untouched, for a name we do not know. */
bool task_type_parse(enum task_type *out, const char *name) MUST_CHECK;
bool task_status_parse(enum task_status *out, const char *name) MUST_CHECK;
bool stream_status_parse(enum stream_status *out, const char *name) MUST_CHECK;
bool loan_status_parse(enum loan_status *out, const char *name) MUST_CHECK;
bool transaction_type_parse(enum transaction_type *out,
			    const char *name) MUST_CHECK;
bool transaction_status_parse(enum transaction_status *out,
			      const char *name) MUST_CHECK;

/* Where on the chain a fact stands. Facts are ordered by (block_number,
 * log_index) and identified by (chain, block_hash, log_index). */
struct place {
	uint64_t block_number;
	struct hash block_hash;
	int64_t block_time;
	uint32_t tx_index;
	uint32_t log_index;
	struct hash tx_hash;
};
int place_cmp(const struct place *a, const struct place *b);

/* chain.events: an event of a contract, raw, so that there is one way to
 * decode. Those of a kind below FOLDED_KINDS are of a stream or a loan. */
#define FOLDED_KINDS 50
/* Those that block money, or let it go again: the token's list and pause, a
 * contract's pause. */
#define IS_SWITCH_KIND(kind)                                                   \
	(((kind) >= 62 && (kind) <= 65) || (kind) == 80 || (kind) == 81)
struct event_row {
	struct place at;
	struct address contract;
	int16_t kind;	     /* enum event_kind */
	uint8_t part;	     /* which of those that its log means, from 0 */
	struct u256 subject; /* see event_subject() */
	uint8_t n_topics;
	struct hash topics[4];
	struct bytes data;
	/* Written, not read: JSON of what it says; NULL for what is folded. */
	const char *detail;
};

/* What explains a Transfer; stored in chain.transfers.role under these names,
 * a projection of the facts like any other. */
enum transfer_role {
	ROLE_PLAIN,	    /* no event consumed it */
	ROLE_ESCROW,	    /* StreamCreated */
	ROLE_CLAIM,	    /* EarningsClaimed */
	ROLE_CANCEL_PAYOUT, /* the worker's part of StreamCancelled */
	ROLE_CANCEL_REFUND, /* the platform's part of StreamCancelled */
	ROLE_ADVANCE,	    /* LoanDisbursed */
	ROLE_REPAYMENT,	    /* RepaymentMade */
	TRANSFER_ROLES
};
const char *transfer_role_name(enum transfer_role role);
bool transfer_role_parse(enum transfer_role *out, const char *name) MUST_CHECK;

/* chain.transfers: one USDC movement. */
struct transfer_row {
	struct place at;
	struct address from, to;
	struct u256 amount;
	/* Beyond amount, in base units of 10^-18: below 10^12. Only what moved
	 * as the chain's own money has any. */
	uint64_t dust;
	enum transfer_role role;
	bool has_sender; /* known for blocks that were not final when read */
	struct address sender;
	uint64_t nonce;
	/* Not stored: it touches whom we watch, or may be the money of an event;
	 * else it can only be what was intended. */
	bool is_ours;
};

/* chain.quarantine: a log of ours that does not decode, or that contradicts
 * what we know. */
struct quarantine_row {
	struct place at;
	struct address contract;
	uint8_t part; /* as the event's; 0 for what does not decode */
	uint8_t n_topics;
	struct hash topics[4];
	struct bytes data;
	const char *reason;
};

/* A stream or a loan, as its contract names it. A zero contract: none. */
struct object_ref {
	struct address contract;
	struct u256 id;
};
bool object_is_none(const struct object_ref *ref);
int object_cmp(const struct object_ref *a, const struct object_ref *b);

/* public.streams */
struct stream_row {
	struct uuid id; /* nil: not in the database yet */
	struct address contract;
	struct u256 contract_stream_id;
	struct address worker_wallet, platform_wallet;
	struct uuid worker_id, platform_id;
	struct u256 total, released, claimed, refunded;
	int64_t start_time;
	int64_t end_time;	      /* 0: no timestamp can hold it */
	struct u256 release_interval; /* seconds */
	int64_t next_release_at;
	enum stream_status status;
	int64_t paused_at, completed_at, cancelled_at;
};

/* public.loans */
struct loan_row {
	struct uuid id; /* nil: not in the database yet */
	struct address contract;
	struct u256 contract_loan_id;
	struct address worker_wallet;
	struct uuid worker_id;
	struct u256 requested, approved, fee;
	uint32_t fee_bps;	  /* 1/10000ths of the approved */
	struct u256 owed, repaid; /* owed: approved and fee */
	struct u256 remaining;	  /* owed - repaid, once disbursed */
	uint32_t repayments;
	enum loan_status status;
	int64_t requested_at, approved_at, disbursed_at, due_at;
	int64_t repaid_at, defaulted_at;
};

/* public.transactions, as far as the chain decides it. Identity on the chain:
 * (chain, tx_hash, from, to, amount, ordinal). */
struct transaction_row {
	struct uuid id; /* nil: not in the database yet */
	enum transaction_type type;
	enum transaction_status status;
	struct hash tx_hash;
	struct address from, to;
	struct u256 amount;
	uint32_t ordinal; /* the how-manieth equal movement of its tx, from 0 */
	struct uuid worker_id, platform_id;
	struct object_ref stream, loan; /* which it was paid to or from */
	bool has_block;
	uint64_t block_number; /* these three only with has_block */
	struct hash block_hash;
	uint32_t log_index;
	uint64_t confirmations;
	int64_t submitted_at, confirmed_at;
	/* Intended by an application (chain.intents), not born of the chain:
	 * what the application said of it stays. */
	bool is_intent;
	bool hash_given; /* by the application, with when it was sent */
	/* No movement has been found to be it: it has no ordinal. */
	bool is_open;
	bool has_hash; /* false: only when open */
	/* Open, without a hash: it meets only blocks above `after`, and none
	 * before `since`. */
	uint64_t after;
	int64_t since;
};

/* A wallet somebody registered. */
struct party_row {
	struct address wallet;
	struct uuid worker_id, platform_id; /* either or both; nil: not one */
};

/* chain.transitions: a status change, with its reason. */
enum subject { SUBJECT_TRANSACTION, SUBJECT_STREAM, SUBJECT_LOAN };
struct transition_row {
	enum subject subject;
	/* index into the change set's rows of that kind; where `to` is -1, into
	 * those that are gone */
	size_t row;
	int from; /* status before; -1: the row is new */
	int to;	  /* status after; -1: the row is gone */
	const char *reason;
	uint64_t block_number; /* of the fact that caused it, 0: none */
	int64_t block_time;
};

#endif
