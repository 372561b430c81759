insert into chain.reorgs (chain_id, to_block, to_hash, actor_id, request_id)
values ($1::bigint, $2::bigint, $3::bytea, $4::text, $5::text)
returning id, to_block, to_hash, actor_id, request_id, outcome, reason, blocks,
	events, transfers, transactions, confirmed
