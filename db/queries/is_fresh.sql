-- Is nothing stored of the blocks $2..$3, not even what was orphaned?
select not exists (select from chain.transfers
		where chain_id = $1::bigint
			and block_number between $2::bigint and $3::bigint)
	and not exists (select from chain.events
		where chain_id = $1::bigint
			and block_number between $2::bigint and $3::bigint)
