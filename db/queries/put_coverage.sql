-- Blocks $3..$4 of the sources $2, and of every wallet that follows them only
-- from a later block on and whose history is not complete. Each block stands
-- under the strongest of what vouched for it: receipts, before bloom, before
-- logs.
with x as (
	select source, int8multirange(int8range($3::bigint, upto, '[]')) as r
	from (
		select unnest($2::bytea[]), $4::bigint
		union all
		select wallet, least($4::bigint, since - 1)
		from chain.watched
		where chain_id = $1::bigint and since > $3::bigint
			and since > (select start_block from chain.chains
				where chain_id = $1::bigint)
	) y (source, upto)
), others as (
	select c.source, c.verified_by, c.ranges,
		array_position(array['logs', 'bloom', 'receipts'],
			c.verified_by) >
		array_position(array['logs', 'bloom', 'receipts'], $5::text)
			as stronger
	from chain.coverage c join x on x.source = c.source
	where c.chain_id = $1::bigint and c.verified_by <> $5::text
		and c.ranges && x.r
), upgraded as (
	update chain.coverage c
	set ranges = c.ranges - x.r
	from x, others o
	where c.chain_id = $1::bigint and c.source = x.source
		and o.source = c.source and o.verified_by = c.verified_by
		and not o.stronger
), remaining as (
	select x.source, x.r - coalesce((
			select range_agg(s) from others o, unnest(o.ranges) s
			where o.source = x.source and o.stronger), '{}') as r
	from x
)
insert into chain.coverage as c (chain_id, source, verified_by, ranges)
select $1::bigint, source, $5::text, r
from remaining
where not isempty(r)
on conflict (chain_id, source, verified_by) do update
set ranges = c.ranges + excluded.ranges
where not c.ranges @> excluded.ranges
