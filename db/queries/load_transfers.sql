-- Sorted afterwards: an index in that order would be read from its beginning.
with found as materialized (
	select t.block_number, t.block_hash, t.block_time, t.tx_index,
		t.log_index, t.tx_hash, t.from_wallet, t.to_wallet, t.amount,
		t.dust, t.role, t.sender, t.nonce
	from chain.transfers t
	where t.chain_id + 0 = $1::bigint and t.tx_hash = any ($2::bytea[])
		and not t.orphaned
)
select * from found order by block_number, log_index
