-- Block $2 with hash $3: $4 differences, summed up as $5; begun at $6. Nothing,
-- where the block was rolled back meanwhile.
insert into chain.audits (chain_id, block_number, block_hash, differences,
	summary, started_at)
select $1::bigint, $2::bigint, $3::bytea, $4::bigint, $5::jsonb,
	$6::timestamptz
where exists (select from chain.blocks b where b.chain_id = $1::bigint
		and b.number >= $2::bigint)
	and coalesce(chain.known_hash($1::bigint, $2::bigint), $3::bytea)
		= $3::bytea
returning id
