insert into public.workers (display_name, email, wallet_address)
values ($1::text, $2::text, $3::text)
returning id, display_name, email, wallet_address, status,
	to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	total_tasks, total_earned, reputation_score
