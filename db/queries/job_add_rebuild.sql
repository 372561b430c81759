-- From the first fact to the newest block; the open one, if there is one.
with added as (
	insert into chain.jobs (chain_id, kind, from_block, to_block)
	select c.chain_id, 'rebuild', least(f.first, coalesce(b.last, 0)),
		coalesce(b.last, 0)
	from chain.chains c
	cross join lateral (select max(number) as last from chain.blocks
		where chain_id = c.chain_id) b
	cross join lateral (select coalesce(least(
		(select min(block_number) from chain.events
			where chain_id = c.chain_id and not orphaned),
		(select min(block_number) from chain.transfers
			where chain_id = c.chain_id and not orphaned)), 0)
			as first) f
	where c.chain_id = $1::bigint
	on conflict (chain_id) where kind = 'rebuild' and finished_at is null
	do nothing
	returning *
)
select id, kind, from_block, to_block, done_to, rescan, n_wallets,
	finished_at is not null, array_to_string(tally, ' '), error
from (
	select * from added
	union all
	select * from chain.jobs
	where chain_id = $1::bigint and kind = 'rebuild'
		and finished_at is null
) j
limit 1
