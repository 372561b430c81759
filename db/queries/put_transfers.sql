insert into chain.transfers as t (chain_id, block_number, block_hash,
	block_time, tx_index, log_index, tx_hash, from_wallet, to_wallet,
	amount, dust, role, sender, nonce)
select $1::bigint, x.*
from unnest($2::bigint[], $3::bytea[], $4::bigint[], $5::integer[],
	$6::integer[], $7::bytea[], $8::bytea[], $9::bytea[], $10::numeric[],
	$11::bigint[], $12::text[], $13::bytea[], $14::numeric[]) x
on conflict (chain_id, block_number, log_index, block_hash) do update
set orphaned = false, role = excluded.role,
	sender = coalesce(excluded.sender, t.sender),
	nonce = coalesce(excluded.nonce, t.nonce)
where t.orphaned
