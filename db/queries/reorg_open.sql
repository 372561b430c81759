select id, to_block, to_hash, actor_id, request_id, outcome, reason, blocks,
	events, transfers, transactions, confirmed
from chain.reorgs
where chain_id = $1::bigint and settled_at is null
order by id desc
limit 1
