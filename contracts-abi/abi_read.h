#ifndef GS_CONTRACTS_ABI_ABI_READ_H
#define GS_CONTRACTS_ABI_ABI_READ_H

#include "common/buf.h"
#include "contracts-abi/abi.h"
#include <jansson.h>

/* The inside of abi_parse(). */

/* Above a name and ABI_MAX_PARAMS types of the longer kind. */
#define ABI_MAX_SIGNATURE 2048

struct type_reader {
	struct arena *arena;
	struct buf *signature;	  /* gets the types as a signature has them */
	struct abi_param *params; /* room for ABI_MAX_PARAMS */
	size_t n_params;
	const char *why; /* what is wrong, after ERR_SYNTAX */
};

/* abi_type.c: reads a list of inputs or outputs, and adds the parameters that
 * they make. out gets those that are not indexed; n_indexed counts the others,
 * NULL: it is a function's list, which says nothing of that. ERR_SYNTAX,
 * ERR_NOMEM. */
enum err types_read(struct type_reader *r, json_t *list, struct abi_values *out,
		    size_t *n_indexed) MUST_CHECK;
/* A copy of the parameters in the arena; NULL: out of memory. */
struct abi_param *types_keep_params(const struct type_reader *r);

/* abi_function.c: what is wrong with it is kept in out. name is the arena's.
 * ERR_NOMEM. */
enum err abi_read_function(struct arena *arena, const char *name, json_t *json,
			   struct abi_function *out) MUST_CHECK;

#endif
