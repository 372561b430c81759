-- The five views: what they say, and that they stay cheap.
begin;
select plan(41);
\ir lib/people.sql

select views_are('public', array['worker_earnings_view',
	'platform_performance_view', 'task_completion_stats_view',
	'reputation_history_view', 'loan_repayment_status_view']);

select pg_temp.worker(1) as ann, pg_temp.worker(2) as bob,
	pg_temp.platform(1) as acme, pg_temp.platform(2) as bolt \gset
select pg_temp.task(:'ann', :'acme', 'completed', 10) as first,
	pg_temp.task(:'ann', :'acme', 'completed', 20) as second,
	pg_temp.task(:'ann', :'acme', 'in_progress', 40) as third,
	pg_temp.task(:'bob', :'acme', 'cancelled', 80) as fourth,
	pg_temp.task(null, :'acme', 'created', 5) as fifth \gset
-- created_at is the database's: the tasks take their hours afterwards.
update public.tasks set completed_at = created_at + interval '2 hours',
	due_date = created_at + interval '3 hours', worker_rating = 5
where id = :'first';
update public.tasks set completed_at = created_at + interval '4 hours',
	due_date = created_at + interval '3 hours', worker_rating = 4
where id = :'second';
select pg_temp.payout(:'ann', :'acme', 10, 'confirmed'),
	pg_temp.payout(:'ann', :'acme', 3, 'submitted') \g /dev/null
insert into public.streams (worker_id, platform_id, worker_wallet,
	platform_wallet, chain_id, contract_address, contract_stream_id,
	total_amount_usdc, released_amount_usdc, claimed_amount_usdc,
	start_time)
values (:'ann', :'acme', pg_temp.wallet(1), pg_temp.wallet(2), 1,
	pg_temp.wallet(3), 1, 100, 40, 15, now());
insert into public.loans (worker_id, requested_amount_usdc,
	approved_amount_usdc, total_owed_usdc, remaining_balance_usdc, status,
	disbursed_at, due_date, tasks_repaid)
values (:'ann', 50, 50, 52.5, 31.5, 'repaying', now() - interval '9 days',
	now() - interval '2 days', 2),
	(:'ann', 20, 20, 21, 0, 'repaid', now(), now(), 5),
	(:'bob', 30, 30, 31, 31, 'defaulted', now(), now(), 0);
insert into public.reputation_events (worker_id, task_id, event_type,
	points_delta, description)
values (:'ann', :'first', 'task_completed', 10, 'On time'),
	(:'ann', :'second', 'task_late', -4, 'Late');
insert into public.reputation_events (worker_wallet, event_type, points_delta)
values (pg_temp.wallet(77), 'task_completed', 3);
select pg_temp.worker(77) as late \gset

-- Worker earnings: earnings, task counts, loan information.
create temporary table ann on commit drop as
	select * from public.worker_earnings_view where worker_id = :'ann';
select is((display_name, wallet_address, status, reputation_score)::text,
	format('("Worker 1",%s,active,106)', pg_temp.wallet(1)), 'who')
from ann;
select is((tasks_given, tasks_open, tasks_completed, tasks_disputed,
	tasks_cancelled, completion_rate)::text, '(3,1,2,0,0,66.67)', 'tasks')
from ann;
select is((total_earned, average_task_usdc)::text, '(30.000000,15.000000)',
	'earnings') from ann;
select is((payouts, paid_usdc, payouts_in_flight, in_flight_usdc)::text,
	'(1,10.000000,1,3.000000)', 'payouts') from ann;
select is((active_streams, streamed_usdc, claimed_usdc, claimable_usdc)::text,
	'(1,40.000000,15.000000,25.000000)', 'streams') from ann;
select is((loans, active_loans, repaid_loans, defaulted_loans, borrowed_usdc,
	outstanding_usdc)::text, '(2,1,1,0,70.000000,31.500000)', 'loans')
