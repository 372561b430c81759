-- Demo data for `gigstreamd db seed`: every status and type there is, with the
-- statistics that our triggers make of it. Ids are fixed, so that a second run
-- finds everything there; ..8TTT.. is the table (001 workers, 002 platforms,
-- 003 tasks, 004 streams, 005 transactions, 006 reputation_events, 007 loans,
-- 008 audit_logs), the last digits are the row. Nobody has the keys of these
-- wallets, no platform has an API key, and no daemon follows the chain. How
-- many rows there are is also in seed_foreign.sql.
create function pg_temp.demo_id(of integer, n integer) returns uuid
language sql immutable strict as $$
	select format('00000000-0000-7000-8%s-%s', lpad(of::text, 3, '0'),
		lpad(n::text, 12, '0'))::uuid
$$;
create function pg_temp.demo_hash(what text, n integer) returns text
language sql immutable strict as $$
	select encode(sha256(convert_to(format('gigstream demo %s %s', what,
		n), 'UTF8')), 'hex')
$$;
create function pg_temp.demo_wallet(what text, n integer) returns text
language sql immutable strict as $$
	select '0x' || left(pg_temp.demo_hash(what, n), 40)
$$;

insert into public.workers (id, email, email_verified, display_name,
	wallet_address, phone_number, account_age_days, status, kyc_status,
	last_login_at, metadata, created_at)
select pg_temp.demo_id(1, n), email, verified, name,
	pg_temp.demo_wallet('worker', n), phone, age, status, kyc,
	now() - seen, jsonb_build_object('demo', true, 'city', city),
	now() - age * interval '1 day'
from (values
	(1, 'Amara Okafor', 'amara.okafor@example.com', true, '+1 202 555 0101',
		412, 'active', 'approved', interval '2 hours', 'Lagos'),
	(2, 'Bruno Costa', 'bruno.costa@example.com', true, '+1 202 555 0102',
		365, 'active', 'approved', interval '5 hours', 'Porto'),
	(3, 'Chen Wei', 'chen.wei@example.com', true, '+1 202 555 0103',
		290, 'active', 'approved', interval '1 day', 'Taipei'),
	(4, 'Daria Novak', 'daria.novak@example.com', true, null,
		214, 'active', 'approved', interval '30 minutes', 'Zagreb'),
	(5, 'Elif Yilmaz', 'elif.yilmaz@example.com', true, '+1 202 555 0105',
		180, 'active', 'approved', interval '3 days', 'Izmir'),
	(6, 'Farid Rahimi', 'farid.rahimi@example.com', true, null,
		120, 'active', 'pending', interval '1 hour', 'Hamburg'),
	(7, 'Grace Mwangi', 'grace.mwangi@example.com', true, '+1 202 555 0107',
		75, 'active', 'approved', interval '8 hours', 'Nairobi'),
	(8, 'Hiro Tanaka', 'hiro.tanaka@example.com', true, null,
		58, 'suspended', 'rejected', interval '20 days', 'Osaka'),
	(9, 'Ines Garcia', 'ines.garcia@example.com', true, null,
		33, 'inactive', 'approved', interval '29 days', 'Quito'),
	(10, 'Jonas Berg', 'jonas.berg@example.com', false, null,
		4, 'active', 'not_started', null, 'Bergen')
) w (n, name, email, verified, phone, age, status, kyc, seen, city)
on conflict do nothing;

insert into public.platforms (id, name, email, api_key_hash, wallet_address,
	webhook_url, status, metadata, created_at)
select pg_temp.demo_id(2, n), name, email,
	encode(sha256(uuid_send(gen_random_uuid())
		|| uuid_send(gen_random_uuid())), 'hex'),
	wallet, webhook, status, '{"demo": true}', now() - age
from (values
	(1, 'Swift Courier', 'pay@swift-courier.example.com',
		pg_temp.demo_wallet('platform', 1),
		'https://hooks.swift-courier.example.com/gigstream',
		'active', interval '420 days'),
	(2, 'Pixel Foundry', 'billing@pixel-foundry.example.com',
		pg_temp.demo_wallet('platform', 2),
		'https://hooks.pixel-foundry.example.com/gigstream',
		'active', interval '380 days'),
	(3, 'Harvest Hands', 'office@harvest-hands.example.com',
		pg_temp.demo_wallet('platform', 3), null,
		'active', interval '300 days'),
	(4, 'Lingua Desk', 'accounts@lingua-desk.example.com',
		null, null, 'inactive', interval '150 days'),
	(5, 'Night Shift', 'ops@night-shift.example.com',
		pg_temp.demo_wallet('platform', 5), null,
		'suspended', interval '90 days')
) p (n, name, email, wallet, webhook, status, age)
on conflict do nothing;

