#ifndef GS_CHAIN_REFUSAL_H
#define GS_CHAIN_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include "chain/json.h"

/* What a node means when it says no. Pure. Codes collide between makers, so
 * what `data` and `message` say goes before the code. */
struct refusal {
	/* BUSY: come back later; TOO_LARGE: ask for less; NOT_YET: this node
	 * is behind; TIMEOUT: it took too long; REFUSED: no, for good. */
	enum err err;
	uint32_t retry_after_ms; /* BUSY: as the node wishes; 0: it is silent */
	bool too_often;		 /* BUSY: for the rate of our requests */
	bool unknown_method;	 /* REFUSED: it does not offer the method */
	bool reverted;		 /* REFUSED: by the contract, so by any node */
	bool pruned;		 /* REFUSED: it no longer has what is so old */
	bool topics;		 /* TOO_LARGE: the topics, not the blocks */
};

/* A JSON-RPC error: data is its text, or compact JSON; message and data may be
 * NULL. */
struct refusal refusal_of(int64_t code, const char *message, const char *data);

/* The `error` member of a reply, read with refusal_of; also honours the
 * seconds some nodes hide in data.rate.backoff_seconds. */
struct refusal refusal_of_error(const struct json *error);

/* An HTTP status outside 2xx whose body says nothing better; retry_after_ms is
 * its Retry-After. */
struct refusal refusal_of_status(long status, uint32_t retry_after_ms);

#endif
