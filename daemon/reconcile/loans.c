#include "daemon/reconcile/loans.h"

static enum loan_status told_by_facts(enum loan_status status)
{
	return status == LOAN_ACTIVE ? LOAN_DISBURSED : status;
}

bool loan_same_facts(const struct loan_row *a, const struct loan_row *b)
{
	return address_eq(&a->worker_wallet, &b->worker_wallet) &&
	       u256_cmp(&a->requested, &b->requested) == 0 &&
	       u256_cmp(&a->approved, &b->approved) == 0 &&
	       u256_cmp(&a->fee, &b->fee) == 0 && a->fee_bps == b->fee_bps &&
	       u256_cmp(&a->owed, &b->owed) == 0 &&
	       u256_cmp(&a->repaid, &b->repaid) == 0 &&
	       u256_cmp(&a->remaining, &b->remaining) == 0 &&
	       a->repayments == b->repayments &&
	       told_by_facts(a->status) == told_by_facts(b->status) &&
	       a->requested_at == b->requested_at &&
	       a->approved_at == b->approved_at &&
	       a->disbursed_at == b->disbursed_at && a->due_at == b->due_at &&
	       a->repaid_at == b->repaid_at &&
	       a->defaulted_at == b->defaulted_at;
}

static enum err go(const struct story *story, struct output *out,
		   const char *reason)
{
	size_t index = out->changes.n_gone_loans;
	enum err err = output_gone_loan(out, story->stored_loan);

	return err == OK ? story_tell_gone(story, out, index, reason) : err;
}

enum err loan_settle(struct story *story, struct output *out,
		     const struct reconcile_input *in,
		     const struct known_parties *parties, uint64_t now_ms)
{
	const struct loan_row *stored = story->stored_loan;
	struct loan_row *fold = &story->loan.row, row;
	size_t index = out->changes.n_loans;
	enum err err = OK;

	if (!story->loan.exists)
		return stored ? go(story, out, in->reason) : OK;
	fold->worker_id = known_worker(parties, &fold->worker_wallet);
	if (stored && address_eq(&stored->worker_wallet, &fold->worker_wallet))
		known_keep(&fold->worker_id, &stored->worker_id);
	row = *fold;
	if (row.status == LOAN_DISBURSED && in->has_finalized &&
	    story->loan.disbursed_in <= in->finalized)
		row.status = LOAN_ACTIVE;
	if (stored) {
		row.id = stored->id;
		if (loan_same_facts(&row, stored) &&
		    row.status == stored->status &&
		    uuid_eq(&row.worker_id, &stored->worker_id))
			return OK;
	} else {
		err = uuid_v7(&row.id, now_ms);
	}
	if (err == OK)
		err = output_loan(out, &row, !stored);
	return err == OK ? story_tell(story, out, index, row.status, in->reason)
			 : err;
}
