select q.id, q.malformed, q.block_number, q.block_hash, q.block_time,
	q.tx_index, q.log_index, q.tx_hash, q.contract, q.part, q.topics,
	q.data, q.reason
from chain.quarantine q
where q.chain_id = $1::bigint and q.id = $2::bigint
