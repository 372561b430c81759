-- Of the blocks $2..$3.
select distinct tx_hash, from_wallet, to_wallet
from chain.transfers
where chain_id = $1::bigint and not orphaned
	and block_number between $2::bigint and $3::bigint
