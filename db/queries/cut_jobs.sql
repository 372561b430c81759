update chain.jobs
set done_to = case
		when done_to <= $2::bigint then done_to
		when done_to is not null and from_block <= $2::bigint
			then $2::bigint end,
	to_block = case when kind = 'history'
		then greatest(from_block, least(to_block, $2::bigint))
		else to_block end
where chain_id = $1::bigint and finished_at is null
	and to_block > $2::bigint
