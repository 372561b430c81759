#ifndef GS_TESTS_MODEL_WORLD_H
#define GS_TESTS_MODEL_WORLD_H

#include "db/rows.h"
#include "tests/node/dice.h"
#include "tests/unit/lib_script.h"

/* A token, two PaymentStreamings, a MicroLoan, a ReputationLedger and their
 * users, slow and obvious. Calls are made at random and leave their logs in a
 * script, in the order in which the contracts leave them. Apart from the logs
 * the world remembers what happened: every movement with its cause, and what
 * the contracts' getters would say. After each call it asserts that money is
 * conserved. */

/* Who there is, below as "who": nobody, and wallet(n) of lib_script.h. */
enum {
	NOBODY, /* the zero address: mints and burns */
	WHO_TOKEN,
	WHO_STREAMS,
	WHO_STREAMS2,
	WHO_FEES,
	WHO_LOANS,
	WHO_REPUTATION,
	WHO_IMPOSTOR, /* says what the contracts say, but is none of them */
	/* Two more are what lib_books.h takes for the chain itself. */
	FIRST_PERSON = 10,
	PEOPLE_END = 34,
};
struct address wallet_of(unsigned who);

struct stream {
	unsigned contract, worker, platform; /* who */
	uint64_t id;
	struct u256 total, released, claimed, refunded;
	struct u256 escrow; /* what the contract still holds for it */
	int64_t start, duration, interval, last_release;
	int64_t paused_at, completed_at, cancelled_at;
	enum stream_status status;
};

struct loan {
	uint64_t id;
	unsigned worker;
	struct u256 requested, approved, fee, due, repaid;
	uint32_t bps, repayments;
	int64_t requested_at, approved_at, disbursed_at, due_at;
	int64_t repaid_at, defaulted_at;
	uint64_t disbursed_in; /* the block */
	enum loan_status status;
};

struct reputation {
	unsigned score, tasks;
};

/* All that a block changes, as a plain value: what was before it is a copy. */
#define MOST_STREAMS 200
#define MOST_LOANS 100
struct state {
	struct u256 balances[PEOPLE_END];
	/* What a contract has: for its streams, and what it was given. */
	struct u256 held[PEOPLE_END], donated[PEOPLE_END];
	struct u256 minted, burned;
	bool blacklisted[PEOPLE_END];
	bool paused[PEOPLE_END]; /* the whole contract */
	struct stream streams[MOST_STREAMS];
	size_t n_streams;
	struct loan loans[MOST_LOANS]; /* by id - 1 */
	size_t n_loans;
	uint64_t active_loan[PEOPLE_END];
	struct u256 lent, collected;
	struct reputation reputations[PEOPLE_END];
};

/* Why a movement was made. */
enum cause {
	BY_HAND, /* a transfer, mint or burn; a donation too */
	BY_CREATE,
	BY_CLAIM,
	BY_CANCEL_PAYOUT,
	BY_CANCEL_REFUND,
	BY_ADVANCE,
	BY_REPAY,
};
struct why {
	enum cause cause;
	unsigned contract; /* not BY_HAND: for whose stream or loan */
	uint64_t id;
};

struct move {
	struct place at;
	unsigned tx; /* at.tx_hash is tx_hash_of() it */
	unsigned from, to;
	struct u256 amount;
	struct why why;
};

/* A log of a contract that we know, but for the Transfers. */
enum mark_kind {
	MARK_OBJECT,	 /* an event of a stream or a loan */
	MARK_REPUTATION, /* one of the ledger */
	MARK_OTHER,	 /* one that moves nothing: followed or not */
	MARK_MALFORMED,	 /* no call leaves such a one */
};
struct mark {
	struct place at;
	enum mark_kind kind;
	/* What the ledger tells: of whom, what it is called in
	 * reputation_events, the points for it, and the score after it. */
	unsigned worker;
	const char *type;
	int points;
	unsigned score;
};

enum call_kind {
	CALL_PAY,
	CALL_MINT,
	CALL_BURN,
	CALL_BLACKLIST, /* or not any more */
	CALL_CREATE,
	CALL_RELEASE,
	CALL_CLAIM,
	CALL_PAUSE,
	CALL_RESUME,
	CALL_CANCEL,
	CALL_PAUSE_ALL, /* a whole contract */
	CALL_RESUME_ALL,
	CALL_TRANSFER_OWNER,
	CALL_REQUEST,
	CALL_APPROVE,
	CALL_REPAY,
	CALL_DEFAULT,
	CALL_CANCEL_LOAN,
	CALL_WITHDRAW,
	CALL_TASK,
	CALL_DISPUTE,
	CALL_SCORE,
	CALL_NOISE,
	CALL_HOSTILE,
	CALL_KINDS
};

/* Its arguments are drawn once: what it does depends on when it is made. */
struct call {
	enum call_kind kind;
	unsigned contract, a, b; /* who */
	uint64_t id;		 /* 0: the newest of the contract */
	bool everything;	 /* all that there is, instead of amount */
	struct u256 amount;
	int64_t duration, interval;
};

#define TX_CALLS 4
struct tx {
	unsigned id;
	size_t n;
	struct call calls[TX_CALLS];
};

#define BLOCK_TXS 10
#define REMEMBERED 64 /* blocks that can be undone */
#define WAITING 128   /* transactions that lost their block */

struct mined {
	struct state before;
	size_t moves_before, marks_before;
	struct tx txs[BLOCK_TXS];
	size_t n_txs;
};

struct world {
	/* The second PaymentStreaming is none: what it says is not modelled. */
	bool hostile;
	struct script script; /* block n is blocks[n - 1] */
	struct dice dice;
	struct state now;
	struct mined *mined; /* by number % REMEMBERED */
	struct move *moves;  /* those that stand, in order */
	size_t n_moves, room_moves;
	struct mark *marks;
	size_t n_marks, room_marks;
	struct tx waiting[WAITING];
	size_t n_waiting;
	unsigned tx; /* the one that is run */
	unsigned next_tx, fork;
	size_t logs; /* ever made, those of undone blocks too */
};

struct world *world_new(uint64_t seed, bool hostile);
void world_free(struct world *world);
uint64_t world_draw(struct world *world, uint64_t below);

/* Mines the next block, of some transactions: new ones, and such as lost their
 * block, with whatever their calls do now. */
void world_mine(struct world *world);
/* Undoes the blocks above ancestor, at most REMEMBERED. */
void world_reorg(struct world *world, uint64_t ancestor);

/* Asserts that everybody's money adds up. */
void world_check(const struct world *world);

int64_t world_time(const struct world *world); /* of the newest block */
/* The place of the next log. */
struct place world_place(const struct world *world);
/* Remembers the next log; valid until the next call. */
struct mark *world_mark(struct world *world, enum mark_kind kind);

#endif
