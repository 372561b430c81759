-- The events of the streams or loans $4 of contract $2 up to block $3, in their
-- order.
select e.block_number, e.block_hash, e.block_time, e.tx_index, e.log_index,
	e.tx_hash, e.contract, e.kind, e.part, e.subject, e.topics, e.data
from unnest($4::numeric[]) s (id)
join chain.events e on e.chain_id = $1::bigint and e.contract = $2::bytea
	and e.subject = s.id and not e.orphaned
	and e.kind between 1 and 49
where e.block_number <= $3::bigint
order by e.subject, e.block_number, e.log_index, e.part
