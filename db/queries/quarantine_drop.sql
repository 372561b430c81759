-- $3: by whom, $4: why. No row: it is not there, or it was dropped before.
update chain.quarantine
set dropped_at = now(), dropped_by = $3::text, dropped_reason = $4::text,
	retry_job = null
where chain_id = $1::bigint and id = $2::bigint and not orphaned
	and dropped_at is null
returning id