from ann;
select is((tasks_given, tasks_cancelled, completion_rate, defaulted_loans)
	::text, '(1,1,0.00,1)', 'another worker')
from public.worker_earnings_view where worker_id = :'bob';
select is((tasks_given, payouts, active_streams, loans)::text, '(0,0,0,0)',
	'one who has nothing yet')
from public.worker_earnings_view where worker_id = :'late';

-- Platform performance: activity, payments, engagement.
create temporary table acme on commit drop as
	select * from public.platform_performance_view
	where platform_id = :'acme';
select is((total_tasks, tasks_open, tasks_completed, tasks_cancelled,
	completion_rate)::text, '(5,2,2,1,40.00)', 'activity') from acme;
select is((unique_workers, busy_workers, tasks_per_worker)::text,
	'(2,1,2.50)', 'engagement') from acme;
select is((average_completion_time, average_worker_rating,
	average_platform_rating)::text, '(03:00:00,4.50,)', 'quality')
from acme;
select is((total_payouts, payouts, average_payout_usdc, payouts_in_flight,
	in_flight_usdc)::text, '(10.000000,1,10.000000,1,3.000000)',
	'payments') from acme;
select is((completed_tasks_usdc, open_tasks_usdc)::text,
	'(30.000000,45.000000)', 'what is owed and what is to come') from acme;
select is((active_streams, streamed_usdc, escrowed_usdc)::text,
	'(1,40.000000,85.000000)', 'streams') from acme;
select is((total_tasks, unique_workers, total_payouts, average_payout_usdc)
	::text, '(0,0,0.000000,)', 'a platform that has not begun')
from public.platform_performance_view where platform_id = :'bolt';

-- Task completion: times and success rates.
select is((type, tasks, tasks_unassigned, tasks_open, tasks_completed,
	tasks_disputed, tasks_cancelled)::text, '(fixed,5,1,2,2,0,1)', 'counts')
from public.task_completion_stats_view where platform_id = :'acme';
select is((completion_rate, success_rate)::text, '(40.00,66.67)',
	'success is of those that have ended')
from public.task_completion_stats_view where platform_id = :'acme';
select is((average_completion_time, completed_on_time, completed_late,
	on_time_rate)::text, '(03:00:00,1,1,50.00)', 'times')
from public.task_completion_stats_view where platform_id = :'acme';
select is((average_payment_usdc, completed_usdc)::text,
	'(15.000000,30.000000)', 'money')
from public.task_completion_stats_view where platform_id = :'acme';

-- Reputation: score changes over time per worker.
select results_eq(format($$select event_type::text, previous_score, new_score,
	score_change, current_score, description
	from public.reputation_history_view where worker_id = %L
	order by new_score desc$$, :'ann'),
	$$values ('task_completed', 100, 110, 10, 106, 'On time'),
	('task_late', 110, 106, -4, 106, 'Late')$$, 'the history of a score');
select is((worker_id, event_type, points_delta)::text, '(,task_completed,3)',
	'history that came before its worker')
from public.reputation_history_view where worker_wallet = pg_temp.wallet(77);

-- Loans: repayment progress and defaults.
select is((status, repaid_usdc, repaid_percent, tasks_remaining,
	next_instalment_usdc, is_overdue, days_overdue, is_defaulted)::text,
	'(repaying,21.000000,40.00,3,10.500000,t,2,f)', 'a loan under way')
from public.loan_repayment_status_view
where worker_id = :'ann' and status = 'repaying';
select is((repaid_percent, is_overdue, next_instalment_usdc)::text,
	'(100.00,f,)', 'a loan repaid')
from public.loan_repayment_status_view where status = 'repaid';
select is((display_name, is_defaulted, repaid_usdc)::text,
	'("Worker 2",t,0.000000)', 'a default')
from public.loan_repayment_status_view where status = 'defaulted';

