insert into chain.quarantine as q (chain_id, malformed, block_number,
	block_hash, block_time, tx_index, log_index, tx_hash, contract, part,
	topics, data, reason)
select $1::bigint, $2::boolean, x.*
from unnest($3::bigint[], $4::bytea[], $5::bigint[], $6::integer[],
	$7::integer[], $8::bytea[], $9::bytea[], $10::smallint[], $11::bytea[],
	$12::bytea[], $13::text[]) x
on conflict (chain_id, block_hash, log_index, part) do update
set orphaned = false, reason = excluded.reason
where q.orphaned or q.reason <> excluded.reason
