#ifndef GS_DAEMON_AUDIT_KINDS_H
#define GS_DAEMON_AUDIT_KINDS_H

#include "config/config.h"
#include "contracts-abi/catalog.h"
#include "db/store/audit.h"

/* What an audit knows of the things that contracts keep: of streams and of
 * loans. Pure. */
struct object_kind {
	enum audit_kind kind;
	const char *name; /* "stream" */
	/* Whose getters these are. */
	enum contract_role role;
	const char *abi;
	const char *getter;  /* of one, by its id */
	const char *counter; /* how many there are: ids are 1 to it */
	/* What is compared, as it is called here, and the words of the getter's
	 * answer that say it. Names end with NULL. */
	size_t words;
	const char *wallets[AUDIT_WALLETS + 1];
	size_t wallet_words[AUDIT_WALLETS];
	const char *amounts[AUDIT_AMOUNTS + 1];
	size_t amount_words[AUDIT_AMOUNTS];
	size_t status_word;
	const char *const *statuses; /* in the order of the contract's enum */
	size_t n_statuses;
};

extern const struct object_kind object_kinds[];
extern const size_t n_object_kinds;

/* The kind that the contract keeps; NULL: none whose getters we know. */
const struct object_kind *object_kind_of(const struct config_contract *c);

/* What the contract says of one; false for what is no such answer. */
bool object_read(struct audit_object *out, const struct object_kind *kind,
		 const struct bytes *answer) MUST_CHECK;

/* The fold of events of one object, in their order; what it refuses (and what
 * stands in quarantine) is left out. False: they make no object. */
bool object_fold(struct audit_object *out, const struct object_kind *kind,
		 const struct catalog *catalog, const struct event_row *events,
		 size_t n) MUST_CHECK;

/* What the two say differently. */
struct unlike {
	const char *what; /* "released" */
	char expected[USDC_TEXT_SIZE], found[USDC_TEXT_SIZE];
	/* found less expected, with its sign; "" for what is no amount */
	char difference[USDC_TEXT_SIZE + 1];
};
#define UNLIKE_MOST (AUDIT_WALLETS + AUDIT_AMOUNTS + 1)
size_t object_compare(struct unlike out[UNLIKE_MOST],
		      const struct object_kind *kind,
		      const struct audit_object *books,
		      const struct audit_object *chain);

#endif
