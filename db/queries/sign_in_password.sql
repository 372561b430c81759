-- $1, $2: an id, an email or a wallet.
select id, password_hash, status
from public.workers
where deleted_at is null
	and (id = $2::uuid or lower(email) = lower($1::text)
		or wallet_address = lower($1::text))
