select b.number, b.hash, b.parent_hash, b.time, b.has_facts
from chain.blocks b
where b.chain_id = $1::bigint and b.number >= coalesce(least(
	(select final_number from chain.chains where chain_id = $1::bigint),
	(select max(number) from chain.blocks where chain_id = $1::bigint))
	- 128, 0)
order by b.number
