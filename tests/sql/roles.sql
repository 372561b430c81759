-- What each role may do, and above all what it may not.
begin;
select plan(133);
\ir lib/people.sql

select has_role(r) from unnest(array['gigstream_daemon', 'gigstream_api',
	'gigstream_readonly']::name[]) r;
select is_empty($$select rolname from pg_roles where rolname in
	('gigstream_daemon', 'gigstream_api', 'gigstream_readonly')
	and (rolcanlogin or rolsuper or rolcreaterole or rolcreatedb
	or rolbypassrls or rolreplication)$$,
	'none can log in, or do anything to the server');
select is_empty($$select r.rolname, g.rolname from pg_auth_members m
	join pg_roles g on g.oid = m.roleid
	join pg_roles r on r.oid = m.member
	where r.rolname like 'gigstream\_%' and g.rolname <> 'gigstream_daemon'
	and r.rolname in ('gigstream_daemon', 'gigstream_api',
	'gigstream_readonly')$$, 'none is in another');

select pg_temp.worker(1) as ann, pg_temp.platform(1) as acme \gset
select pg_temp.task(:'ann', :'acme', 'created') as task \gset
select pg_temp.payout(:'ann', :'acme', 1, 'pending') as payout \gset
insert into public.loans (worker_id, requested_amount_usdc) values (:'ann', 1);
insert into public.streams (worker_wallet, platform_wallet, chain_id,
	contract_address, contract_stream_id, total_amount_usdc, start_time)
values (pg_temp.wallet(1), pg_temp.wallet(2), 1, pg_temp.wallet(3), 1, 10,
	now());
insert into chain.chains (chain_id, genesis_hash, start_block, start_hash)
values (1, '', 0, '');
insert into chain.events values (1, 1, 1, 0, 0, 1, false, '\x01', '\x02',
	'\x03', 1, '', '');

-- Nobody owns anything but the owner; nobody makes or drops anything.
create temporary table deed (n serial, role name, may boolean, statement text)
	on commit drop;
