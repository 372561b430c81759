#ifndef GS_TESTS_LIB_BOOKS_H
#define GS_TESTS_LIB_BOOKS_H

#include "daemon/reconcile/facts.h"
#include "tests/unit/lib_cast.h"

/* A database in memory, small but strict: it loads what reconcile() is to be
 * given, applies change sets, and asserts on the way what the real one would
 * refuse, that amounts are conserved, that transitions link up, and that what
 * was applied, loaded again, yields no change. */

struct books;

struct books *books_new(void);
/* Empty ones with the same wallets registered, and the same intents. */
struct books *books_like(const struct books *books);
void books_free(struct books *books);

/* Their ids. */
struct uuid books_worker(struct books *books, struct address wallet);
struct uuid books_platform(struct books *books, struct address wallet);
void books_keep_all(struct books *books); /* transfers: all */

/* What the node says from now on. */
void books_node(struct books *books, uint64_t head, uint64_t finalized);

/* The engine's line: facts of the blocks, load, reconcile, commit. */
void books_feed(struct books *books, const struct block *blocks, size_t n);
void books_rollback(struct books *books, uint64_t ancestor);
/* Only the first half of a rollback: the facts go, the rows stay. */
void books_orphan(struct books *books, uint64_t ancestor);
/* Another rule gave the transaction up. */
void books_fail(struct books *books, unsigned tx, struct address from,
		struct address to, struct u256 amount);
/* An application intends a payment at the node's head, the first being 0; tx 0:
 * without a hash. */
void books_intend(struct books *books, enum transaction_type type, unsigned tx,
		  struct address from, struct address to, struct u256 amount);
/* The head was old news for the i-th: no block before is later. */
void books_intend_since(struct books *books, size_t i, int64_t since);
/* It attaches a hash to the i-th. */
void books_attach(struct books *books, size_t i, unsigned tx);
/* The transaction that was found to be the i-th failed for good: it is free. */
void books_lose(struct books *books, size_t i);
/* Intents are held against what is there. */
void books_take_up(struct books *books);
const struct transaction_row *books_intent(struct books *books, size_t i);
/* Everything loaded at once must be right already. */
void books_check(struct books *books);
/* Equal streams, loans, transactions in blocks, roles and quarantine (ids and
 * confirmations aside). */
void books_assert_same(struct books *a, struct books *b);

/* NULL: none. */
const struct stream_row *books_stream(struct books *books,
				      struct address contract, uint64_t id);
const struct loan_row *books_loan(struct books *books, uint64_t id);
/* The k-th equal one; NULL: none. */
const struct transaction_row *
books_transaction(struct books *books, unsigned tx, struct address from,
		  struct address to, struct u256 amount, unsigned k);
/* The k-th equal one that stands, by its log's index; there must be one. */
const struct transfer_row *books_transfer(struct books *books, unsigned tx,
					  struct address from,
					  struct address to, struct u256 amount,
					  unsigned k);
enum transfer_role books_role(struct books *books, unsigned tx,
			      struct address from, struct address to,
			      struct u256 amount, unsigned k);
/* Of the one that stands there. */
enum transfer_role books_role_at(struct books *books, const struct place *at);
/* Whether an event stands there. */
bool books_has_event(struct books *books, const struct place *at);

struct books_counts {
	size_t streams, loans;
	size_t transactions, placed;   /* those in a block */
	size_t transfers, events;      /* that stand */
	size_t quarantined, malformed; /* that stand */
	size_t transitions;	       /* ever */
};
struct books_counts books_count(struct books *books);
/* Why the log is in quarantine; NULL: it is not. */
const char *books_reason(struct books *books, uint64_t block_number,
			 uint32_t log_index);
/* The newest transitions, newest last: "from>to reason". */
const char *books_history(struct books *books, size_t from_the_end);

#endif
