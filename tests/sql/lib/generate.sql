-- Rows in bulk, for views, plans and benchmarks: set workers, platforms, tasks,
-- transactions, streams, loans and events before \ir. All triggers are off
-- while it runs; the statistics are counted at its end.
select setseed(0.42) \g /dev/null
set session_replication_role = replica;

insert into public.workers (email, display_name, wallet_address,
	reputation_score, created_at)
select format('g%s@example.com', n), 'Worker ' || n,
	'0xa' || lpad(to_hex(n), 39, '0'), (random() * 1000)::integer,
	now() - random() * interval '400 days'
from generate_series(1, :workers) n;
insert into public.platforms (name, email, api_key_hash, wallet_address)
select 'Platform ' || n, format('g%s@example.com', n),
	encode(sha256(('g' || n)::bytea), 'hex'),
	'0xb' || lpad(to_hex(n), 39, '0')
from generate_series(1, :platforms) n;

create temporary table numbered on commit drop as
select array(select id from public.workers where deleted_at is null
		order by id) as workers,
	array(select id from public.platforms where deleted_at is null
		order by id) as platforms;

-- A third of the platforms has most of the tasks, as in life.
insert into public.tasks (worker_id, platform_id, external_task_id, title, type,
	payment_amount_usdc, status, due_date, created_at, completed_at,
	worker_rating, platform_rating)
select workers[1 + floor(random() * :workers)],
	platforms[1 + floor(power(random(), 3) * :platforms)], 'ext-' || n,
	'Task ' || n,
	(enum_range(null::public.task_type))[1 + floor(random() * 3)],
	ceil(random() * 20000) * 0.01, status,
	at + interval '2 days', at,
	case when status in ('completed', 'disputed')
		then at + random() * interval '3 days' end,
	case when status = 'completed' then 1 + floor(random() * 5) end,
	case when status = 'completed' then 1 + floor(random() * 5) end
from numbered, generate_series(1, :tasks) n,
lateral (select now() - random() * interval '300 days' - n * interval '0 s',
	(array['completed', 'completed', 'completed', 'completed', 'completed',
	'completed', 'completed', 'in_progress', 'assigned', 'created',
	'disputed', 'cancelled'])[1 + floor(random() * 12 + n * 0)]
	::public.task_status) x (at, status);

insert into public.transactions (worker_id, platform_id, type, status,
	amount_usdc, from_wallet, to_wallet, chain_id, tx_hash, log_index,
	block_number, block_hash, submitted_at, confirmed_at, created_at)
select workers[w], platforms[p],
	case when n % 50 = 0 then 'refund' when n % 99 = 0 then 'fee'
		else 'payout' end::public.transaction_type,
	case when n > :transactions - 500 then 'submitted'
		else 'confirmed' end::public.transaction_status,
	ceil(random() * 20000) * 0.01, '0xb' || lpad(to_hex(p), 39, '0'),
	'0xa' || lpad(to_hex(w), 39, '0'), 1, '0x' || md5(n::text)
	|| md5((-n)::text), n % 7, n / 4, '0x' || repeat(md5((n / 4)::text), 2),
	at, at, at
from numbered, generate_series(1, :transactions) n,
lateral (select 1 + floor(random() * :workers + n * 0)::integer,
	1 + floor(power(random(), 3) * :platforms + n * 0)::integer,
	now() - (:transactions - n) * interval '20 seconds') x (w, p, at);

insert into public.streams (worker_id, platform_id, worker_wallet,
	platform_wallet, chain_id, contract_address, contract_stream_id,
	total_amount_usdc, released_amount_usdc, claimed_amount_usdc,
	start_time, status)
select workers[w], platforms[p], '0xa' || lpad(to_hex(w), 39, '0'),
	'0xb' || lpad(to_hex(p), 39, '0'), 1, '0x' || repeat('c', 40), n, 100,
	50, 20, now() - interval '1 day',
	(enum_range(null::public.stream_status))[1 + n % 4]
from numbered, generate_series(1, :streams) n,
lateral (select 1 + floor(random() * :workers + n * 0)::integer,
	1 + floor(power(random(), 3) * :platforms + n * 0)::integer) x (w, p);

insert into public.loans (worker_id, requested_amount_usdc,
	approved_amount_usdc, total_owed_usdc, remaining_balance_usdc, status,
	disbursed_at, due_date)
select workers[1 + floor(random() * :workers)], 100, 100, 105,
	floor(random() * 105),
	(enum_range(null::public.loan_status))[1 + n % 8],
	now() - interval '20 days', now() - (random() - 0.5) * interval '30 days'
from numbered, generate_series(1, :loans) n;

insert into public.reputation_events (worker_id, event_type, points_delta,
	previous_score, new_score, created_at)
select workers[1 + floor(random() * :workers)],
	(enum_range(null::public.reputation_event_type))[1 + n % 6],
	5, 100, 105, now() - (:events - n) * interval '1 minute'
from numbered, generate_series(1, :events) n;

set session_replication_role = origin;
select stats.recount() \g /dev/null
