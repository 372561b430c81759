#ifndef GS_TESTS_MODEL_EXPECTED_H
#define GS_TESTS_MODEL_EXPECTED_H

#include "tests/model/lib_world.h"

/* What the tables must hold, from what the world knows to have happened, and
 * not from its logs. */

/* Who has registered; nil: not as that. */
struct registry {
	struct uuid worker[PEOPLE_END], platform[PEOPLE_END];
};

/* The table "What a Transfer becomes" of the daemon/reconcile rules, first
 * match wins. False, with out untouched: a fact, and no transaction. Blocks up
 * to finalized are final. */
bool expected_transaction(struct transaction_row *out,
			  const struct world *world,
			  const struct registry *registry,
			  const struct move *move, uint64_t finalized);
/* How many movements of its transaction before it are equal to it. */
unsigned expected_ordinal(const struct world *world, const struct move *move);
enum transfer_role expected_role(const struct move *move);
struct stream_row expected_stream(const struct registry *registry,
				  const struct stream *stream);
/* A loan whose disbursement is final is active. */
struct loan_row expected_loan(const struct registry *registry,
			      const struct loan *loan, uint64_t finalized);

#endif
