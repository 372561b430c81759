-- Every change that somebody makes through us is in audit_logs.
begin;
select plan(30);
\ir lib/people.sql

select pg_temp.worker(1) as ann, pg_temp.platform(1) as acme \gset
select pg_temp.task(:'ann', :'acme', 'created') as task \gset
select is_empty('select * from public.audit_logs',
	'what nobody claims is not audited');

create function pg_temp.act(type text, id text, action text) returns void
language sql as $$
	select set_config('gigstream.actor_type', type, true),
		set_config('gigstream.actor_id', id, true),
		set_config('gigstream.action', action, true),
		set_config('gigstream.request_id', 'req-1', true),
		set_config('gigstream.ip_address', '192.0.2.7', true),
		set_config('gigstream.user_agent', 'test', true)
$$;
-- What has been written since the last call, as one line.
create temporary table seen (id uuid) on commit drop;
create function pg_temp.news() returns text
language sql as $$
	with fresh as (
		insert into seen select id from public.audit_logs
		where id not in (select id from seen)
		returning id
	)
	select string_agg(concat_ws(' ', action, resource_type,
		changes_before, '->', changes_after), '; ' order by action,
		resource_type)
	from fresh join public.audit_logs using (id)
$$;
create function pg_temp.last() returns public.audit_logs
language sql as $$
	select * from public.audit_logs order by created_at desc, id desc
	limit 1
$$;

select pg_temp.act('platform', 'key-1', 'task.finish') \g /dev/null
update public.tasks set status = 'completed', worker_rating = 5
where id = :'task';
select is(changes_before, '{"status": "created", "completed_at": null,
	"worker_rating": null}', 'before')
from pg_temp.last();
select is(changes_after - 'completed_at',
	'{"status": "completed", "worker_rating": 5}', 'after')
from pg_temp.last();
select is((actor_type, actor_id, action, resource_type, resource_id,
	host(ip_address), user_agent, request_id, success)::text,
	format('(platform,key-1,task.finish,task,%s,192.0.2.7,test,req-1,t)',
	:'task'), 'who, what and on whose request')
from pg_temp.last();
select is((select count(*) from public.audit_logs), 1::bigint,
	'the statistics that follow are nobody''s change');

select pg_temp.act('operator', 'root@here', '') \g /dev/null
select pg_temp.news() \g /dev/null
update public.workers set status = 'suspended' where id = :'ann';
select is(pg_temp.news(),
	'worker.update worker {"status": "active"} -> {"status": "suspended"}',
	'an action without a name is called by its table');
update public.workers set status = 'suspended' where id = :'ann';
select is(pg_temp.news(), null, 'no change, no record');
update public.workers set total_tasks = 3, account_age_days = 5
where id = :'ann';
select is(pg_temp.news(), null, 'nor for a statistic');

-- PII and secrets are left out, though not that they changed.
update public.workers set email = 'hush@example.com',
	phone_number = '+1 555 0100', password_hash = '$2b$10$' || repeat('a', 53),
	metadata = '{"diagnosis": "hush"}', display_name = 'Hush',
	wallet_id = 'v1:hush', last_login_at = now()
where id = :'ann';
select is(changes_after, '{"email": "[redacted]", "metadata": "[redacted]",
	"wallet_id": "[redacted]", "display_name": "[redacted]",
	"phone_number": "[redacted]", "last_login_at": "[redacted]",
	"password_hash": "[redacted]"}', 'changed, but not what to')
from pg_temp.last();
select is(changes_before, '{"email": "[redacted]", "metadata": "[redacted]",
	"wallet_id": null, "display_name": "[redacted]", "phone_number": null,
	"last_login_at": null, "password_hash": null}', 'nor what from')
from pg_temp.last();
update public.platforms set api_key_hash = repeat('5ec', 21) || 'a',
	webhook_secret = 'v1:hush', webhook_url = 'https://hush.example'
where id = :'acme';
select pg_temp.worker(2) as bob \gset
insert into public.tasks (worker_id, platform_id, title, description, type,
	payment_amount_usdc, verification_data)
