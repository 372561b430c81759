-- One of our blocks strictly between $2 and $3, near the middle.
select number, hash
from (
	(select number, hash from chain.blocks
	where chain_id = $1::bigint and number > $2::bigint
		and number <= ($2::bigint + $3::bigint) / 2
	order by number desc limit 1)
	union all
	(select number, hash from chain.blocks
	where chain_id = $1::bigint and number < $3::bigint
		and number > ($2::bigint + $3::bigint) / 2
	order by number limit 1)
) b
order by number
limit 1
