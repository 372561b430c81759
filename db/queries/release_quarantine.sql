delete from chain.quarantine q
using unnest($2::bytea[], $3::integer[], $4::smallint[]) x (block_hash,
	log_index, part)
where q.chain_id = $1::bigint and q.block_hash = x.block_hash
	and q.log_index = x.log_index and q.part = x.part and not q.malformed
