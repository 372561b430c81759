#ifndef GS_CONFIG_CONFIG_H
#define GS_CONFIG_CONFIG_H

#include "common/address.h"
#include "common/error.h"
#include "common/secret_key.h"
#include "config/profiles.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The one configuration file (YAML) and the environment, as one struct.
 * Names of sections and keys: README.md, "Configuration". Every scalar can
 * also come from GIGSTREAM_SECTION_KEY, which wins over the file; DATABASE_URL
 * and RPC_URL are understood where the file and that are silent. */

enum verify_mode {
	VERIFY_RECEIPTS, /* hash chain, receiptsRoot, transactionsRoot */
	VERIFY_BLOOM,	 /* hash chain; eth_getLogs held against blooms */
	VERIFY_OFF,	 /* eth_getLogs, believed */
};
const char *verify_mode_name(enum verify_mode mode); /* "receipts", ... */

struct config_endpoint {
	char *name; /* a label for logs and metrics; the URL's host if unset */
	char *url;  /* may hold a key: never printed */
	uint64_t max_in_flight;	 /* requests at a time; 0: 4 */
	uint64_t max_per_second; /* calls, each of a batch; 0: as it shows */
};

enum contract_role { ROLE_STREAMING, ROLE_LOANS, ROLE_REPUTATION };
const char *contract_role_key(enum contract_role role); /* contracts.loans */

struct config_contract {
	enum contract_role role;
	struct address address;
	/* The name of a mapping we ship ("PaymentStreaming"), or the path of
	 * one: see contracts-abi/catalog.h. */
	char *abi;
	uint64_t start_block;
};

struct config {
	struct {
		/* NULL: a chain, or a token on it, that we do not know. */
		const struct chain_profile *profile;
		/* What that chain logs USDC from as its own money. */
		struct address natives[PROFILE_NATIVES];
		size_t n_natives;
		uint64_t id;
		struct config_endpoint *rpc;
		size_t n_rpc;
		unsigned quorum;
		uint64_t start_block;
		bool finalized_tag; /* confirmations: finalized */
		uint64_t
		    confirmations; /* depth, where finalized_tag is false */
		enum verify_mode verify;
		unsigned poll_ms; /* 0: auto */
	} chain;
	struct {
		struct address usdc;
		struct config_contract *items; /* role by role */
		size_t n;
	} contracts;
	struct address *fee_wallets;
	size_t n_fee_wallets;
	bool transfers_all; /* transfers: all; false: watched */
	/* So long after no node has a transaction any more, it has failed; 0:
	 * never. */
	uint64_t dropped_after_ms;
	bool accept_unchecksummed;
	struct {
		char *url; /* may hold a password: never printed */
		struct secret_key *encryption_key; /* NULL: none is set */
	} database;
	struct {
		struct secret_key *token_key; /* NULL: none is set */
	} auth;
	struct {
		uint64_t interval_ms; /* 0: the daemon does not audit */
	} audit;
	struct {
		char *host; /* NULL: no HTTP server */
		uint16_t port;
	} http;
	struct {
		int level; /* enum log_level */
		bool json;
	} log;
};

/* Reads path (NULL: environment and defaults only), then the environment, and
 * checks everything. On failure (ERR_USAGE for all that a person can mend, or
 * ERR_NOMEM, ERR_BUG) *out is NULL and fault names file, line, key and the
 * nearest valid key, and never a value that may be secret. Free with
 * config_free. */
enum err config_load(struct config **out, const char *path,
		     struct fault *fault) MUST_CHECK;
/* The same for what works on the database alone: nothing else is required, but
 * what is there must be right. chain.id may be 0, the token zero. */
enum err config_load_database(struct config **out, const char *path,
			      struct fault *fault) MUST_CHECK;
void config_free(struct config *config); /* NULL is allowed */

#endif
