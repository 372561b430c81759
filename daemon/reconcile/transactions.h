#ifndef GS_DAEMON_RECONCILE_TRANSACTIONS_H
#define GS_DAEMON_RECONCILE_TRANSACTIONS_H

#include "daemon/reconcile/known.h"
#include "daemon/reconcile/movement.h"
#include "daemon/reconcile/output.h"

/* From movements to rows of public.transactions. A movement and a row are the
 * same where (tx_hash, from, to, amount, ordinal) are: a log's index within
 * its block changes when the transaction is included anew, and is no identity.
 *
 * - A movement that is a transaction: confirmed in a final block, submitted in
 *   another; what was confirmed in the very same block stays so.
 * - A row whose movement is gone goes back to submitted, and stands in no
 *   block, on no stream and on no loan. Whether it comes again or fails is not seen here.
 * - A row whose movement stands but is no transaction any more (its sender
 *   registered as a worker, say) goes the same way, with the reason
 *   "reclassified": nobody deletes a transaction, and a confirmed one must not
 *   fail.
 * - A link to a worker or a platform, and a payout or refund, outlives that its
 *   wallet is registered no more.
 * - A movement that was intended (daemon/reconcile/intents.h) is its intent's
 *   row; where it has a row of its own already, the intent takes that over.
 *   Whoever pays whom, an intent's movement is a transaction (but an escrow,
 *   which has reached nobody).
 * - pending and cancelled rows were never on the chain and are left alone, as
 *   are failed ones without a movement. */

/* Fills in the ordinals, and puts out what differs from the database.
 * ERR_NOMEM; ERR_BUG where a transaction stands in two blocks; uuid_v7()'s. */
enum err transactions_settle(struct output *out,
			     const struct reconcile_input *in,
			     struct movement *movements, size_t n,
			     const struct known_parties *parties,
			     uint64_t now_ms, struct fault *fault) MUST_CHECK;

#endif
