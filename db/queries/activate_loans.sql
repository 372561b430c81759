-- Loans whose disbursement (kind 32) is in a final block: $2 or below.
with active as (
	update public.loans l
	set status = 'active'
	from chain.events e
	where l.chain_id = $1::bigint and l.status = 'disbursed'
		and l.contract_address is not null
		and e.chain_id = l.chain_id
		and e.contract = chain.unhex(l.contract_address)
		and e.subject = l.contract_loan_id and e.kind = 32
		and not e.orphaned and e.block_number <= $2::bigint
		and e.block_time = extract(epoch from l.disbursed_at)
	returning l.id, e.block_number, e.block_time
)
insert into chain.transitions (chain_id, subject, row_id, from_status,
	to_status, reason, block_number, block_time)
select $1::bigint, 'loan', id, 'disbursed', 'active', 'final', block_number,
	chain.to_time(block_time)
from active
