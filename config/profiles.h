#ifndef GS_CONFIG_PROFILES_H
#define GS_CONFIG_PROFILES_H

#include "common/address.h"
#include "common/error.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The chains that we know, and the tokens that may be taken for USDC. */

#define PROFILE_NATIVES 2

struct chain_profile {
	const char *name;  /* as chain.profile has it: "arc-testnet" */
	const char *title; /* for people: "Arc testnet" */
	uint64_t id;	   /* eth_chainId */
	const char *usdc;  /* Circle's own, in the form of EIP-55 */
	/* chain.verify where nothing is said: what the chain's headers and
	 * receipts allow (README.md, "Receipts, bloom or off"). */
	const char *verify;
	bool instant; /* a block is final when it is there */
	/* Where USDC is the chain's own money: what the chain itself logs it
	 * from, in the form of EIP-55; the rest NULL. */
	const char *natives[PROFILE_NATIVES];
};

extern const struct chain_profile chain_profiles[];
extern const size_t n_chain_profiles;

/* NULL: no chain that we know. */
const struct chain_profile *chain_profile_named(const char *name);
const struct chain_profile *chain_profile_of(uint64_t id);

/* "did you mean arc-testnet?", or all names. */
#define PROFILE_SUGGESTION_SIZE 256
const char *chain_profile_suggest(char text[PROFILE_SUGGESTION_SIZE],
				  const char *name);

/* Is it USDC on that chain? profile may be NULL. */
bool chain_has_token(const struct chain_profile *profile,
		     const struct address *token);

/* What the token is, wherever that may be; NULL, with text untouched: nothing
 * that we know. */
#define TOKEN_TITLE_SIZE 128
/* "USDC on Arc (chain 5042)" */
const char *token_title(char text[TOKEN_TITLE_SIZE],
			const struct address *token);
/* "USDC.e on Polygon PoS (chain 137), which Circle does not issue" */
const char *token_title_other(char text[TOKEN_TITLE_SIZE],
			      const struct address *token);

#endif
