-- The newest tasks of the worker with this id, email or wallet ($1, $2), at
-- most $3.
select t.id, t.title, t.type, t.status, t.payment_amount_usdc,
	t.paid_amount_usdc,
	to_char(t.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	to_char(t.due_date at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	to_char(t.completed_at at time zone 'UTC',
		'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from public.tasks t
where t.deleted_at is null
	and t.worker_id = (select id
		from public.workers
		where deleted_at is null
			and (id = $2::uuid or lower(email) = lower($1::text)
				or wallet_address = lower($1::text)))
order by t.created_at desc, t.id desc
limit $3::bigint
