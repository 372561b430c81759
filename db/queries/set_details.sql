-- What events say, decoded. Those that said otherwise are added to the job $2 as
-- its $3th count.
with mended as (
	update chain.events e set detail = x.detail::jsonb
	from unnest($4::bytea[], $5::integer[], $6::smallint[], $7::text[])
		x (block_hash, log_index, part, detail)
	where e.chain_id = $1::bigint and e.block_hash = x.block_hash
		and e.log_index = x.log_index and e.part = x.part
		and e.detail is distinct from x.detail::jsonb
	returning e.part
)
update chain.jobs
set tally[$3::integer] = tally[$3::integer] + (select count(*) from mended)
where chain_id = $1::bigint and id = $2::bigint
