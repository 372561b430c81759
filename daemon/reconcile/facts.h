#ifndef GS_DAEMON_RECONCILE_FACTS_H
#define GS_DAEMON_RECONCILE_FACTS_H

#include "chain/block.h"
#include "daemon/reconcile/reconcile.h"
#include "db/store/derive.h"

/* From logs to facts: decoding, and which of them concern us. */

struct facts_scope {
	const struct reconcile_rules *rules;
	/* Is this a registered wallet? */
	bool (*watched)(void *arg, const struct address *wallet);
	void *arg;
	bool transfers_all; /* keep every Transfer of the token */
};

/* Fills *out with what the span says: every block; every event of a contract (of
 * mints and burns, those below); every Transfer that touches a watched wallet, a
 * contract we know or a fee wallet, or stands in a transaction with an event of a
 * stream or a loan, each movement once (see native.h); every log of ours that
 * does not decode. The rows live in the arena and borrow data from the span;
 * roles are ROLE_PLAIN, which reconcile() corrects. ERR_NOMEM. */
enum err facts_read(struct facts *out, struct arena *arena,
		    const struct span *span,
		    const struct facts_scope *scope) MUST_CHECK;

/* The same of what was in quarantine, log by log, without blocks: what decodes
 * is a fact (`decoded` is set where it was malformed), or concerns nobody; what
 * does not is malformed, with its reason as of now. ERR_NOMEM. */
enum err facts_retry(struct facts *out, struct arena *arena,
		     struct held_row *held, size_t n,
		     const struct facts_scope *scope) MUST_CHECK;

/* Lets in's arrays be the facts (NULL: none) and what the database knows that
 * concerns them; the rest of in is the caller's. Where it knows nothing they are
 * the facts' own arrays, which reconcile() then sorts. ERR_NOMEM. */
enum err facts_join(struct reconcile_input *in, struct arena *arena,
		    const struct facts *facts,
		    const struct loaded *loaded) MUST_CHECK;

#endif
