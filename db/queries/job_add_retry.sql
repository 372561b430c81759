-- $2: which ones; NULL: all. None that stands and is not dropped: no job.
with picked as (
	select q.id, q.block_number
	from chain.quarantine q
	where q.chain_id = $1::bigint and not q.orphaned
		and q.dropped_at is null
		and ($2::bigint[] is null or q.id = any ($2::bigint[]))
	for update
), added as (
	insert into chain.jobs (chain_id, kind, from_block, to_block)
	select $1::bigint, 'retry', min(block_number), max(block_number)
	from picked
	having count(*) > 0
	returning *
), marked as (
	update chain.quarantine q set retry_job = a.id
	from picked p, added a
	where q.id = p.id
)
select id, kind, from_block, to_block, done_to, rescan, n_wallets,
	finished_at is not null, array_to_string(tally, ' '), error
from added
