-- What is in no block and may be found in one: up to $2 of them.
select chain.unhex(tx_hash), chain.unhex(from_wallet), chain.unhex(to_wallet)
from public.transactions
where chain_id = $1::bigint and block_number is null
	and (tx_hash is not null or status in ('pending', 'failed'))
limit $2::bigint
