delete from chain.quarantine q
using unnest($2::bytea[], $3::integer[]) x (block_hash, log_index)
where q.chain_id = $1::bigint and q.block_hash = x.block_hash
	and q.log_index = x.log_index and not q.malformed
