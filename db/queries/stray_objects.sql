-- Streams and loans of the contracts $2 that no event speaks of; up to $3.
select chain.unhex(o.contract_address), o.number
from (
	select chain_id, contract_address, contract_stream_id as number
	from public.streams
	union all
	select chain_id, contract_address, contract_loan_id
	from public.loans
	where contract_address is not null
) o
where o.chain_id = $1::bigint
	and o.contract_address = any (array(
		select chain.hex(c) from unnest($2::bytea[]) c))
	and not exists (
		select from chain.events e
		where e.chain_id = o.chain_id
			and e.contract = chain.unhex(o.contract_address)
			and e.subject = o.number and e.kind < 50
			and not e.orphaned)
limit $3::bigint
