-- The same of loans. What is active here is disbursed to the contract.
select l.contract_loan_id, coalesce(f.last > $3::bigint, false),
	f.last is null, case l.status when 'active' then 'disbursed'
		else l.status::text end,
	l.worker_wallet, l.requested_amount_usdc,
	coalesce(l.approved_amount_usdc, 0), l.fee_usdc, l.total_owed_usdc,
	l.repaid_amount_usdc
from public.loans l
left join lateral (
	select min(e.block_number) as first, max(e.block_number) as last
	from chain.events e
	where e.chain_id = $1::bigint and e.contract = $2::bytea
		and e.subject = l.contract_loan_id and not e.orphaned
		and e.kind between 30 and 49
) f on true
where l.chain_id = $1::bigint and l.contract_address = chain.hex($2::bytea)
	and l.contract_loan_id > coalesce($4::numeric, -1)
	and coalesce(f.first, 0) <= $3::bigint
order by l.contract_loan_id
limit $5::bigint
