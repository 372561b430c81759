-- risk_score, predicted_earnings_7d, repayment_task_count, rejection_reason and
-- metadata are the applications'.
update public.loans l
set worker_wallet = x.worker_wallet, worker_id = x.worker_id,
	requested_amount_usdc = x.requested,
	approved_amount_usdc = case when x.approved_at <> 0
		then x.approved end,
	fee_usdc = x.fee, fee_percentage = x.fee_bps * 0.01,
	total_owed_usdc = x.owed, repaid_amount_usdc = x.repaid,
	remaining_balance_usdc = x.remaining, tasks_repaid = x.repayments,
	status = x.status::public.loan_status,
	requested_at = chain.to_time(x.requested_at),
	approved_at = chain.to_time(x.approved_at),
	disbursed_at = chain.to_time(x.disbursed_at),
	due_date = chain.to_time(x.due_at),
	repaid_at = chain.to_time(x.repaid_at),
	defaulted_at = chain.to_time(x.defaulted_at)
from unnest($2::uuid[], $3::text[], $4::numeric[], $5::text[], $6::uuid[],
	$7::numeric[], $8::numeric[], $9::numeric[], $10::integer[],
	$11::numeric[], $12::numeric[], $13::numeric[], $14::integer[],
	$15::text[], $16::bigint[], $17::bigint[], $18::bigint[],
	$19::bigint[], $20::bigint[], $21::bigint[])
	x (id, contract, loan_id, worker_wallet, worker_id, requested,
	approved, fee, fee_bps, owed, repaid, remaining, repayments,
	status, requested_at, approved_at, disbursed_at, due_at, repaid_at,
	defaulted_at)
where l.id = x.id and l.chain_id = $1::bigint
