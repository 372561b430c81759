insert into chain.events as e (chain_id, block_number, block_hash, block_time,
	tx_index, log_index, tx_hash, contract, kind, part, subject, topics,
	data)
select $1::bigint, x.*
from unnest($2::bigint[], $3::bytea[], $4::bigint[], $5::integer[],
	$6::integer[], $7::bytea[], $8::bytea[], $9::smallint[],
	$10::smallint[], $11::numeric[], $12::bytea[], $13::bytea[]) x
on conflict (chain_id, block_hash, log_index, part) do update
set orphaned = false
where e.orphaned
