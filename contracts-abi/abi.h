#ifndef GS_CONTRACTS_ABI_ABI_H
#define GS_CONTRACTS_ABI_ABI_H

#include "common/arena.h"
#include "common/bytes.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Events and functions as an ABI JSON describes them (docs.soliditylang.org,
 * "Contract ABI Specification", sections JSON, Events, Function Selector and
 * Strict Encoding Mode). */

enum abi_kind {
	/* One word each: uintN, intN, address, bool, bytesN. */
	ABI_UINT,
	ABI_INT,
	ABI_ADDRESS,
	ABI_BOOL,
	ABI_BYTES,
	/* Made of several, or of as many as the data says. */
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
	 * are n, or (0) as many as the data says. */
	const struct abi_type *parts;
	size_t n;
};

/* Values that stand together: the data of a log, what a function takes, what it
 * returns. */
struct abi_values {
	const struct abi_type *types;
	size_t n;
	bool dynamic; /* their length depends on what they are */
	size_t len;   /* of all, or, if dynamic, of their heads */
};

/* What a log or an answer has one word for: an input or output, or a component
 * of one, which is named "input.component" (of one without a name:
 * "component"). */
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
	const char *signature;	/* "Transfer(address,address,uint256)" */
	struct hash topic0;	/* keccak256 of the signature */
	uint8_t n_topics;	/* 1 + indexed inputs: 1..4 */
	struct abi_values data; /* the inputs that are not indexed */
	const struct abi_param *params;
	size_t n_params;
};

#define ABI_SELECTOR 4 /* bytes that a call begins with */

struct abi_function {
	const char *name;
	/* Why it cannot be called; NULL: it can, and the rest is set. */
	const char *unreadable;
	const char *signature;		/* "balanceOf(address)" */
	uint8_t selector[ABI_SELECTOR]; /* of the signature's keccak256 */
	struct abi_values inputs, outputs;
	const struct abi_param *results; /* the words of the outputs */
	size_t n_results;
};

struct abi {
	const struct abi_event *events; /* in the order of the JSON */
	size_t n_events;
	const struct abi_function *functions; /* likewise */
	size_t n_functions;
};

/* Reads the events and functions of an ABI JSON text; entries of other types
 * are skipped. What out points to lives in the arena; out is untouched on
 * failure. name is for the sentences in fault. ERR_SYNTAX: not an ABI, an
 * anonymous event, in an event a type that is not canonical, the same signature
 * twice, more than ABI_MAX_PARAMS words; ERR_NOMEM. A function that is wrong
 * harms nobody who does not call it: it is kept with what is wrong. */
enum err abi_parse(struct abi *out, struct arena *arena, const char *name,
		   const char *json, size_t len,
		   struct fault *fault) MUST_CHECK;

/* The first event of that name, or of that signature; NULL: none. */
const struct abi_event *abi_event_named(const struct abi *abi,
					const char *name);
/* The first function whose name, or signature, are the len bytes at name; NULL:
 * none. */
const struct abi_function *abi_function_named(const struct abi *abi,
					      const char *name, size_t len);

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

/* The same of what a function returned: words[i] becomes the word of
 * results[i]. */
enum err abi_decode_answer(const struct abi_function *function,
			   struct bytes data, struct hash words[ABI_MAX_PARAMS],
			   const char **why) MUST_CHECK;

/* What a log that may not be of this event's shape has in the place of
 * params[i]: *word, zero where it ends before. NULL: it is right; else what is
 * wrong with it. Not for an event whose data is dynamic: there no place is sure
 * unless all before it is right. */
const char *abi_look(const struct abi_event *event, size_t i,
		     const struct hash *topics, size_t n_topics,
		     struct bytes data, struct hash *word);

#endif
