insert into public.loans (chain_id, id, contract_address, contract_loan_id,
	worker_wallet, worker_id, requested_amount_usdc, approved_amount_usdc,
	fee_usdc, fee_percentage, total_owed_usdc, repaid_amount_usdc,
	remaining_balance_usdc, tasks_repaid, status, requested_at,
	approved_at, disbursed_at, due_date, repaid_at, defaulted_at)
select $1::bigint, id, contract, loan_id, worker_wallet, worker_id, requested,
	case when approved_at <> 0 then approved end, fee, fee_bps * 0.01,
	owed, repaid, remaining, repayments, status::public.loan_status,
	chain.to_time(requested_at), chain.to_time(approved_at),
	chain.to_time(disbursed_at), chain.to_time(due_at),
	chain.to_time(repaid_at), chain.to_time(defaulted_at)
from unnest($2::uuid[], $3::text[], $4::numeric[], $5::text[], $6::uuid[],
	$7::numeric[], $8::numeric[], $9::numeric[], $10::integer[],
	$11::numeric[], $12::numeric[], $13::numeric[], $14::integer[],
	$15::text[], $16::bigint[], $17::bigint[], $18::bigint[],
	$19::bigint[], $20::bigint[], $21::bigint[])
	x (id, contract, loan_id, worker_wallet, worker_id, requested,
	approved, fee, fee_bps, owed, repaid, remaining, repayments,
	status, requested_at, approved_at, disbursed_at, due_at, repaid_at,
	defaulted_at)
