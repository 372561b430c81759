-- Which triggers each table has; what they do is in the other scripts.
begin;
select plan(10);

create temporary table expected (name name, triggers name[]) on commit drop;
insert into expected values
	('workers', array['touch', 'keep_reputation', 'watch_wallet', 'audit']),
	('platforms', array['touch', 'watch_wallet', 'audit']),
	('tasks', array['touch', 'keep_reputation', 'status_change',
		'status_of_new', 'audit', 'worker_tasks_insert',
		'worker_tasks_update', 'worker_tasks_delete',
		'platform_workers_insert', 'platform_workers_update',
		'platform_workers_delete', 'platform_tasks_insert',
		'platform_tasks_update', 'platform_tasks_delete']),
	('streams', array['touch', 'status_change', 'worker_streams_insert',
		'worker_streams_update', 'worker_streams_delete',
		'platform_streams_insert', 'platform_streams_update',
		'platform_streams_delete']),
	('transactions', array['touch', 'status_change', 'audit', 'recount',
		'intend', 'intend_hash', 'keep_hash', 'give_up',
		'give_up_gone', 'give_up_all',
		'judge_intended', 'judge_placed',
		'worker_payouts_insert', 'worker_payouts_update',
		'worker_payouts_delete', 'platform_payouts_insert',
		'platform_payouts_update', 'platform_payouts_delete']),
	('reputation_events', array['append_only', 'score_event',
		'publish_scores', 'audit']),
	('loans', array['touch', 'status_change', 'keep_wallet', 'audit',
		'worker_loans_insert', 'worker_loans_update',
		'worker_loans_delete']),
	('audit_logs', array['append_only']);

select triggers_are('public', name, triggers) from expected;

select is((select count(*) from pg_trigger where tgenabled <> 'O'
	and tgrelid::regclass::text !~ '^pg_'), 0::bigint,
	'every trigger is enabled');
-- The bulk of a statement costs one call, not one a row.
select is_empty($$
	select tgrelid::regclass, tgname from pg_trigger
	where tgname ~ '_(insert|update|delete)$' and tgtype & 1 = 1$$,
	'statistics are counted once a statement');

select * from finish();
rollback;
