-- Events of these streams and loans that contradict the others of theirs.
select q.block_number, q.block_hash, q.block_time, q.tx_index, q.log_index,
	q.tx_hash, q.contract, q.topics, q.data, q.reason
from unnest($2::bytea[], $3::numeric[]) k (contract, subject)
join chain.events e on e.chain_id = $1::bigint and e.contract = k.contract
	and e.subject = k.subject and not e.orphaned
join chain.quarantine q on q.chain_id = e.chain_id
	and q.block_hash = e.block_hash and q.log_index = e.log_index
	and not q.orphaned and not q.malformed
order by q.block_number, q.log_index
