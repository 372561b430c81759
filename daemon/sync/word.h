#ifndef GS_DAEMON_SYNC_WORD_H
#define GS_DAEMON_SYNC_WORD_H

#include "chain/block.h"
#include "db/store/store.h"

/* Whether an operator's word on a reorg holds: block `to` with this hash is on
 * the chain that survives. Pure; the fault says what to do instead. */

/* Is it a block of ours, with something above it? ERR_CONFLICT. */
enum err word_is_ours(const struct reorg_look *look, uint64_t to,
		      const struct hash *hash, struct fault *fault) MUST_CHECK;
/* Is it the node's, too? ERR_CONFLICT. */
enum err word_is_theirs(const struct block_ref *theirs, const struct hash *hash,
			struct fault *fault) MUST_CHECK;

#endif
