#ifndef GS_CONTRACTS_ABI_ABI_H
#define GS_CONTRACTS_ABI_ABI_H

#include "common/arena.h"
#include "common/bytes.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Events as an ABI JSON describes them (docs.soliditylang.org, "Contract ABI
 * Specification", sections JSON, Events and Strict Encoding Mode). */

enum abi_kind {
	/* One word each: uintN, intN, address, bool, bytesN. */
	ABI_UINT,
	ABI_INT,
	ABI_ADDRESS,
	ABI_BOOL,
	ABI_BYTES,
	/* Made of several, or of as many as a log says. */
	ABI_BLOB,  /* bytes, string */
	ABI_ARRAY, /* T[], T[n] */
	ABI_TUPLE,
};

struct abi_type {
	enum abi_kind kind;
	uint8_t bytes; /* a word: of the 32 that carry the value, 1..32 */
	bool dynamic;  /* its value stands in the tail, its offset in place */
	size_t head;   /* bytes that it takes in place: a multiple of 32 */
	/* ABI_TUPLE: its members. ABI_ARRAY: its one element, of which there
	 * are n, or (0) as many as the log says. */
	const struct abi_type *parts;
	size_t n;
};

/* What a log has one word for: an input, or a component of one, which is named
 * "input.component". */
struct abi_param {
	const char *name; /* may be empty */
	struct abi_type type;
	bool indexed; /* a topic; else within the data */
};
/* Is its word the value? Of an array, of bytes and the like it is not. */
bool abi_is_word(const struct abi_param *param);

#define ABI_MAX_PARAMS 32

struct abi_event {
	const char *name;
	const char *signature; /* "Transfer(address,address,uint256)" */
	struct hash topic0;    /* keccak256 of the signature */
	uint8_t n_topics;      /* 1 + indexed inputs: 1..4 */
	bool dynamic;	       /* the data's length depends on the log */
	size_t data_len;       /* of the data, or, if dynamic, of its head */
	const struct abi_type *data; /* the inputs that are not indexed */
	size_t n_data;
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
 * a type that is not canonical, the same signature twice, more than
 * ABI_MAX_PARAMS words; ERR_NOMEM. */
enum err abi_parse(struct abi *out, struct arena *arena, const char *name,
		   const char *json, size_t len,
		   struct fault *fault) MUST_CHECK;

/* The first event of that name, or of that signature; NULL: none. */
const struct abi_event *abi_event_named(const struct abi *abi,
					const char *name);

/* Takes a log of this event apart: words[i] becomes the word of params[i],
 * whose unused bytes are known to be right (zero; the sign's for intN). For
 * what is no word (abi_is_word) it is the topic, or zero.
 * ERR_SYNTAX, with words untouched and a short sentence in *why, when topic0,
 * the number of topics, an offset or a length, or a single unused bit is off:
 * each event has one encoding, and it is the one that Solidity writes. */
enum err abi_decode(const struct abi_event *event, const struct hash *topics,
		    size_t n_topics, struct bytes data,
		    struct hash words[ABI_MAX_PARAMS],
		    const char **why) MUST_CHECK;

/* What a log that may not be of this event's shape has in the place of
 * params[i]: *word, zero where it ends before. NULL: it is right; else what is
 * wrong with it. Not for an event whose data is dynamic: there no place is sure
 * unless all before it is right. */
const char *abi_look(const struct abi_event *event, size_t i,
		     const struct hash *topics, size_t n_topics,
		     struct bytes data, struct hash *word);

#endif
