-- Transactions that stand in a block where no such fact does; up to $2.
select distinct chain.unhex(t.tx_hash), chain.unhex(t.from_wallet),
	chain.unhex(t.to_wallet)
from public.transactions t
where t.chain_id = $1::bigint and t.block_number is not null
	and t.status in ('submitted', 'confirmed')
	and not exists (
		select from chain.transfers f
		where f.chain_id = t.chain_id
			and f.block_number = t.block_number
			and f.block_hash = chain.unhex(t.block_hash)
			and f.log_index = t.log_index and not f.orphaned)
limit $2::bigint
