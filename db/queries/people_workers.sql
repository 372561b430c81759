-- $1: an id, an email or a wallet; NULL: all of them. $2: at most so many.
select id, display_name, email, wallet_address, status,
	to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	total_tasks, total_earned, reputation_score
from public.workers
where deleted_at is null
	and ($1::text is null or id::text = lower($1::text)
		or lower(email) = lower($1::text)
		or wallet_address = lower($1::text))
order by created_at, id
limit $2::bigint
