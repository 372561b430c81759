update chain.transfers t set role = x.role
from unnest($2::bytea[], $3::integer[], $4::text[])
	x (block_hash, log_index, role)
where t.chain_id = $1::bigint and t.block_hash = x.block_hash
	and t.log_index = x.log_index
