-- Renews the lease of $2 in the term $3, and says why it does nothing else
-- (NULL: it goes on). No row: it holds the lease no more.
update chain.lease
set halted = $4::text, halted_term = term,
	expires_at = clock_timestamp() + ttl
where chain_id = $1::bigint and holder = $2::uuid and term = $3::bigint
returning term