-- made, due, done: days ago (due may be ahead: negative).
insert into public.tasks (id, worker_id, platform_id, external_task_id, title,
	type, payment_amount_usdc, paid_amount_usdc, status, due_date,
	completed_at, verification_status, worker_rating, platform_rating,
	metadata, created_at)
select pg_temp.demo_id(3, n), pg_temp.demo_id(1, worker),
	pg_temp.demo_id(2, platform), format('DEMO-%s', 1000 + n), title,
	type::public.task_type, pays, paid, status::public.task_status,
	now() - due * interval '1 day', now() - done * interval '1 day',
	verified, worker_rating, platform_rating, '{"demo": true}',
	now() - made * interval '1 day'
from (values
	(1, 1, 1, 'Deliver 24 parcels, district north', 'fixed',
		84.50, 84.50, 'completed', 60, 58, 58.5, 'verified', 5, 5),
	(2, 2, 1, 'Deliver 18 parcels, harbour', 'fixed',
		63, 0, 'completed', 52, 50, 50.2, 'verified', 4, 5),
	(3, 3, 2, 'Landing page for the spring sale', 'milestone',
		420, 0, 'completed', 48, 40, 41, 'verified', 5, 4),
	(4, 4, 2, 'Icon set, 40 pieces', 'fixed',
		260, 0, 'completed', 45, 38, 36.5, 'verified', 4, 4),
	(5, 5, 3, 'Apple harvest, week 1', 'time_based',
		600, 600, 'completed', 40, 33, 33.1, 'verified', 5, 5),
	(6, 1, 1, 'Deliver 30 parcels, old town', 'fixed',
		105, 0, 'completed', 30, 29, 29.4, 'verified', 5, 4),
	(7, 7, 3, 'Apple harvest, week 2', 'time_based',
		600, 0, 'completed', 33, 26, 26.2, 'verified', 5, 5),
	(8, 2, 4, 'Translate a manual, 9,000 words', 'milestone',
		540, 0, 'completed', 28, 21, 19, 'verified', 3, 4),
	(9, 4, 2, 'Product video, 90 seconds', 'milestone',
		750, 0, 'completed', 25, 12, 12.5, 'pending', null, null),
	(10, 3, 2, 'Shop theme for mobile', 'milestone',
		980, 0, 'in_progress', 14, -5, null, 'pending', null, null),
	(11, 6, 3, 'Sort and pack, late shift', 'time_based',
		240, 0, 'in_progress', 6, -1, null, 'pending', null, null),
	(12, 1, 1, 'Deliver 22 parcels, district south', 'fixed',
		77, 0, 'in_progress', 1, -1, null, 'pending', null, null),
	(13, 7, 3, 'Repair the irrigation', 'time_based',
		320, 0, 'assigned', 3, -7, null, 'pending', null, null),
	(14, 5, 1, 'Deliver 12 parcels, airport', 'fixed',
		48, 0, 'assigned', 1, -2, null, 'pending', null, null),
	(15, null, 2, 'Subtitles in three languages', 'fixed',
		150, 0, 'created', 2, -10, null, 'pending', null, null),
	(16, null, 1, 'Deliver 40 parcels, industrial park', 'fixed',
		140, 0, 'created', 1, -3, null, 'pending', null, null),
	(17, null, 3, 'Prune 200 trees', 'time_based',
		900, 0, 'created', 0.5, null, null, 'pending', null, null),
	(18, 8, 5, 'Warehouse inventory by night', 'time_based',
		380, 0, 'disputed', 24, 20, 19.5, 'rejected', null, 1),
	(19, 9, 4, 'Proofread a contract', 'fixed',
		95, 0, 'cancelled', 32, 30, null, 'pending', null, null),
	(20, 8, 5, 'Security round, weekend', 'time_based',
		210, 0, 'cancelled', 22, 19, null, 'rejected', null, null)
) t (n, worker, platform, title, type, pays, paid, status, made, due, done,
	verified, worker_rating, platform_rating)
on conflict do nothing;

-- Released is what time has set free; a cancelled one gave everything back.
insert into public.streams (id, worker_id, platform_id, worker_wallet,
	platform_wallet, task_id, chain_id, contract_address,
	contract_stream_id, total_amount_usdc, released_amount_usdc,
	claimed_amount_usdc, refunded_amount_usdc, start_time, end_time,
	release_interval, next_release_at, status, paused_at, completed_at,
	cancelled_at, metadata, created_at)
