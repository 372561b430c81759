-- The facts that stand in the blocks $2..$3.
select (select count(*) from chain.events
		where chain_id = $1::bigint and not orphaned
			and block_number between $2::bigint and $3::bigint)
	+ (select count(*) from chain.transfers
		where chain_id = $1::bigint and not orphaned
			and block_number between $2::bigint and $3::bigint)
