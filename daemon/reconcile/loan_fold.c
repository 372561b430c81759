#include "daemon/reconcile/loan_fold.h"

#include "daemon/reconcile/stream_fold.h"

#define BPS 10000 /* basis points in a whole */

static const char *requested(struct loan_fold *fold, const struct event *event,
			     const struct address *contract,
			     const struct place *at)
{
	if (fold->exists)
		return "a loan with this id was already requested";
	*fold = (struct loan_fold){
	    .exists = true,
	    .row =
		{
		    .contract = *contract,
		    .contract_loan_id = event->id,
		    .worker_wallet = event->worker,
		    .requested = event->amount,
		    .status = LOAN_PENDING,
		    .requested_at = at->block_time,
		},
	};
	return NULL;
}

/* The contract rounds the fee down. */
static const char *approved(struct loan_row *row, const struct event *event,
			    const struct place *at)
{
	struct u256 fee, owed;
	uint64_t bps;

	if (row->status != LOAN_PENDING)
		return "an approval of a loan that is not pending";
	if (u256_cmp(&event->amount, &row->requested) > 0)
		return "more would be approved than was requested";
	if (!u256_to_u64(&bps, &event->fee_bps) || bps > BPS)
		return "its fee is more than what is lent";
	if (!u256_mul_u64(&fee, &event->amount, bps))
		return "no number can hold its fee";
	fee = u256_div_u64(&fee, BPS, NULL);
	if (!u256_add(&owed, &event->amount, &fee))
		return "no number can hold what it owes";
	row->approved = event->amount;
	row->fee_bps = (uint32_t)bps;
	row->fee = fee;
	row->owed = owed;
	row->status = LOAN_APPROVED;
	row->approved_at = at->block_time;
	return NULL;
}

static const char *disbursed(struct loan_fold *fold, const struct event *event,
			     const struct place *at)
{
	struct loan_row *row = &fold->row;

	if (row->status != LOAN_APPROVED)
		return "a disbursement of a loan that is not approved";
	if (!address_eq(&event->worker, &row->worker_wallet))
		return "a disbursement to another worker than the loan's";
	if (u256_cmp(&event->amount, &row->approved) != 0)
		return "another amount is disbursed than was approved";
	row->remaining = row->owed;
	row->status = LOAN_DISBURSED;
	row->disbursed_at = at->block_time;
	if (at->block_time <= TIMESTAMP_MAX - LOAN_PERIOD_S)
		row->due_at = at->block_time + LOAN_PERIOD_S;
	fold->disbursed_in = at->block_number;
	return NULL;
}

static bool is_out(const struct loan_row *row)
{
	return row->status == LOAN_DISBURSED || row->status == LOAN_REPAYING;
}

static const char *repayment(struct loan_row *row, const struct event *event)
{
	struct u256 repaid, remaining = {{0}};

	if (!is_out(row))
		return "a repayment of a loan that is not out";
	if (!u256_add(&repaid, &row->repaid, &event->amount))
		return "no number can hold what was repaid";
	if (u256_cmp(&row->owed, &repaid) > 0 &&
	    !u256_sub(&remaining, &row->owed, &repaid))
		return "no number can hold what remains";
	if (u256_cmp(&remaining, &event->remaining) != 0)
		return "what remains is not what is owed less what was repaid";
	row->repaid = repaid;
	row->remaining = remaining;
	row->repayments++;
	row->status = LOAN_REPAYING;
	return NULL;
}

static const char *repaid(struct loan_row *row, const struct event *event,
			  const struct place *at)
{
	if (row->status != LOAN_REPAYING)
		return "the end of a loan that is not being repaid";
	if (!u256_is_zero(&row->remaining))
		return "the end of a loan of which something remains";
	if (u256_cmp(&event->amount, &row->repaid) != 0)
		return "the repayments before it do not add up to its total";
	row->status = LOAN_REPAID;
	row->repaid_at = at->block_time;
	return NULL;
}

static const char *defaulted(struct loan_row *row, const struct event *event,
			     const struct place *at)
{
	if (!is_out(row))
		return "a default of a loan that is not out";
	if (u256_cmp(&event->remaining, &row->remaining) != 0)
		return "what remains is not what is owed less what was repaid";
	row->status = LOAN_DEFAULTED;
	row->defaulted_at = at->block_time;
	return NULL;
}

static const char *cancelled(struct loan_row *row)
{
	if (row->status != LOAN_PENDING)
		return "a cancellation of a loan that is not pending";
	row->status = LOAN_CANCELLED;
	return NULL;
}

const char *loan_fold_apply(struct loan_fold *fold, const struct event *event,
			    const struct address *contract,
			    const struct place *at)
{
	struct loan_row *row = &fold->row;

	if (event->kind == EVENT_LOAN_REQUESTED)
		return requested(fold, event, contract, at);
	if (!fold->exists)
		return "nobody saw this loan requested";
	switch (event->kind) {
	case EVENT_LOAN_APPROVED:
		return approved(row, event, at);
	case EVENT_LOAN_DISBURSED:
		return disbursed(fold, event, at);
	case EVENT_REPAYMENT_MADE:
		return repayment(row, event);
	case EVENT_LOAN_REPAID:
		return repaid(row, event, at);
	case EVENT_LOAN_DEFAULTED:
		return defaulted(row, event, at);
	case EVENT_LOAN_CANCELLED:
		return cancelled(row);
	default:
		return "not an event of a loan";
	}
}
