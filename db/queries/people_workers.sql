-- $1, $2: an id, an email or a wallet; NULL: all of them. $3: at most so many.
-- $4: with this status; NULL: with any. $5: with at least this score. $6: by
-- 'created' (the oldest first), 'score' or 'earned' (the highest first).
select id, display_name, email, wallet_address, status,
	to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	total_tasks, total_earned, reputation_score
from public.workers
where deleted_at is null
	and ($1::text is null or id = $2::uuid or lower(email) = lower($1::text)
		or wallet_address = lower($1::text))
	and ($4::text is null or status = $4::text)
	and reputation_score >= $5::integer
order by case when $6::text = 'score' then reputation_score end desc,
	case when $6::text = 'earned' then total_earned end desc,
	created_at, id
limit $3::bigint
