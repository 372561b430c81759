-- What the scripts stand on: people, tasks and payouts in a word each.
create function pg_temp.wallet(n integer) returns text
language sql immutable as $$ select '0x' || lpad(to_hex(n), 40, '0') $$;

create function pg_temp.worker(n integer) returns uuid
language sql as $$
	insert into public.workers (email, display_name, wallet_address)
	values (format('worker%s@example.com', n), 'Worker ' || n,
		pg_temp.wallet(n))
	returning id
$$;

create function pg_temp.platform(n integer) returns uuid
language sql as $$
	insert into public.platforms (name, email, api_key_hash, wallet_address)
	values ('Platform ' || n, format('platform%s@example.com', n),
		encode(sha256(n::text::bytea), 'hex'),
		pg_temp.wallet(1000000 + n))
	returning id
$$;

create function pg_temp.task(worker uuid, platform uuid,
	status public.task_status, usdc numeric default 10) returns uuid
language sql as $$
	insert into public.tasks (worker_id, platform_id, title, type,
		payment_amount_usdc, status)
	values (worker, platform, 'A task', 'fixed', usdc, status)
	returning id
$$;

create sequence pg_temp.hashes;
create function pg_temp.payout(worker uuid, platform uuid, usdc numeric,
	status public.transaction_status) returns uuid
language sql as $$
	insert into public.transactions (worker_id, platform_id, type, status,
		amount_usdc, from_wallet, to_wallet, chain_id, tx_hash)
	values (worker, platform, 'payout', status, usdc,
		pg_temp.wallet(1), pg_temp.wallet(2), 1,
		'0x' || lpad(to_hex(nextval('pg_temp.hashes')), 64, '0'))
	returning id
$$;

-- What a statement would come to for a role: 'allowed', or the error's text.
create function pg_temp.attempt(role name, statement text) returns text
language plpgsql as $$
begin
	execute format('set local role %I', role);
	execute statement;
	raise exception 'allowed';
exception when others then
	return sqlerrm; -- everything is undone, the role included
end
$$;