select pg_temp.demo_id(4, n), pg_temp.demo_id(1, worker),
	pg_temp.demo_id(2, platform), pg_temp.demo_wallet('worker', worker),
	pg_temp.demo_wallet('platform', platform), pg_temp.demo_id(3, task),
	999999999999, pg_temp.demo_wallet('streaming contract', 1), n, total,
	released, claimed, refunded, now() - began * interval '1 day',
	now() - ends * interval '1 day', 86400,
	case when status = 'active' then now() + interval '9 hours' end,
	status::public.stream_status,
	case when status = 'paused' then now() - interval '2 days' end,
	case when status = 'completed' then now() - ends * interval '1 day' end,
	case when status = 'cancelled' then now() - over * interval '1 day' end,
	'{"demo": true}', now() - began * interval '1 day'
from (values
	(1, 5, 3, 5, 600, 600, 600, 0, 40, 33, null, 'completed'),
	(2, 7, 3, 7, 600, 600, 0, 0, 33, 26, null, 'completed'),
	(3, 6, 3, 11, 240, 200, 0, 0, 6, -1, null, 'active'),
	(4, 7, 3, 13, 320, 120, 0, 0, 3, -5, null, 'active'),
	(5, 3, 2, 10, 980, 700, 0, 0, 14, -5, null, 'active'),
	(6, 4, 2, 9, 750, 450, 0, 0, 15, -10, null, 'paused'),
	(7, 8, 5, 20, 210, 0, 0, 210, 22, 15, 19, 'cancelled'),
	(8, 9, 2, null, 400, 0, 0, 400, 31, 21, 30, 'cancelled')
) s (n, worker, platform, task, total, released, claimed, refunded, began,
	ends, over, status)
on conflict do nothing;

-- One of them went over the chain.
insert into public.loans (id, worker_id, chain_id, contract_address,
	contract_loan_id, requested_amount_usdc, approved_amount_usdc,
	fee_usdc, fee_percentage, total_owed_usdc, remaining_balance_usdc,
	risk_score, predicted_earnings_7d, status, requested_at, approved_at,
	disbursed_at, due_date, repaid_at, defaulted_at, tasks_repaid,
	metadata, created_at)
select pg_temp.demo_id(7, n), pg_temp.demo_id(1, worker),
	case when n = 3 then 999999999999 end,
	case when n = 3 then pg_temp.demo_wallet('loan contract', 1) end,
	case when n = 3 then 1 end,
	asked, approved, fee, case when approved > 0 then 3 else 0 end,
	coalesce(approved + fee, 0), remaining, risk, predicted,
	status::public.loan_status, now() - made * interval '1 day',
	now() - agreed * interval '1 day', now() - disbursed * interval '1 day',
	now() - due * interval '1 day', now() - repaid * interval '1 day',
	now() - defaulted * interval '1 day', tasks_repaid, '{"demo": true}',
	now() - made * interval '1 day'
from (values
	(1, 10, 80, null, 0, 0, 720, 60, 'pending',
		1, null, null, null, null, null, 0),
	(2, 7, 150, 150, 4.50, 154.50, 310, 240, 'approved',
		2, 1, null, null, null, null, 0),
	(3, 1, 200, 200, 6, 123.60, 180, 300, 'repaying',
		20, 19.5, 19, -11, null, null, 2),
	(4, 2, 120, 100, 3, 0, 240, 200, 'repaid',
		70, 69, 68.5, 40, 47, null, 5),
	(5, 8, 250, 180, 5.40, 148.32, 640, 90, 'defaulted',
		55, 54.5, 54, 24, null, 10, 1)
) l (n, worker, asked, approved, fee, remaining, risk, predicted, status, made,
	agreed, disbursed, due, repaid, defaulted, tasks_repaid)
on conflict do nothing;

-- What has a block is on the chain; the pending one is only meant to be.
insert into public.transactions (id, worker_id, platform_id, task_id, stream_id,
	loan_id, type, status, amount_usdc, from_wallet, to_wallet, chain_id,
	tx_hash, log_index, block_number, block_hash, confirmations,
	error_message, retry_count, submitted_at, confirmed_at, metadata,
	created_at)
