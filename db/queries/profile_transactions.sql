-- The newest transactions of the worker with this id, email or wallet
-- ($1, $2), at most $3.
select t.id, t.type, t.status, t.amount_usdc, t.fee_usdc, t.from_wallet,
	t.to_wallet, t.tx_hash, t.block_number,
	to_char(t.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	to_char(t.submitted_at at time zone 'UTC',
		'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
	to_char(t.confirmed_at at time zone 'UTC',
		'YYYY-MM-DD"T"HH24:MI:SS"Z"')
from public.transactions t
where t.worker_id = (select id
		from public.workers
		where deleted_at is null
			and (id = $2::uuid or lower(email) = lower($1::text)
				or wallet_address = lower($1::text)))
order by t.created_at desc, t.id desc
limit $3::bigint
