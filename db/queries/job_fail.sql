-- $3: why it cannot be finished. What it was to try again waits for another.
with freed as (
	update chain.quarantine set retry_job = null
	where chain_id = $1::bigint and retry_job = $2::bigint
)
update chain.jobs set finished_at = now(), error = $3::text
where chain_id = $1::bigint and id = $2::bigint and finished_at is null
