-- What the job $2 is still to try, $3 of them at most.
select q.id, q.malformed, q.block_number, q.block_hash, q.block_time,
	q.tx_index, q.log_index, q.tx_hash, q.contract, q.part, q.topics,
	q.data, q.reason
from chain.quarantine q
where q.chain_id = $1::bigint and q.retry_job = $2::bigint and not q.orphaned
	and q.dropped_at is null
order by q.id
limit $3::bigint
