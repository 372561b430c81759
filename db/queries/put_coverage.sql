-- Blocks $3..$4 of the sources $2, and of every wallet that follows them only
-- from a later block on.
insert into chain.coverage as c (chain_id, source, verified_by, ranges)
select $1::bigint, source, $5::text,
	int8multirange(int8range($3::bigint, upto, '[]'))
from (
	select unnest($2::bytea[]), $4::bigint
	union all
	select wallet, least($4::bigint, since - 1)
	from chain.watched
	where chain_id = $1::bigint and since > $3::bigint
) x (source, upto)
on conflict (chain_id, source, verified_by) do update
set ranges = c.ranges + excluded.ranges
where not c.ranges @> excluded.ranges
