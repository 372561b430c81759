update chain.lease
set holder = null, owner = null, backend_pid = null, backend_start = null,
	expires_at = null
where chain_id = $1::bigint and holder = $2::uuid
