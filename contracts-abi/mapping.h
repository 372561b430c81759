#ifndef GS_CONTRACTS_ABI_MAPPING_H
#define GS_CONTRACTS_ABI_MAPPING_H

#include "contracts-abi/abi.h"
#include "contracts-abi/event.h"
#include "contracts-abi/field.h"
#include "contracts-abi/getters.h"

/* What the events of a kind of contract mean to us: a JSON file beside its ABI.
 * README.md, "Adding a contract", says how one is written. */

/* Where a field's value comes from. */
struct mapping_field {
	const struct event_field *field;
	enum { FROM_PARAM, FROM_CONTRACT, FROM_NUMBER } from;
	size_t param;	    /* FROM_PARAM: of the event */
	struct u256 number; /* FROM_NUMBER */
	/* FROM_PARAM, an amount: its unit is 10^-(6 + more) of the token's
	 * whole, or, below 0, a larger one. */
	int more_decimals;
};

/* What must be true of a log for it to be ours. */
struct mapping_condition {
	size_t param;
	bool is_token; /* it is our token's address; else it is not zero */
};

#define MAPPING_MAX_PARTS 4 /* events of ours that one of theirs means */

/* One event of theirs means one of ours. */
struct mapping_entry {
	const struct abi_event *event;
	enum event_kind kind;
	enum event_money money;
	uint8_t part; /* how many entries of the same event precede it */
	const struct mapping_entry *next; /* of the same event; NULL: none */
	const struct mapping_field *fields;
	size_t n_fields;
	const struct mapping_condition *conditions;
	size_t n_conditions;
};

struct mapping {
	const char *name; /* "PaymentStreaming" */
	/* "usdcToken", of at most CATALOG_GETTER_MAX letters; NULL: none */
	const char *token_getter;
	unsigned traits; /* enum contract_trait */
	const struct mapping_entry *entries;
	size_t n_entries;
	const struct getters *getters; /* NULL: it has none that we know */
};

/* Reads the text of the ABI that a mapping names. text is the arena's. */
typedef enum err (*mapping_abi_fn)(void *arg, const char *name,
				   struct arena *arena, struct bytes *text,
				   struct fault *fault);

/* Reads a mapping. file is for the sentences in fault, which say where in it,
 * and what would be right. What out points to lives in the arena; out is
 * untouched on failure. ERR_SYNTAX, ERR_NOMEM, or what abi returns. */
enum err mapping_parse(struct mapping *out, struct arena *arena,
		       const char *file, struct bytes text, mapping_abi_fn abi,
		       void *arg, struct fault *fault) MUST_CHECK;

/* From the decoded words of a log to our event. ERR_MISSING: the log is not
 * ours, since a condition does not hold. ERR_RANGE, with a sentence in *why: an
 * amount does not fit our unit. */
enum err mapping_apply(struct event *out, const struct mapping *mapping,
		       const struct mapping_entry *entry,
		       const struct hash words[ABI_MAX_PARAMS],
		       const struct address *contract,
		       const struct address *token,
		       const char **why) MUST_CHECK;

#endif
