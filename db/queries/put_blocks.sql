-- $7: the final block. A block without facts is stored only where a reorg may
-- still reach it, or just below (see prune.sql).
with incoming as (
	select *
	from unnest($2::bigint[], $3::bytea[], $4::bytea[], $5::bigint[],
		$6::boolean[]) b (number, hash, parent_hash, time, has_facts)
), floor (number) as (
	select least($7::bigint, greatest(
		(select max(number) from incoming),
		(select max(number) from chain.blocks
			where chain_id = $1::bigint))) - 128
)
insert into chain.blocks as b
	(chain_id, number, hash, parent_hash, time, has_facts)
select $1::bigint, i.number, i.hash, i.parent_hash, i.time, i.has_facts
from incoming i, floor f
where i.has_facts or $7::bigint is null or i.number >= f.number
on conflict (chain_id, number) do update
set hash = excluded.hash, has_facts = b.has_facts or excluded.has_facts
where b.hash <> excluded.hash or (excluded.has_facts and not b.has_facts)
