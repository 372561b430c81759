-- What a finished history has read is its wallets' coverage: by topic queries,
-- so that it is the logs that vouch for it.
with job as (
	update chain.jobs
	set done_to = greatest(done_to, least($3::bigint, to_block)),
		finished_at = case when $4::boolean then now() end
	where id = $2::bigint and chain_id = $1::bigint
		and finished_at is null
	returning *
)
insert into chain.coverage as c (chain_id, source, verified_by, ranges)
select $1::bigint, w, 'logs',
	int8multirange(int8range(j.from_block, j.to_block, '[]'))
from job j, unnest(j.wallets) w
where j.kind = 'history' and $4::boolean
on conflict (chain_id, source, verified_by) do update
set ranges = c.ranges + excluded.ranges
