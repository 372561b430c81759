update chain.coverage
set ranges = ranges - int8multirange(int8range($2::bigint + 1, null))
where chain_id = $1::bigint
	and upper(ranges) > $2::bigint + 1
