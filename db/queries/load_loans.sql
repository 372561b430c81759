select l.id, l.contract_address, l.contract_loan_id, l.worker_wallet,
	l.worker_id, l.requested_amount_usdc,
	coalesce(l.approved_amount_usdc, 0), l.fee_usdc,
	(l.fee_percentage * 100)::integer, l.total_owed_usdc,
	l.repaid_amount_usdc, l.remaining_balance_usdc, l.tasks_repaid,
	l.status,
	extract(epoch from l.requested_at)::bigint,
	extract(epoch from l.approved_at)::bigint,
	extract(epoch from l.disbursed_at)::bigint,
	extract(epoch from l.due_date)::bigint,
	extract(epoch from l.repaid_at)::bigint,
	extract(epoch from l.defaulted_at)::bigint
from unnest($2::bytea[], $3::numeric[]) k (contract, loan_id)
join public.loans l on l.chain_id = $1::bigint
	and l.contract_address = chain.hex(k.contract)
	and l.contract_loan_id = k.loan_id
order by l.id
