with added as (
	insert into chain.jobs (chain_id, kind, from_block, to_block, rescan)
	values ($1::bigint, 'range', $2::bigint, $3::bigint, $4::boolean)
	on conflict (chain_id, from_block, to_block, rescan)
		where kind = 'range' and finished_at is null
	do nothing
	returning *
)
select id, kind, from_block, to_block, done_to, rescan, n_wallets,
	finished_at is not null, array_to_string(tally, ' '), error
from (
	select * from added
	union all
	select * from chain.jobs
	where chain_id = $1::bigint and kind = 'range'
		and from_block = $2::bigint and to_block = $3::bigint
		and rescan = $4::boolean and finished_at is null
) j
limit 1
