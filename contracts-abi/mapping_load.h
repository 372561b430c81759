#ifndef GS_CONTRACTS_ABI_MAPPING_LOAD_H
#define GS_CONTRACTS_ABI_MAPPING_LOAD_H

#include "contracts-abi/mapping.h"

/* Where mappings come from: the ones we ship are files inside the binary
 * (contracts-abi/NAME.mapping.json), others are files of the operator. Both
 * name their ABI's file beside them. */

/* Every mapping we ship, in the arena. ERR_NOMEM; ERR_SYNTAX is our bug. */
enum err mapping_load_shipped(const struct mapping **out, size_t *n,
			      struct arena *arena,
			      struct fault *fault) MUST_CHECK;

/* Does this name a file, rather than a mapping that we ship? It does where it
 * has a slash or ends in ".json". */
bool mapping_is_path(const char *text);

/* Reads a mapping and its ABI from files of at most 1 MiB each. ERR_USAGE with
 * a sentence that names the file; ERR_NOMEM. */
enum err mapping_load_file(struct mapping *out, struct arena *arena,
			   const char *path, struct fault *fault) MUST_CHECK;

#endif
