#ifndef GS_CONTRACTS_ABI_ABI_H
#define GS_CONTRACTS_ABI_ABI_H

#include "common/arena.h"
#include "common/bytes.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Events as an ABI JSON describes them (docs.soliditylang.org, "Contract ABI
 * Specification", sections JSON, Events and Strict Encoding Mode). Only static
 * types of one word each: uintN, intN, address, bool, bytesN. */

enum abi_kind { ABI_UINT, ABI_INT, ABI_ADDRESS, ABI_BOOL, ABI_BYTES };

struct abi_type {
	enum abi_kind kind;
	uint8_t bytes; /* of the 32 that carry the value: 1..32 */
};

struct abi_param {
	const char *name; /* may be empty */
	struct abi_type type;
	bool indexed; /* a topic; else a word of data */
};

#define ABI_MAX_PARAMS 16

struct abi_event {
	const char *name;
	const char *signature; /* "Transfer(address,address,uint256)" */
	struct hash topic0;    /* keccak256 of the signature */
	uint8_t n_topics;      /* 1 + indexed parameters: 1..4 */
	size_t data_len;       /* 32 * the others */
	const struct abi_param *params;
	size_t n_params;
};

struct abi {
	const struct abi_event *events; /* in the order of the JSON */
	size_t n_events;
};

/* Reads the events of an ABI JSON text; entries of other types are skipped.
 * What out points to lives in the arena; out is untouched on failure. name
 * is for the sentences in fault. ERR_SYNTAX: not an ABI, an anonymous event,
 * a type that is not static, the same signature twice; ERR_NOMEM. */
enum err abi_parse(struct abi *out, struct arena *arena, const char *name,
		   const char *json, size_t len,
		   struct fault *fault) MUST_CHECK;

/* The first event of that name, or NULL. */
const struct abi_event *abi_event_named(const struct abi *abi,
					const char *name);

/* Takes a log of this event apart: words[i] becomes the word of params[i],
 * whose unused bytes are known to be right (zero; the sign's for intN).
 * ERR_SYNTAX, with words untouched and a short sentence in *why, when topic0,
 * the number of topics, the data's length or a single unused bit is off. */
enum err abi_decode(const struct abi_event *event, const struct hash *topics,
		    size_t n_topics, struct bytes data,
		    struct hash words[ABI_MAX_PARAMS],
		    const char **why) MUST_CHECK;

#endif