insert into deed (role, may, statement)
select r, false, s
from unnest(array['gigstream_daemon', 'gigstream_api', 'gigstream_readonly'])
	r, unnest(array['create table public.mine ()',
	'create table chain.mine ()', 'create table stats.mine ()',
	'drop table public.workers',
	'alter table public.workers disable trigger all',
	'truncate public.workers', 'truncate chain.events',
	'update public.workers set total_earned = 1000000',
	'update public.platforms set total_payouts = 1000000',
	'update stats.workers set payouts = 1',
	'update public.reputation_events set points_delta = 1',
	'delete from public.reputation_events',
	'update public.audit_logs set action = ''other''',
	'delete from public.audit_logs', 'delete from public.workers',
	'delete from public.platforms', 'delete from public.transactions',
	'update chain.events set data = ''''', 'delete from chain.events',
	'delete from chain.transfers', 'delete from chain.transitions',
	'select stats.recount()']) s;

-- The daemon: what the chain says, and no person's data.
insert into deed (role, may, statement) values
('gigstream_daemon', true, 'select id, wallet_address from public.workers'),
('gigstream_daemon', false, 'select email from public.workers'),
('gigstream_daemon', false, 'select password_hash from public.workers'),
('gigstream_daemon', false, 'select api_key_hash from public.platforms'),
('gigstream_daemon', false, 'update public.workers set status = ''inactive'''),
('gigstream_daemon', false, 'insert into public.workers (email) values ('''')'),
('gigstream_daemon', false, 'update public.tasks set status = ''completed'''),
('gigstream_daemon', false, 'select * from public.audit_logs'),
('gigstream_daemon', true, 'update public.transactions set confirmations = 1'),
('gigstream_daemon', true, 'update public.streams set status = ''paused'''),
('gigstream_daemon', true, 'update chain.events set orphaned = true'),
('gigstream_daemon', true, 'select public.gigstream_update_account_ages()'),
('gigstream_daemon', true, 'insert into chain.reorgs (chain_id, to_block,
	to_hash, actor_id, request_id) values (1, 0, decode(repeat(''00'', 32),
	''hex''), ''ann'', '''')'),
('gigstream_daemon', true, 'update chain.reorgs set outcome = ''done'''),
('gigstream_daemon', false, 'update chain.reorgs set actor_id = ''bob'''),
('gigstream_daemon', false, 'delete from chain.reorgs'),
('gigstream_daemon', true, 'insert into chain.audits (chain_id, block_number,
	block_hash, differences, summary, started_at) values (1, 0,
	decode(repeat(''00'', 32), ''hex''), 0, ''{}'', now())'),
('gigstream_daemon', false, 'update chain.audits set differences = 0'),
('gigstream_daemon', false, 'delete from chain.audits'),
('gigstream_daemon', false, 'update chain.openings set balance = 0'),
('gigstream_daemon', true, 'insert into public.reputation_events
	(worker_wallet, event_type, points_delta)
	values (''0x'' || repeat(''1'', 40), ''task_late'', 0)'),

-- Applications: people and intentions, never the chain's word.
('gigstream_api', true, 'select * from public.workers'),
('gigstream_api', true, 'update public.workers set deleted_at = now()'),
('gigstream_api', true, 'update public.tasks set status = ''completed'''),
('gigstream_api', true, 'select * from public.platform_performance_view'),
('gigstream_api', true, 'select * from chain.movements'),
('gigstream_api', true, 'insert into public.audit_logs (actor_type, action,
	resource_type) values (''worker'', ''profile.read'', ''worker'')'),
('gigstream_api', true, 'update public.transactions set status =
	''cancelled'''),
('gigstream_api', false, 'update public.transactions set amount_usdc = 2'),
('gigstream_api', false, 'update public.transactions set block_number = 2'),
('gigstream_api', false, 'update public.transactions set confirmed_at = now()'),
('gigstream_api', false, 'insert into public.transactions (status) values
	(''confirmed'')'),
('gigstream_api', false, 'update public.streams set claimed_amount_usdc = 1'),
('gigstream_api', false, 'update public.workers set reputation_score = 999'),
('gigstream_api', false, 'insert into public.reputation_events (new_score)
	values (999)'),
('gigstream_api', false, 'insert into chain.events select * from chain.events'),
('gigstream_api', false, 'update chain.coverage set ranges = ''{}'''),
('gigstream_api', false, 'insert into chain.reorgs (chain_id) values (1)'),
('gigstream_api', false, 'delete from chain.openings'),
('gigstream_api', false, 'select chain.take_lease(1, gen_random_uuid(), '''',
	''1 s'', 1)'),
('gigstream_api', false, 'delete from public.tasks'),

-- Analysts: everything that is not about a person.
('gigstream_readonly', true, 'select * from public.worker_earnings_view'),
('gigstream_readonly', true, 'select * from public.reputation_history_view'),
('gigstream_readonly', true, 'select * from public.loan_repayment_status_view'),
('gigstream_readonly', true, 'select * from public.task_completion_stats_view'),
('gigstream_readonly', true, 'select * from public.platform_performance_view'),
('gigstream_readonly', true, 'select id, wallet_address from public.workers'),
('gigstream_readonly', true, 'select * from public.transactions'),
('gigstream_readonly', true, 'select * from chain.movements'),
('gigstream_readonly', true, 'select id, to_block, outcome from chain.reorgs'),
('gigstream_readonly', false, 'select actor_id from chain.reorgs'),
('gigstream_readonly', true, 'select id, reason, dropped_reason from chain.quarantine'),
('gigstream_readonly', false, 'select dropped_by from chain.quarantine'),
('gigstream_readonly', true, 'select * from chain.audits'),
('gigstream_readonly', false, 'insert into public.tasks (title) values ('''')'),
('gigstream_readonly', false, 'update public.tasks set title = ''x'''),
('gigstream_readonly', false, 'select public.gigstream_update_account_ages()');

select case when may
	then is(pg_temp.attempt(role, statement), 'allowed',
		format('%s. %s may: %s', n, role, statement))
	else matches(pg_temp.attempt(role, statement),
		'permission denied|must be owner',
		format('%s. %s may not: %s', n, role, statement)) end
from deed order by n;

-- PII and secrets, column by column, by their marks.
select is_empty($$
	select a.attrelid::regclass, a.attname
	from pg_attribute a
	where a.attnum > 0 and not a.attisdropped
		and a.attrelid::regclass::text in ('workers', 'platforms',
			'tasks', 'streams', 'transactions',
			'reputation_events', 'loans', 'audit_logs')
		and has_column_privilege('gigstream_readonly', a.attrelid,
			a.attnum, 'select')
		= (a.attname = any (public.gigstream_private_columns(
			a.attrelid)))$$,
	'readonly reads each column unless it is marked');
create function pg_temp.names_seen_by(role name) returns text
language plpgsql as $$
declare
	names text;
begin
	execute format('set local role %I', role);
	select string_agg(display_name, ' ') into names
	from public.worker_earnings_view;
	reset role;
	return names;
end
$$;
select is(pg_temp.names_seen_by('gigstream_readonly'), null,
	'a view shows no names to those who may not read them');
select is(pg_temp.names_seen_by('gigstream_api'), 'Worker 1',
	'and does to those who may');

-- What is nobody's: functions that act for their owner.
select is_empty($$
	select p.oid::regprocedure
	from pg_proc p, aclexplode(coalesce(p.proacl,
		acldefault('f', p.proowner))) acl
	where (p.pronamespace::regnamespace::text in ('chain', 'stats')
		or p.proname like 'gigstream\_%')
		and acl.grantee = 0$$,
	'no function of ours is everybody''s');
select is_empty($$
	select p.oid::regprocedure from pg_proc p
	where p.prosecdef and (p.pronamespace::regnamespace::text in
		('chain', 'stats') or p.proname like 'gigstream\_%')
		and not coalesce(p.proconfig::text ~ 'search_path', false)$$,
	'whatever acts for its owner has a search_path of its own');

select * from finish();
rollback;