-- Deleted people are not shown.
update public.workers set deleted_at = now() where id = :'bob';
select is_empty(format('select from public.worker_earnings_view
	where worker_id = %L', :'bob'), 'a deleted worker is not shown');
update public.platforms set deleted_at = now() where id = :'bolt';
select is_empty(format('select from public.platform_performance_view
	where platform_id = %L', :'bolt'), 'nor is a deleted platform');

-- In bulk: the totals are those of the rows.
\set workers 500
\set platforms 20
\set tasks 10000
\set transactions 20000
\set streams 2000
\set loans 1000
\set events 5000
\ir lib/generate.sql
select is((select sum(tasks_completed) from public.worker_earnings_view),
	(select count(*) from public.tasks t join public.workers w
	on w.id = t.worker_id where t.status = 'completed'
	and w.deleted_at is null)::numeric, 'workers'' tasks add up');
select is((select sum(paid_usdc) from public.worker_earnings_view),
	(select sum(amount_usdc) from public.transactions
	where type = 'payout' and status = 'confirmed'),
	'workers'' payouts add up');
select is((select sum(total_payouts) from public.platform_performance_view),
	(select sum(amount_usdc) from public.transactions
	where type = 'payout' and status = 'confirmed'),
	'platforms'' payouts add up');
select is((select sum(tasks) from public.task_completion_stats_view),
	(select count(*) from public.tasks)::numeric, 'the tasks add up');
select is((select count(*) from public.loan_repayment_status_view),
	1003::bigint, 'every loan is shown');

-- The plans: no view reads all of the large tables; a question about one
-- worker or platform touches a few pages. A plan that regresses fails here.
analyze;
create function pg_temp.plan_of(question text) returns jsonb
language plpgsql as $$
declare
	answer jsonb;
begin
	execute 'explain (analyze, buffers, timing off, verbose, format json) '
		|| question into answer;
	return answer -> 0 -> 'Plan';
end
$$;
create function pg_temp.tables_of(question text) returns text
language sql as $$
	select string_agg(distinct format('%s.%s', n ->> 'Schema',
		n ->> 'Relation Name'), ' ')
	from jsonb_path_query(pg_temp.plan_of(question),
		'strict $.** ? (exists (@."Relation Name"))') n
$$;
create function pg_temp.pages_of(question text) returns bigint
language sql as $$
	select (p ->> 'Shared Hit Blocks')::bigint
		+ (p ->> 'Shared Read Blocks')::bigint
	from pg_temp.plan_of(question) p
$$;
select is(pg_temp.tables_of('select * from public.worker_earnings_view'),
	'public.workers stats.workers',
	'worker earnings read no transaction and no task');
select is(pg_temp.tables_of('select * from public.platform_performance_view'),
	'public.platforms stats.platform_workers stats.platforms stats.tasks', 'platform performance neither');
select is(pg_temp.tables_of('select * from public.task_completion_stats_view'),
	'public.platforms stats.tasks', 'task completion neither');
select is(pg_temp.tables_of('select * from public.loan_repayment_status_view'),
	'public.loans public.workers', 'loan repayment neither');
select cmp_ok(pg_temp.pages_of('select * from public.worker_earnings_view
	where worker_id = ''' || :'ann' || ''''), '<', 60::bigint,
	'one worker''s earnings');
select cmp_ok(pg_temp.pages_of('select * from public.platform_performance_view
	where platform_id = ''' || :'acme' || ''''), '<', 100::bigint,
	'one platform''s performance');
select cmp_ok(pg_temp.pages_of('select * from public.reputation_history_view
	where worker_id = ''' || :'ann' || ''' order by created_at'),
	'<', 60::bigint, 'one worker''s history');
select cmp_ok(pg_temp.pages_of('select * from public.reputation_history_view
	order by created_at desc limit 50'), '<', 250::bigint,
	'the newest events of all');
select cmp_ok(pg_temp.pages_of('select * from public.loan_repayment_status_view
	where worker_id = ''' || :'ann' || ''''), '<', 60::bigint,
	'one worker''s loans');

select * from finish();
rollback;