select pg_temp.demo_id(5, n), pg_temp.demo_id(1, worker),
	pg_temp.demo_id(2, platform), pg_temp.demo_id(3, task),
	pg_temp.demo_id(4, stream), pg_temp.demo_id(7, loan),
	type::public.transaction_type, status::public.transaction_status, pays,
	pg_temp.demo_wallet(payer, payer_n), pg_temp.demo_wallet(payee, payee_n),
	999999999999,
	case when status not in ('pending', 'cancelled')
		then '0x' || pg_temp.demo_hash('transaction', n) end,
	case when block is not null then n end, block,
	case when block is not null
		then '0x' || pg_temp.demo_hash('block', block) end,
	case when status = 'confirmed' then 64 else 0 end, error,
	case when error is not null then 3 else 0 end,
	case when status not in ('pending', 'cancelled')
		then now() - age * interval '1 day' end,
	case when status = 'confirmed'
		then now() - age * interval '1 day' + interval '2 minutes' end,
	'{"demo": true}', now() - age * interval '1 day'
from (values
	(1, 1, 1, 1, null, null, 'payout', 'confirmed', 84.50,
		'platform', 1, 'worker', 1, 41000, null, 58),
	(2, 8, 5, 20, 7, null, 'refund', 'confirmed', 210,
		'streaming contract', 1, 'platform', 5, 50380, null, 19),
	(3, 5, 3, 5, 1, null, 'payout', 'confirmed', 600,
		'streaming contract', 1, 'worker', 5, 47800, null, 32),
	(4, 9, 2, null, 8, null, 'refund', 'confirmed', 400,
		'streaming contract', 1, 'platform', 2, 48150, null, 30),
	(5, null, 1, null, null, null, 'fee', 'confirmed', 1.48,
		'platform', 1, 'fee wallet', 1, 43211, null, 50),
	(6, 1, null, null, null, 3, 'advance', 'confirmed', 200,
		'loan contract', 1, 'worker', 1, 50400, null, 19),
	(7, 1, null, null, null, 3, 'repayment', 'confirmed', 82.40,
		'worker', 1, 'loan contract', 1, 52950, null, 8),
	(8, 4, 2, 4, null, null, 'payout', 'submitted', 260,
		'platform', 2, 'worker', 4, 55020, null, 0.01),
	(9, 2, 4, 8, null, null, 'payout', 'pending', 540,
		'lingua payer', 1, 'worker', 2, null, null, 0.1),
	(10, 3, 2, 3, null, null, 'payout', 'failed', 420,
		'platform', 2, 'worker', 3, null,
		'the payer''s balance was too low', 40),
	(11, 9, 4, 19, null, null, 'payout', 'cancelled', 95,
		'lingua payer', 1, 'worker', 9, null, null, 29)
) t (n, worker, platform, task, stream, loan, type, status, pays, payer,
	payer_n, payee, payee_n, block, error, age)
on conflict do nothing;

-- Oldest first: each starts from the score that the one before has left.
insert into public.reputation_events (id, worker_id, task_id, event_type,
	points_delta, description, triggered_by, metadata, created_at)
select pg_temp.demo_id(6, n), pg_temp.demo_id(1, worker),
	pg_temp.demo_id(3, task), type::public.reputation_event_type, points,
	description, who, '{"demo": true}', now() - age * interval '1 day'
from (values
	(1, 1, 1, 'task_completed', 25, 'on time', 'system', 58.5),
	(2, 1, 1, 'rating_received', 15, '5 of 5', 'platform', 58),
	(3, 2, 2, 'task_completed', 25, 'on time', 'system', 50.2),
	(4, 2, 2, 'rating_received', 8, '4 of 5', 'platform', 50),
	(5, 3, 3, 'task_completed', 40, 'on time', 'system', 41),
	(6, 3, 3, 'rating_received', 15, '5 of 5', 'platform', 40.5),
	(7, 4, 4, 'task_late', -10, 'a day and a half late', 'system', 36.5),
	(8, 4, 4, 'rating_received', 8, '4 of 5', 'platform', 36),
	(9, 5, 5, 'task_completed', 40, 'on time', 'system', 33.1),
	(10, 5, 5, 'rating_received', 15, '5 of 5', 'platform', 33),
	(11, 1, 6, 'task_completed', 25, 'on time', 'system', 29.4),
	(12, 1, 6, 'rating_received', 15, '5 of 5', 'platform', 29),
	(13, 7, 7, 'task_completed', 40, 'on time', 'system', 26.2),
	(14, 7, 7, 'rating_received', 15, '5 of 5', 'platform', 26),
	(15, 8, 18, 'dispute_filed', -30, 'inventory does not match', 'platform',
		19.4),
	(16, 2, 8, 'task_late', -10, 'two days late', 'system', 19),
	(17, 2, 8, 'rating_received', 2, '3 of 5', 'platform', 18.5),
	(18, 4, 9, 'task_completed', 40, 'on time', 'system', 12.5),
	(19, 8, 18, 'dispute_resolved', 10, 'counted anew; half of it stands',
		'operator', 9),
	(20, 8, null, 'manual_adjustment', -20, 'loan defaulted', 'operator',
		8.5),
	(21, 7, null, 'manual_adjustment', 5, 'helped a newcomer', 'operator', 5)
) e (n, worker, task, type, points, description, who, age)
order by n
on conflict do nothing;

