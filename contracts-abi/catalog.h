#ifndef GS_CONTRACTS_ABI_CATALOG_H
#define GS_CONTRACTS_ABI_CATALOG_H

#include "common/address.h"
#include "common/error.h"
#include "contracts-abi/event.h"
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

/* Knows which address speaks which ABI. Immutable once built. */
struct catalog;

/* An empty catalog; reads the ABIs that are embedded in the binary. */
enum err catalog_new(struct catalog **out, struct fault *fault) MUST_CHECK;
void catalog_free(struct catalog *catalog);
/* abi is a name we ship ("USDC", "PaymentStreaming"); ERR_MISSING else. */
enum err catalog_add(struct catalog *catalog, const struct address *address,
		     const char *abi, struct fault *fault) MUST_CHECK;

/* The (address, topic0) pairs whose logs concern us, for filters and blooms. */
struct catalog_interest {
	struct address address;
	struct hash topic0;
};
size_t catalog_interests(const struct catalog *catalog,
			 const struct catalog_interest **out);

enum catalog_match {
	CATALOG_NOT_OURS,  /* another address, or an event we do not follow */
	CATALOG_EVENT,	   /* decoded into *event */
	CATALOG_MALFORMED, /* our address and topic0, but it does not fit */
};
/* Recognises by address, topic0, number of topics and data length, and
 * refuses dirty upper bytes (an address word over 160 bits). why gets a short
 * sentence for CATALOG_MALFORMED. */
enum catalog_match catalog_decode(const struct catalog *catalog,
				  const struct raw_log *log,
				  struct event *event, const char **why);

#endif
