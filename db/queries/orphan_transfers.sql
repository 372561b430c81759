-- Transactions leave their blocks, so that they can be placed anew.
with lost as (
	update chain.transfers set orphaned = true
	where chain_id = $1::bigint and block_number > $2::bigint
		and not orphaned
	returning tx_hash, from_wallet, to_wallet
), detached as (
	update public.transactions t
	set block_number = null, block_hash = null, log_index = null
	from (select distinct chain.hex(tx_hash) as hash from lost) l
	where t.chain_id = $1::bigint and t.tx_hash = l.hash
		and t.block_number > $2::bigint
)
select distinct tx_hash, from_wallet, to_wallet from lost
