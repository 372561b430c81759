#ifndef GS_DAEMON_RECONCILE_RECONCILE_H
#define GS_DAEMON_RECONCILE_RECONCILE_H

#include "common/arena.h"
#include "contracts-abi/catalog.h"
#include "db/store/changes.h"

/* From facts to rows: pure; knows no socket, no database and no clock.
 *
 * The input is closed: with any event of a stream or a loan it holds all events
 * of that one that stand, and with any transaction all its events and transfers
 * that stand (so that pairing and folding see everything they depend on).
 * Events of neither, those of reputation say, are facts and no more here. */

struct reconcile_rules {
	struct address token;
	const struct address *fee_wallets;
	size_t n_fee_wallets;
	/* Contracts we know (streaming and so on): no payers, no wallets. */
	const struct address *contracts;
	size_t n_contracts;
	const struct catalog *catalog;
};

struct reconcile_input {
	const struct reconcile_rules *rules;
	uint64_t head;
	uint64_t finalized; /* blocks up to this one are final */
	bool has_finalized;
	/* Facts that stand, old and new, in any order. role of a transfer is
	 * what the database holds; new ones say ROLE_PLAIN. */
	struct event_row *events;
	size_t n_events;
	struct transfer_row *transfers;
	size_t n_transfers;
	/* Rows in the database: every stream that the events name or that lost
	 * its facts in a rollback; every transaction with a tx_hash among the
	 * facts' or among the orphaned; every open intent without a hash that
	 * names a transfer's (from, to, amount). Oldest first. */
	const struct stream_row *streams;
	size_t n_streams;
	const struct loan_row *loans; /* likewise */
	size_t n_loans;
	const struct transaction_row *transactions;
	size_t n_transactions;
	/* Every registered wallet among the facts' and rows' addresses. */
	const struct party_row *parties;
	size_t n_parties;
	/* Facts now quarantined for contradicting others (not those that do not
	 * decode); those among them that fit now are released. */
	const struct quarantine_row *quarantined;
	size_t n_quarantined;
	/* Why this runs, for the transitions it causes: e.g. "reorg". NULL: the
	 * facts themselves are the reason. */
	const char *reason;
};

/* Fills *out. now_ms dates new uuids. Sorts events and transfers of the input
 * in place, and drops what stands there twice (a range read again).
 *
 * ERR_NOMEM; ERR_BUG if the input is not closed (two blocks of one height, a
 * transaction in two blocks, a stream or a loan twice); ERR_USAGE if a stored event is of
 * a contract that the rules do not know any more; uuid_v7()'s. */
enum err reconcile(struct changes *out, struct arena *arena,
		   struct reconcile_input *in, uint64_t now_ms,
		   struct fault *fault) MUST_CHECK;

#endif
