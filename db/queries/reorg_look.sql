-- $2: a block. What we know of it, what is nearest below it, and what stands
-- above it.
select chain.known_hash($1::bigint, $2::bigint), below.number, below.hash,
	(select max(number) from chain.blocks where chain_id = $1::bigint),
	(select final_number from chain.chains where chain_id = $1::bigint),
	a.blocks, a.events, a.transfers, a.transactions, a.confirmed
from chain.standing_above($1::bigint, $2::bigint) a
left join lateral (
	select number, hash from chain.blocks
	where chain_id = $1::bigint and number <= $2::bigint
	order by number desc limit 1
) below on true
