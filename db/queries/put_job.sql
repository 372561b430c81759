-- What a finished history has read is its wallets' coverage: by topic queries,
-- so that it is the logs that vouch for it, where nothing stronger does.
with job as (
	update chain.jobs
	set done_to = greatest(done_to, least($3::bigint, to_block)),
		finished_at = case when $4::boolean then now() end
	where id = $2::bigint and chain_id = $1::bigint
		and finished_at is null
	returning *
), read as (
	select w, int8multirange(int8range(j.from_block, j.to_block, '[]'))
		- coalesce((
			select range_agg(s)
			from chain.coverage c, unnest(c.ranges) s
			where c.chain_id = $1::bigint and c.source = w
				and c.verified_by <> 'logs'), '{}') as r
	from job j, unnest(j.wallets) w
	where j.kind = 'history' and $4::boolean
)
insert into chain.coverage as c (chain_id, source, verified_by, ranges)
select $1::bigint, w, 'logs', r
from read
where not isempty(r)
on conflict (chain_id, source, verified_by) do update
set ranges = c.ranges + excluded.ranges
