#ifndef GS_CONTRACTS_ABI_EVENT_H
#define GS_CONTRACTS_ABI_EVENT_H

#include "common/address.h"
#include "common/u256.h"
#include <stdbool.h>

/* What a contract can tell us, whichever contract it is. */

/* Stored in chain.events.kind: numbers never change, new ones come last of
 * their family. */
enum event_kind {
	EVENT_TRANSFER = 0,

	/* A stream is the fold of these. */
	EVENT_STREAM_CREATED = 1,
	EVENT_PAYMENT_RELEASED = 2,
	EVENT_EARNINGS_CLAIMED = 3,
	EVENT_STREAM_PAUSED = 4,
	EVENT_STREAM_RESUMED = 5,
	EVENT_STREAM_CANCELLED = 6,
	EVENT_STREAM_COMPLETED = 7,
	EVENT_RECIPIENT_CHANGED = 8,

	/* A loan is the fold of these. */
	EVENT_LOAN_REQUESTED = 30,
	EVENT_LOAN_APPROVED = 31,
	EVENT_LOAN_DISBURSED = 32,
	EVENT_REPAYMENT_MADE = 33,
	EVENT_LOAN_REPAID = 34,
	EVENT_LOAN_DEFAULTED = 35,
	EVENT_LOAN_CANCELLED = 36,

	/* Each of these becomes a reputation event. */
	EVENT_TASK_RECORDED = 50,
	EVENT_DISPUTE_RECORDED = 51,

	/* The token's own. */
	EVENT_MINT = 60,
	EVENT_BURN = 61,
	EVENT_BLACKLISTED = 62,
	EVENT_UNBLACKLISTED = 63,
	EVENT_TOKEN_PAUSED = 64,
	EVENT_TOKEN_UNPAUSED = 65,
	EVENT_TOKEN_UPGRADED = 66,

	/* Where USDC is the chain's own money: what the chain itself logs, in
	 * units of 10^-18. */
	EVENT_NATIVE_TRANSFER = 67,
	EVENT_NATIVE_MINTED = 68,
	EVENT_NATIVE_BURNED = 69,

	/* Who runs a contract, and whether it runs. */
	EVENT_CONTRACT_PAUSED = 80,
	EVENT_CONTRACT_UNPAUSED = 81,
	EVENT_OWNER_CHANGED = 82,
	EVENT_APPROVER_ADDED = 83,
	EVENT_APPROVER_REMOVED = 84,
	EVENT_RECORDER_ADDED = 85,
	EVENT_RECORDER_REMOVED = 86,

	EVENT_KINDS
};
/* "StreamCreated", ...; NULL for a number that is no kind. */
const char *event_kind_name(int kind);
/* False, with out untouched, for a name that no kind has. */
bool event_kind_parse(enum event_kind *out, const char *name) MUST_CHECK;

enum event_family {
	FAMILY_TOKEN, /* the token's Transfer, its own, the native ones */
	FAMILY_STREAMS,
	FAMILY_LOANS,
	FAMILY_REPUTATION,
	FAMILY_CONTRACT,
};
enum event_family event_family(enum event_kind kind);

/* How the streams of a contract differ from GigStream's, as its mapping says:
 * bits, none of them for GigStream. */
enum contract_trait {
	/* Nothing but a claim releases, and it releases what it claims. The
	 * claim of the last unit completes the stream. */
	TRAIT_CLAIMS_RELEASE = 1 << 0,
	/* No total and no end: the total is what was released so far. */
	TRAIT_OPEN_ENDED = 1 << 1,
	/* What was the worker's when a stream was cancelled stays there to be
	 * claimed, instead of being paid at once. */
	TRAIT_CLAIMS_AFTER_CANCEL = 1 << 2,
	/* A stream that is paused or cancelled is created again under its id,
	 * and goes on. */
	TRAIT_IDS_RETURN = 1 << 3,
};

/* Where among a transaction's logs the Transfer stands that an event explains.
 * MONEY_NONE: it explains none. */
enum event_money { MONEY_BEFORE, MONEY_AFTER, MONEY_NONE };

/* One decoded event. A field the kind does not have, or the contract does not
 * tell, is zero. */
struct event {
	enum event_kind kind;
	uint8_t part; /* which of those that its log means, from 0 */
	unsigned traits;
	enum event_money money;
	struct u256 id; /* a stream's, a loan's, or a task's */
	/* Transfer; Mint's minter, Burn's burner; an owner, or a stream's
	 * worker, before and after; who paid a stream's total in if not its
	 * platform; whom a claim was paid to if not its worker. */
	struct address from, to;
	struct address worker, platform;
	struct address by;	/* paused, resumed, cancelled */
	struct address account; /* whom a list was changed for; what an upgrade
				   goes to */
	/* Transfer, Mint, Burn, the native ones (10^-18); requested, approved,
	 * disbursed, repaid; released, claimed; cancel's refund; created's and
	 * completed's total. */
	struct u256 amount;
	/* Beyond amount, in units of 10^-18: of a Transfer that the chain itself
	 * logged, where USDC is its own money. */
	uint64_t dust;
	struct u256 total_released;
	struct u256 remaining;			/* owed, after a repayment */
	struct u256 fee_bps;			/* hundredths of a percent */
	struct u256 duration, release_interval; /* seconds */
	/* Unix seconds; 0: when it is created, and after its duration. */
	struct u256 start, end;
	bool on_time;
	struct u256 rating;   /* 1..5; 0: none */
	struct u256 severity; /* 1..5 */
	struct u256 points_lost, new_score;
};

/* What an event of a contract is about: the stream's or the loan's id; the
 * wallet (as a number) for reputation and lists; 0 for the contract itself. */
struct u256 event_subject(const struct event *event);

#endif
