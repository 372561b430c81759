#ifndef GS_TESTS_MODEL_CONTRACTS_H
#define GS_TESTS_MODEL_CONTRACTS_H

#include "tests/model/lib_world.h"

/* What can be called. A call that its contract refuses leaves nothing. */

/* The token. */
bool token_can_move(const struct world *w, unsigned from, unsigned to,
		    const struct u256 *amount);
/* Asserts that it can. */
void token_move(struct world *w, unsigned from, unsigned to, struct u256 amount,
		struct why why);
void token_pay(struct world *w, const struct call *call);  /* from a to b */
void token_mint(struct world *w, const struct call *call); /* to a */
void token_burn(struct world *w, const struct call *call); /* a's */
void token_blacklist(struct world *w, const struct call *call);
/* What there is was minted and not burned; what a contract has it holds for
 * somebody or was given. */
void token_check(const struct world *w);

/* PaymentStreaming: contract and id name a stream; b creates for a. */
void streaming_create(struct world *w, const struct call *call);
void streaming_release(struct world *w, const struct call *call);
void streaming_claim(struct world *w, const struct call *call);
void streaming_pause(struct world *w, const struct call *call);
void streaming_resume(struct world *w, const struct call *call);
void streaming_cancel(struct world *w, const struct call *call);
/* Every stream: claimed + refunded + escrow = total; and what the contracts hold
 * is the sum of the escrows. */
void streaming_check(const struct world *w);

/* MicroLoan: id names a loan, a is who asks for it; or the owner, who takes back
 * no more than was given. */
void lending_request(struct world *w, const struct call *call);
void lending_approve(struct world *w, const struct call *call);
void lending_repay(struct world *w, const struct call *call);
void lending_default(struct world *w, const struct call *call);
void lending_cancel(struct world *w, const struct call *call);
void lending_withdraw(struct world *w, const struct call *call);
/* What was lent and collected is the sum over the loans. */
void lending_check(const struct world *w);

/* ReputationLedger: of the worker a; the owner's update leaves no log. */
void reputation_task(struct world *w, const struct call *call);
void reputation_dispute(struct world *w, const struct call *call);
void reputation_update(struct world *w, const struct call *call);

/* The owner of the contract. */
void owner_pause(struct world *w, const struct call *call);
void owner_resume(struct world *w, const struct call *call);
void owner_transfer(struct world *w, const struct call *call);

/* Logs that say what is not so: look-alikes of another address, and logs of our
 * addresses that do not decode. */
void noise(struct world *w, const struct call *call);

/* The second PaymentStreaming of a hostile world says what it likes about its
 * streams, and moves what money it was given to whom it likes. */
void hostile(struct world *w, const struct call *call);

/* A new transaction of one call or several. */
struct tx calls_draw(struct world *w);
void calls_make(struct world *w, const struct call *call);

#endif
