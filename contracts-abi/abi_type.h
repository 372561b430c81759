#ifndef GS_CONTRACTS_ABI_ABI_TYPE_H
#define GS_CONTRACTS_ABI_ABI_TYPE_H

#include "common/buf.h"
#include "contracts-abi/abi.h"
#include <jansson.h>

/* Reading the types of an event's inputs: a part of abi_parse(). */

struct type_reader {
	struct arena *arena;
	struct buf *signature;	  /* gets each type as a signature has it */
	struct abi_param *params; /* room for ABI_MAX_PARAMS */
	size_t n_params;
	const char *why; /* what is wrong, after ERR_SYNTAX */
};

/* Reads an input's type, and adds the parameters that it makes. ERR_SYNTAX,
 * ERR_NOMEM. */
enum err type_read(struct type_reader *r, json_t *input, bool indexed,
		   struct abi_type *out) MUST_CHECK;

#endif
