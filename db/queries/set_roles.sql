update chain.transfers t set role = x.role
from unnest($2::bigint[], $3::bytea[], $4::integer[], $5::text[])
	x (block_number, block_hash, log_index, role)
where t.chain_id = $1::bigint and t.block_number = x.block_number
	and t.block_hash = x.block_hash and t.log_index = x.log_index
