-- Which status may follow which, for whom: every pair of every table.
begin;
select plan(179);
\ir lib/people.sql

select pg_temp.worker(1) as ann, pg_temp.platform(1) as acme \gset
select pg_temp.task(:'ann', :'acme', 'created') as task \gset
insert into public.streams (worker_wallet, platform_wallet, chain_id,
	contract_address, contract_stream_id, total_amount_usdc, start_time)
values (pg_temp.wallet(1), pg_temp.wallet(2), 1, pg_temp.wallet(3), 1, 10,
	now());
insert into public.loans (worker_id, requested_amount_usdc)
values (:'ann', 10);
select pg_temp.payout(:'ann', :'acme', 1, 'pending') as payout \gset

create temporary table allowed (name text, was text, becomes text[],
	by_chain text[]) on commit drop;
insert into allowed values
('tasks', 'created', array['assigned', 'in_progress', 'completed', 'disputed',
	'cancelled'], '{}'),
('tasks', 'assigned', array['created', 'in_progress', 'completed', 'disputed',
	'cancelled'], '{}'),
('tasks', 'in_progress', array['created', 'assigned', 'completed', 'disputed',
	'cancelled'], '{}'),
('tasks', 'completed', array['in_progress', 'disputed'], '{}'),
('tasks', 'disputed', array['in_progress', 'completed', 'cancelled'], '{}'),
('tasks', 'cancelled', '{}', '{}'),
('streams', 'active', array['paused', 'completed', 'cancelled'], '{}'),
('streams', 'paused', array['active', 'cancelled'], array['completed']),
('streams', 'completed', '{}', array['active', 'paused', 'cancelled']),
('streams', 'cancelled', '{}', array['active', 'paused', 'completed']),
('transactions', 'pending', array['submitted', 'confirmed', 'failed',
	'cancelled'], '{}'),
('transactions', 'submitted', array['confirmed', 'failed'], '{}'),
('transactions', 'confirmed', '{}', array['submitted']),
('transactions', 'failed', '{}', array['submitted', 'confirmed']),
('transactions', 'cancelled', '{}', '{}'),
('loans', 'pending', array['approved', 'cancelled'], array['disbursed',
	'active', 'repaying', 'repaid', 'defaulted']),
('loans', 'approved', array['disbursed', 'cancelled'], array['pending',
	'active', 'repaying', 'repaid', 'defaulted']),
('loans', 'disbursed', array['active', 'repaying', 'repaid', 'defaulted'],
	array['pending', 'approved', 'cancelled']),
('loans', 'active', array['repaying', 'repaid', 'defaulted'],
	array['pending', 'approved', 'disbursed', 'cancelled']),
('loans', 'repaying', array['active', 'repaid', 'defaulted'],
	array['pending', 'approved', 'disbursed', 'cancelled']),
('loans', 'repaid', '{}', array['pending', 'approved', 'disbursed', 'active',
	'repaying', 'defaulted', 'cancelled']),
('loans', 'defaulted', '{}', array['pending', 'approved', 'disbursed',
	'active', 'repaying', 'repaid', 'cancelled']),
('loans', 'cancelled', '{}', array['pending', 'approved', 'disbursed',
	'active', 'repaying', 'repaid', 'defaulted']);

-- A status is set here without its time.
alter table public.tasks drop constraint tasks_completed_at_check;

-- What a change from one status to another comes to.
create function pg_temp.try(name text, was text, becomes text, evidence text)
returns text
language plpgsql as $$
declare
	type text := rtrim(name, 's') || '_status';
begin
	execute format('alter table public.%I disable trigger status_change',
		name);
	execute format('update public.%I set status = %L', name, was);
	execute format('alter table public.%I enable trigger status_change',
		name);
	perform set_config('gigstream.chain_evidence', evidence, true);
	begin
		execute format('update public.%I set status = %L', name,
			becomes);
		return 'allowed';
	exception when check_violation then
		return sqlerrm;
	end;
end
$$;

create temporary table pair on commit drop as
select a.name, a.was, l.enumlabel::text as becomes,
	l.enumlabel = any (a.becomes) as by_all,
	l.enumlabel = any (a.becomes || a.by_chain) as by_chain
from allowed a
join pg_enum l on l.enumtypid =
	('public.' || rtrim(a.name, 's') || '_status')::regtype
where l.enumlabel <> a.was
order by a.name, a.was, l.enumsortorder;

select case when by_all
	then is(pg_temp.try(name, was, becomes, 'off'), 'allowed',
		format('%s: %s -> %s', name, was, becomes))
	else matches(pg_temp.try(name, was, becomes, 'off'),
		format('status %s -> %s is not allowed', was, becomes),
		format('%s: %s -> %s is refused, naming both', name, was,
			becomes)) end
from pair;
select is(pg_temp.try(name, was, becomes, 'on') = 'allowed', by_chain,
	format('%s: %s -> %s by the chain''s word', name, was, becomes))
from pair
where by_chain is distinct from by_all;

select pg_temp.try('tasks', 'in_progress', 'in_progress', 'off') \g /dev/null
update public.tasks set status = 'completed';
select isnt((select completed_at from public.tasks), null,
	'a completed task has a time of completion');
update public.tasks set status = 'disputed';
select isnt((select completed_at from public.tasks), null,
	'a dispute does not undo that');
update public.tasks set status = 'in_progress';
select is((select completed_at from public.tasks), null,
	'reopened, it has none');

-- Who may say that it is the chain's word: not an application.
create function pg_temp.status_by(role name, was text, becomes text,
	evidence text) returns text
language sql as $$
	select pg_temp.try('transactions', was, was, evidence);
	select pg_temp.attempt(role, format(
		'update public.transactions set status = %L', becomes))
$$;
select matches(pg_temp.status_by('gigstream_api', 'failed', 'confirmed', 'on'),
	'status failed -> confirmed is not allowed',
	'an application cannot speak for the chain');
select matches(pg_temp.status_by('gigstream_api', 'submitted', 'confirmed',
	'on'), 'status submitted -> confirmed is not allowed',
	'nor confirm what it has submitted');
select is(pg_temp.status_by('gigstream_api', 'pending', 'cancelled', 'off'),
	'allowed', 'it cancels what it intended');
select is(pg_temp.status_by('gigstream_daemon', 'submitted', 'confirmed',
	'off'), 'allowed', 'the daemon confirms');
select matches(pg_temp.status_by('gigstream_daemon', 'confirmed', 'submitted',
	'off'), 'status confirmed -> submitted is not allowed',
	'and takes nothing back without saying why');
select is(pg_temp.status_by('gigstream_daemon', 'confirmed', 'submitted',
	'on'), 'allowed', 'as it does in a reorg');

select * from finish();
rollback;
