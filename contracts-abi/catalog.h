#ifndef GS_CONTRACTS_ABI_CATALOG_H
#define GS_CONTRACTS_ABI_CATALOG_H

#include "common/address.h"
#include "common/error.h"
#include "common/u256.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the events of the contracts we know mean to us. */

/* Stored in chain.events.kind: numbers never change, new ones come last. */
enum event_kind {
	EVENT_TRANSFER = 0,
	EVENT_STREAM_CREATED = 1,
	EVENT_PAYMENT_RELEASED = 2,
	EVENT_EARNINGS_CLAIMED = 3,
	EVENT_STREAM_PAUSED = 4,
	EVENT_STREAM_RESUMED = 5,
	EVENT_STREAM_CANCELLED = 6,
	EVENT_STREAM_COMPLETED = 7,
	EVENT_KINDS
};
const char *event_kind_name(enum event_kind kind); /* "StreamCreated", ... */

/* One decoded event. A field the kind does not have is zero. */
struct event {
	enum event_kind kind;
	struct u256 stream_id;
	struct address from, to;	 /* Transfer */
	struct address worker, platform; /* streams */
	struct address by;		 /* paused, resumed, cancelled */
	struct u256 amount; /* Transfer, released, claimed; cancel's refund;
			       created's and completed's total */
	struct u256 total_released;
	struct u256 duration, release_interval; /* seconds */
};

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
