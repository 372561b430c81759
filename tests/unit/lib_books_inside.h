#ifndef GS_TESTS_LIB_BOOKS_INSIDE_H
#define GS_TESTS_LIB_BOOKS_INSIDE_H

#include "tests/unit/lib_books.h"
#include "tests/unit/lib_index.h"

#define GONE (-2) /* as the last status told: the row is no more */

struct stored_event {
	struct event_row row;
	bool orphaned;
	uint32_t seen; /* by which load */
};
struct stored_transfer {
	struct transfer_row row;
	bool orphaned;
	uint32_t seen;
};
struct stored_quarantine {
	struct quarantine_row row;
	bool malformed, orphaned, released;
};
struct stored_stream {
	struct stream_row row;
	int told; /* status of the last transition, GONE: deleted */
};
struct stored_loan {
	struct loan_row row;
	int told;
};
struct stored_transaction {
	struct transaction_row row;
	int told;
};

/* A growing array of one type. */
#define LIST(type)                                                             \
	struct {                                                               \
		type *at;                                                      \
		size_t n, room;                                                \
	}
/* A place at its end; asserts that there is memory. */
#define LIST_ADD(list)                                                         \
	((list)->at = list_room((list)->at, (list)->n, &(list)->room,          \
				sizeof(*(list)->at)),                          \
	 &(list)->at[(list)->n++])
void *list_room(void *at, size_t n, size_t *room, size_t size);

struct books {
	struct arena *kept; /* data of stored logs, histories */
	struct cast cast;
	bool keep_all;
	uint64_t head, finalized;
	bool has_finalized;
	uint32_t load;

	LIST(struct stored_event) events;
	LIST(struct stored_transfer) transfers;
	LIST(struct stored_quarantine) quarantine;
	LIST(struct stored_stream) streams;
	LIST(struct stored_loan) loans;
	LIST(struct stored_transaction) transactions;
	LIST(struct party_row) parties;
	LIST(const char *) history;
	LIST(uint32_t) unconfirmed; /* transactions that may be submitted */
	LIST(uint32_t) intents;	    /* which transactions they are */

	struct index event_facts, events_by_tx, events_by_object;
	struct index transfer_facts, transfers_by_tx;
	struct index quarantine_facts;
	struct index streams_by_key, streams_by_id;
	struct index loans_by_key, loans_by_id;
	struct index transactions_by_tx, transactions_by_id;
	struct index wallets;
};

uint64_t fact_key(const struct place *at, uint8_t part);
uint64_t object_key(const struct address *contract, const struct u256 *id);
uint64_t tx_key(const struct hash *tx);
uint64_t uuid_key(const struct uuid *id);

struct keys {
	uint64_t *at;
	size_t n, room;
};
/* What a load starts from. */
struct seeds {
	struct keys txs, objects;
};
void seeds_free(struct seeds *seeds);

/* lib_books_load.c: all that hangs together with the seeds. */
void books_load(struct books *books, struct arena *arena,
		const struct seeds *seeds, struct loaded *loaded);

/* lib_books_look.c; NULL: none */
const struct stream_row *books_find_stream(struct books *b,
					   const struct address *contract,
					   const struct u256 *id);

const struct loan_row *books_find_loan(struct books *b,
				       const struct object_ref *ref);
/* lib_books_intents.c: the intents of books, as they were at first. */
void books_copy_intents(struct books *to, const struct books *from);

/* lib_books_apply.c */
void books_insert(struct books *books, const struct facts *facts);
void books_apply(struct books *books, const struct changes *changes);
void books_confirm(struct books *books);

#endif
