-- $1, $2: an id, an email or a wallet; $3: the bcrypt hash.
update public.workers
set password_hash = $3::text
where deleted_at is null
	and (id = $2::uuid or lower(email) = lower($1::text)
		or wallet_address = lower($1::text))
returning id, display_name, email, wallet_address, status,
	to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	total_tasks, total_earned, reputation_score
