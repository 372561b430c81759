-- The blocks read for every one of the sources $2.
select lower(r), upper(r) - 1
from (
	select range_intersect_agg(chain.covered($1::bigint, s))
	from unnest($2::bytea[]) s
) x (common), unnest(x.common) r
order by 1
