-- Reputation events move scores; they are history that nobody rewrites.
begin;
select plan(26);
\ir lib/people.sql

select pg_temp.worker(1) as ann, pg_temp.worker(2) as bob \gset

create function pg_temp.event(worker uuid, delta integer) returns text
language sql as $$
	insert into public.reputation_events (worker_id, event_type,
		points_delta)
	values (worker, 'task_completed', delta)
	returning format('%s -> %s', previous_score, new_score)
$$;
create function pg_temp.score(worker uuid) returns integer
language sql as $$
	select reputation_score from public.workers where id = worker
$$;

select is(pg_temp.score(:'ann'), 100, 'a worker begins at 100');
select is(pg_temp.event(:'ann', 5), '100 -> 105', 'an event knows both scores');
select is(pg_temp.score(:'ann'), 105, 'and moves the worker''s');
select is(pg_temp.event(:'ann', -500), '105 -> 0', 'a score never falls below 0');
select is(pg_temp.event(:'ann', 1000), '0 -> 1000', 'nor');
select is(pg_temp.event(:'ann', 7), '1000 -> 1000', 'rises above 1000');
select is(pg_temp.score(:'bob'), 100, 'nobody else is touched');
update public.workers set reputation_score = 750 where id = :'ann';
select is(pg_temp.event(:'ann', 1), '750 -> 751', 'a score set by hand counts');

select results_eq(format($$
	with added as (
		insert into public.reputation_events (worker_id, event_type,
			points_delta)
		values (%1$L, 'task_late', -1), (%2$L, 'task_completed', 2),
			(%1$L, 'task_late', -1), (%2$L, 'task_completed', 3),
			(%1$L, 'task_completed', 9)
		returning worker_id, previous_score, new_score
	)
	select previous_score, new_score from added
	where worker_id = %1$L$$, :'ann', :'bob'),
	'values (751, 750), (750, 749), (749, 758)',
	'several in one statement follow each other');
select is(pg_temp.score(:'ann'), 758, 'and end where the last one says');
select is(pg_temp.score(:'bob'), 105, 'for each worker');
select is_empty('select * from stats.running_scores',
	'nothing is left of the statement');

-- What the chain says.
create function pg_temp.fact(wallet text, log integer, score integer)
returns text
language sql as $$
	insert into public.reputation_events (worker_wallet, event_type,
		points_delta, new_score, chain_id, block_hash, log_index)
	values (wallet, 'task_completed', 10, score, 1,
		'0x' || repeat('a', 64), log)
	on conflict do nothing
	returning format('%s -> %s', previous_score, new_score)
$$;
select is(pg_temp.fact(pg_temp.wallet(2), 0, 400), '105 -> 400',
	'the chain''s score wins over the sum');
select is(pg_temp.score(:'bob'), 400, 'also in the register');
select is((select worker_id from public.reputation_events
	where log_index = 0), :'bob', 'its worker is found by the wallet');
select is(pg_temp.fact(pg_temp.wallet(2), 0, 777), null,
	'the same fact again is none');
select is(pg_temp.score(:'bob'), 400, 'and moves nothing');
select is_empty('select * from stats.running_scores', 'nor leaves a trace');
select is(pg_temp.fact(pg_temp.wallet(99), 1, 400), ' -> 400',
	'an unregistered wallet has history without a worker');

-- Append-only, for the owner, too.
select throws_ok('update public.reputation_events set points_delta = 1',
	'23001', 'reputation_events is append-only: UPDATE is refused',
	'no event is changed');
select throws_ok('delete from public.reputation_events', '23001',
	'reputation_events is append-only: DELETE is refused',
	'none is deleted');
select throws_ok('truncate public.reputation_events', '23001',
	'reputation_events is append-only: TRUNCATE is refused',
	'nor all of them');
select throws_matching(format('delete from public.workers where id = %L',
	:'ann'), 'has reputation events and can only be soft-deleted',
	'whoever has history stays');
select lives_ok(format('update public.workers set deleted_at = now()
	where id = %L', :'ann'), 'and can be soft-deleted');
insert into public.audit_logs (actor_type, action, resource_type)
values ('system', 'test', 'test');
select throws_ok('update public.audit_logs set action = ''other''', '23001',
	'audit_logs is append-only: UPDATE is refused',
	'the audit is append-only as well');
select throws_ok('delete from public.audit_logs', '23001',
	'audit_logs is append-only: DELETE is refused', 'in every way');

select * from finish();
rollback;
