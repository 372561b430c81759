insert into chain.events as e (chain_id, block_number, block_hash, block_time,
	tx_index, log_index, tx_hash, contract, kind, part, subject, topics,
	data, detail)
select $1::bigint, x.block_number, x.block_hash, x.block_time, x.tx_index,
	x.log_index, x.tx_hash, x.contract, x.kind, x.part, x.subject, x.topics,
	x.data, x.detail::jsonb
from unnest($2::bigint[], $3::bytea[], $4::bigint[], $5::integer[],
	$6::integer[], $7::bytea[], $8::bytea[], $9::smallint[],
	$10::smallint[], $11::numeric[], $12::bytea[], $13::bytea[],
	$14::text[])
	x (block_number, block_hash, block_time, tx_index, log_index, tx_hash,
	contract, kind, part, subject, topics, data, detail)
on conflict (chain_id, block_hash, log_index, part) do update
set orphaned = false
where e.orphaned
