-- Contradictions of events that do not stand. They are added to the job $2 as
-- its $3th count.
with released as (
	delete from chain.quarantine q
	where q.chain_id = $1::bigint and not q.malformed and not q.orphaned
		and not exists (
			select from chain.events e
			where e.chain_id = q.chain_id
				and e.block_hash = q.block_hash
				and e.log_index = q.log_index
				and e.part = q.part and not e.orphaned)
	returning q.id
)
update chain.jobs
set tally[$3::integer] = tally[$3::integer] + (select count(*) from released)
where chain_id = $1::bigint and id = $2::bigint
