#ifndef GS_CONTRACTS_ABI_GETTERS_H
#define GS_CONTRACTS_ABI_GETTERS_H

#include "common/address.h"
#include "common/u256.h"
#include "contracts-abi/abi.h"
#include "contracts-abi/event.h"

/* What a contract can be asked of its streams, or its loans, as its mapping
 * says. README.md, "Adding a contract", says how that is written. */

enum getter_type { GETTER_WALLET, GETTER_AMOUNT, GETTER_STATUS };
#define GETTER_WALLETS 2
#define GETTER_AMOUNTS 5
#define GETTER_FIELDS 7 /* that a family has at most */

/* What may be asked. */
struct getter_field {
	const char *name; /* "released" */
	enum getter_type type;
	size_t place; /* among the wallets, or among the amounts */
};
/* Of FAMILY_STREAMS or FAMILY_LOANS, in the order of struct audit_object; one
 * without a name ends them. */
const struct getter_field *getter_fields(enum event_family family);
/* Their statuses as we call them; NULL ends them. */
const char *const *getter_statuses(enum event_family family);

/* One that the contract answers. */
struct getter {
	const struct getter_field *field;
	size_t function; /* of getters.functions */
	size_t result;	 /* of the function */
	/* An amount: its unit is 10^-(6 + more) of the token's whole, or, below
	 * 0, a larger one. */
	int more_decimals;
};

struct getters {
	enum event_family family;
	/* How many there are: their ids are 1 to that. NULL: ids are others. */
	const struct abi_function *count;
	size_t count_result;
	/* Each takes the id. */
	const struct abi_function *functions[GETTER_FIELDS];
	size_t n_functions;
	struct getter all[GETTER_FIELDS];
	size_t n;
	/* By the contract's number; NULL: one that says nothing. */
	const char *const *statuses;
	size_t n_statuses;
};

/* What the contract said of one stream or loan. Zero-initialise. */
struct getters_said {
	bool has[GETTER_FIELDS]; /* as many as getters.all */
	struct address wallets[GETTER_WALLETS];
	struct u256 amounts[GETTER_AMOUNTS];
	const char *status;
};
/* Takes the answer of functions[i] in. ERR_SYNTAX, with a short sentence in
 * *why: it is none. */
enum err getters_take(struct getters_said *said, const struct getters *getters,
		      size_t i, struct bytes answer,
		      const char **why) MUST_CHECK;
/* The answer of count; false: it is none. */
bool getters_take_count(struct u256 *out, const struct getters *getters,
			struct bytes answer) MUST_CHECK;

#endif