-- Who did all that. Private values are never in an audit (0007_audit.sql).
insert into public.audit_logs (id, actor_type, actor_id, action, resource_type,
	resource_id, ip_address, user_agent, request_id, changes_before,
	changes_after, success, error_message, metadata, created_at)
select pg_temp.demo_id(8, row_number() over (order by created_at, resource_id,
		action)::integer), actor_type, actor_id, action, resource_type,
	resource_id, ip_address, user_agent,
	substr(pg_temp.demo_hash(action, extract(epoch from
		now() - created_at)::integer), 1, 16), changes_before,
	changes_after, error is null, error, '{"demo": true}', created_at
from (
	select 'operator' as actor_type, 'demo@localhost' as actor_id,
		'worker.add' as action, 'worker' as resource_type,
		id::text as resource_id, null::inet as ip_address,
		'gigstreamd' as user_agent, null::jsonb as changes_before,
		jsonb_build_object('wallet_address', wallet_address,
			'email', '[redacted]', 'display_name', '[redacted]')
			as changes_after, null as error, created_at
	from public.workers
union all
	select 'operator', 'demo@localhost', 'platform.add', 'platform',
		id::text, null, 'gigstreamd', null, jsonb_build_object('name',
		name, 'email', '[redacted]', 'api_key_hash', '[redacted]'),
		null, created_at
	from public.platforms
union all
	select actor, case actor
			when 'operator' then 'demo@localhost'
			when 'system' then 'gigstreamd'
			when 'worker' then pg_temp.demo_id(1, actor_n)::text
			else pg_temp.demo_id(2, actor_n)::text end,
		action, split_part(action, '.', 1),
		pg_temp.demo_id(resource, resource_n)::text,
		case when actor in ('worker', 'platform')
			then '192.0.2.0'::inet + 10 * resource + actor_n end,
		case actor when 'worker' then 'GigStream app'
			when 'platform' then 'curl' else 'gigstreamd' end,
		was::jsonb, is_now::jsonb, error, now() - age * interval '1 day'
	from (values
		('platform', 1, 'task.insert', 3, 1, null,
			'{"status": "created"}', null, 60),
		('platform', 1, 'task.update', 3, 1, '{"status": "created"}',
			'{"status": "assigned"}', null, 59.5),
		('worker', 1, 'task.update', 3, 1, '{"status": "in_progress"}',
			'{"status": "completed"}', null, 58.5),
		('worker', 2, 'loan.insert', 7, 4, null,
			'{"status": "pending"}', null, 70),
		('operator', null, 'loan.update', 7, 4, '{"status": "pending"}',
			'{"status": "approved"}', null, 69),
		('system', null, 'loan.update', 7, 5, '{"status": "repaying"}',
			'{"status": "defaulted"}', null, 10),
		('platform', 5, 'task.update', 3, 18,
			'{"status": "completed"}', '{"status": "disputed"}',
			null, 19.4),
		('operator', null, 'worker.update', 1, 8,
			'{"status": "active"}', '{"status": "suspended"}',
			null, 8.5),
		('operator', null, 'platform.update', 2, 5,
			'{"status": "active"}', '{"status": "suspended"}',
			null, 8.4),
		('operator', null, 'platform.rotate_key', 2, 1,
			'{"api_key_hash": "[redacted]"}',
			'{"api_key_hash": "[redacted]"}', null, 30.5),
		('platform', 2, 'transaction.insert', 5, 8, null,
			'{"status": "pending"}', null, 0.02),
		('platform', 4, 'transaction.update', 5, 11,
			'{"status": "pending"}', '{"status": "cancelled"}',
			null, 29),
		('platform', 5, 'transaction.insert', 5, null, null, null,
			'the platform is suspended', 8.2),
		('worker', 8, 'loan.insert', 7, null, null, null,
			'a loan has defaulted', 7.5),
		('worker', 10, 'loan.insert', 7, 1, null,
			'{"status": "pending"}', null, 1)
	) v (actor, actor_n, action, resource, resource_n, was, is_now, error,
		age)
) log
on conflict do nothing;

drop function pg_temp.demo_id(integer, integer),
	pg_temp.demo_wallet(text, integer), pg_temp.demo_hash(text, integer);
