-- Events of these streams and loans ($2, $3) that contradict the others of
-- theirs, and the other ones of the transactions $4 that cannot be believed.
select q.block_number, q.block_hash, q.block_time, q.tx_index, q.log_index,
	q.tx_hash, q.contract, q.part, q.topics, q.data, q.reason
from unnest($2::bytea[], $3::numeric[]) k (contract, subject)
join chain.events e on e.chain_id = $1::bigint and e.contract = k.contract
	and e.subject = k.subject and not e.orphaned
join chain.quarantine q on q.chain_id = e.chain_id
	and q.block_hash = e.block_hash and q.log_index = e.log_index
	and q.part = e.part
	and not q.orphaned and not q.malformed
union all
select q.block_number, q.block_hash, q.block_time, q.tx_index, q.log_index,
	q.tx_hash, q.contract, q.part, q.topics, q.data, q.reason
from unnest($4::bytea[]) t (hash)
join chain.events e on e.chain_id = $1::bigint and e.tx_hash = t.hash
	and not e.orphaned and e.kind >= 50
join chain.quarantine q on q.chain_id = e.chain_id
	and q.block_hash = e.block_hash and q.log_index = e.log_index
	and q.part = e.part
	and not q.orphaned and not q.malformed
order by 1, 5, 8
