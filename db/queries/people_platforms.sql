-- $1, $2: an id, an email or a wallet; NULL: all of them. $3: at most so many.
select id, name, email, wallet_address, status,
	to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	total_tasks, total_payouts, unique_workers
from public.platforms
where deleted_at is null
	and ($1::text is null or id = $2::uuid or lower(email) = lower($1::text)
		or wallet_address = lower($1::text))
order by created_at, id
limit $3::bigint
