-- $2: the final block. Blocks without facts are for reorgs and for the next
-- block's parent link only; the newest one stays, wherever it is.
delete from chain.blocks
where chain_id = $1::bigint and not has_facts
	and number < least($2::bigint, (select max(number) from chain.blocks
		where chain_id = $1::bigint)) - 128
