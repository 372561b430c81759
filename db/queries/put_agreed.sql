-- $4 endpoints name block $3 by our hash, with all from $2 on linked below it;
-- NULL: from the block after the final one of before.
insert into chain.agreed as a (chain_id, endpoints, ranges)
select $1::bigint, $4::smallint, int8multirange(int8range(x.first, $3::bigint, '[]'))
from chain.chains c,
	coalesce($2::bigint, c.final_number + 1, c.start_block) x (first)
where c.chain_id = $1::bigint and x.first <= $3::bigint
on conflict (chain_id, endpoints) do update
set ranges = a.ranges + excluded.ranges
where not a.ranges @> excluded.ranges
