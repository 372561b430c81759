#ifndef GS_DAEMON_RECONCILE_CLASSIFY_H
#define GS_DAEMON_RECONCILE_CLASSIFY_H

#include "daemon/reconcile/known.h"
#include "daemon/reconcile/movement.h"

/* What a Transfer becomes: first match wins.
 *
 *   amount 0 (dust or not), to its sender, mint
 *   or burn                                       a fact, no transaction
 *   consumed by LoanDisbursed                     advance
 *   consumed by RepaymentMade                     repayment
 *   consumed by EarningsClaimed, or the worker's
 *   part of StreamCancelled                       payout
 *   consumed as StreamCancelled's refund          refund
 *   consumed by StreamCreated                     a fact, no transaction
 *   to a configured fee wallet                    fee
 *   from a worker to a platform                   refund
 *   to a worker, from a platform or from nobody
 *   and no contract that we know                  payout
 *   anything else                                 a fact, no transaction
 */

/* What a Transfer is to the books when it is a transaction. */
struct verdict {
	enum transaction_type type;
	struct uuid worker_id, platform_id; /* nil: not registered */
};

/* False, with out untouched: it is a fact only. The movement's stream and loan
 * are linked to who they are of. */
bool classify(struct verdict *out, const struct movement *movement,
	      const struct reconcile_rules *rules,
	      const struct known_parties *parties) MUST_CHECK;

/* What moves nothing (amount 0, to its sender, mint, burn) is nobody's payment:
 * anybody can forge it. */
bool classify_moves(const struct transfer_row *fact) MUST_CHECK;
/* The event that explains it: why a row of it appears. */
const char *classify_reason(const struct movement *movement);

#endif