values (:'bob', :'acme', 'A title', 'hush', 'fixed', 1, '"hush"');
select is_empty($$select changes_before, changes_after from public.audit_logs
	where concat(changes_before, changes_after)
		~* '(hush|5ec5ec|worker2@|555 0100|a{53})'$$,
	'no secret and no PII is in the audit');
select is((select changes_after ->> 'wallet_address' from public.audit_logs
	where action = 'worker.insert'), pg_temp.wallet(2),
	'what is public is');
select is((select changes_before from public.audit_logs
	where action = 'worker.insert'), null, 'a new row has no before');

-- A mark on every column that tells about a person or opens a door.
select set_eq($$
	select attrelid::regclass || '.' || attname
	from pg_attribute
	where attnum > 0 and attrelid in ('workers'::regclass,
		'platforms'::regclass, 'tasks'::regclass, 'streams'::regclass,
		'transactions'::regclass, 'loans'::regclass,
		'reputation_events'::regclass, 'audit_logs'::regclass)
		and attname = any (public.gigstream_private_columns(attrelid))$$,
	array['workers.email', 'workers.phone_number', 'workers.display_name',
		'workers.last_login_at', 'workers.metadata',
		'workers.kyc_status', 'workers.password_hash',
		'workers.wallet_id', 'platforms.email', 'platforms.metadata',
		'platforms.api_key_hash', 'platforms.webhook_url',
		'platforms.webhook_secret', 'tasks.description',
		'tasks.verification_data', 'audit_logs.ip_address',
		'audit_logs.user_agent', 'audit_logs.actor_id'],
	'the columns marked as PII or secret');

-- Soft and hard deletes; every table that people change.
select pg_temp.news() \g /dev/null
update public.workers set deleted_at = '2026-01-01' where id = :'bob';
select is(changes_after, '{"deleted_at": "2026-01-01T00:00:00+00:00"}',
	'a soft delete') from pg_temp.last();
delete from public.tasks where id = :'task';
select is((select changes_before ->> 'title' from public.audit_logs
	where action = 'task.delete'), 'A task', 'a hard one');
select is((select changes_after from public.audit_logs
	where action = 'task.delete'), null, 'has no after');
select pg_temp.payout(:'ann', :'acme', 5, 'pending') \g /dev/null
insert into public.loans (worker_id, requested_amount_usdc) values (:'ann', 5);
insert into public.reputation_events (worker_id, event_type, points_delta)
values (:'ann', 'manual_adjustment', 5);
select set_has('select action from public.audit_logs', $$values
	('transaction.insert'), ('loan.insert'), ('reputation_event.insert'),
	('platform.update')$$, 'and all else');
select has_trigger('public'::name, t, 'audit'::name) from unnest(array['workers',
	'platforms', 'tasks', 'transactions', 'loans',
	'reputation_events']::name[]) t;

-- An actor of no known kind, or from nowhere, is refused, with the change.
select pg_temp.act('ghost', '', '') \g /dev/null
select throws_matching('update public.workers set status = ''inactive''',
	'actor_type_check', 'an actor is somebody');
select pg_temp.act('worker', '', '') \g /dev/null
select set_config('gigstream.ip_address', 'nowhere', true) \g /dev/null
select throws_matching('update public.workers set status = ''inactive''',
	'inet', 'an address is one');
select is((select count(*) from public.workers where status = 'inactive'),
	0::bigint, 'what cannot be audited does not happen');

-- Ten thousand rows that nobody claims cost nothing; the claimed are all there.
select pg_temp.act('', '', '') \g /dev/null
insert into public.tasks (worker_id, platform_id, title, type,
	payment_amount_usdc)
select :'ann', :'acme', 'Bulk', 'fixed', 1 from generate_series(1, 500);
select is((select count(*) from public.audit_logs where action =
	'task.insert'), 1::bigint, 'no actor, no record');
select pg_temp.act('platform', 'key-2', '') \g /dev/null
update public.tasks set status = 'cancelled' where title = 'Bulk';
select is((select count(*) from public.audit_logs
	where actor_id = 'key-2'), 500::bigint, 'a record a row');
select is((select sum(tasks_cancelled) from public.worker_earnings_view),
	500.0, 'and the statistics with them');

select * from finish();
rollback;
