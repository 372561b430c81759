insert into public.platforms (name, email, wallet_address, api_key_hash)
values ($1::text, $2::text, $3::text, $4::text)
returning id, name, email, wallet_address, status,
	to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	total_tasks, total_payouts, unique_workers
