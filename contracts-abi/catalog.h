#ifndef GS_CONTRACTS_ABI_CATALOG_H
#define GS_CONTRACTS_ABI_CATALOG_H

#include "common/address.h"
#include "common/error.h"
#include "contracts-abi/event.h"
#include "contracts-abi/getters.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the events of the contracts we know mean to us. */

/* A log as the chain has it; data is borrowed. */
struct raw_log {
	struct address address;
	uint8_t n_topics; /* 0..4 */
	struct hash topics[4];
	struct bytes data;
};

/* Knows which address speaks which ABI, and what it means. Immutable once
 * built. */
struct catalog;

/* An empty catalog; reads the mappings that are embedded in the binary. */
enum err catalog_new(struct catalog **out, struct fault *fault) MUST_CHECK;
void catalog_free(struct catalog *catalog);

/* The name of the mapping of USDC. Whose it is added for is our token. */
#define CATALOG_TOKEN "USDC"

/* abi is the name of a mapping we ship ("USDC", "PaymentStreaming"), or the
 * path of one (mapping_is_path). ERR_USAGE: a name that we do not ship, a file
 * that is not there or not right; ERR_CONFLICT: the address is here already;
 * ERR_NOMEM. */
enum err catalog_add(struct catalog *catalog, const struct address *address,
		     const char *abi, struct fault *fault) MUST_CHECK;

/* The contract's getter of the token it pays in ("usdcToken"), of at most
 * CATALOG_GETTER_MAX letters; NULL: it has none, or the contract is not here. */
#define CATALOG_GETTER_MAX 64
const char *catalog_token_getter(const struct catalog *catalog,
				 const struct address *address);

/* What the contract can be asked of its streams or loans; NULL: nothing, or the
 * contract is not here. */
const struct getters *catalog_getters(const struct catalog *catalog,
				      const struct address *address);

/* The (address, topic0) pairs whose logs concern us, for filters and blooms. */
struct catalog_interest {
	struct address address;
	struct hash topic0;
};
size_t catalog_interests(const struct catalog *catalog,
			 const struct catalog_interest **out);

enum catalog_match {
	CATALOG_NOT_OURS,  /* another address, or an event we do not follow */
	CATALOG_EVENT,	   /* decoded into events */
	CATALOG_MALFORMED, /* our address and topic0, but it does not fit */
};
/* The events of ours that one log means, in order; most mean one. */
#define CATALOG_MAX_EVENTS 4
struct catalog_events {
	struct event all[CATALOG_MAX_EVENTS];
	size_t n;
};
/* Recognises by address, topic0, number of topics and data length, refuses
 * dirty upper bytes (an address word over 160 bits), and asks for what the
 * mapping demands (such as our token). events->n is 0 but for CATALOG_EVENT;
 * why gets a short sentence for CATALOG_MALFORMED. */
enum catalog_match catalog_decode(const struct catalog *catalog,
				  const struct raw_log *log,
				  struct catalog_events *events,
				  const char **why);

/* The event that a log claims to be, by its address and topic0, whether it fits
 * or not; NULL: it is not ours. */
struct abi_event;
const struct abi_event *catalog_claims(const struct catalog *catalog,
				       const struct raw_log *log);
/* Is it, by the same, an event of a stream or a loan, whose money other logs of
 * its transaction may be? Costs no decoding. */
bool catalog_claims_money(const struct catalog *catalog,
			  const struct raw_log *log);

#endif
