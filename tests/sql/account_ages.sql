-- Account ages: once a day (UTC), whoever asks.
begin;
select plan(9);
\ir lib/people.sql

select pg_temp.worker(n) from generate_series(1, 3) n \g /dev/null
-- created_at is the database's own.
alter table public.workers disable trigger touch;
update public.workers set created_at = now() - interval '40 days'
where wallet_address = pg_temp.wallet(1);
update public.workers set created_at = date_trunc('day', now(), 'UTC')
	- interval '1 second'
where wallet_address = pg_temp.wallet(2);
alter table public.workers enable trigger touch;
update public.workers set updated_at = now();
create temporary table before on commit drop as
	select id, updated_at from public.workers;

select is(public.gigstream_update_account_ages(), 2::bigint,
	'those who have aged are counted');
select results_eq('select account_age_days from public.workers
	order by wallet_address', array[40, 1, 0], 'in days, by UTC dates');
select results_eq('select id, updated_at from public.workers order by id',
	'select * from before order by id', 'which is no update of the worker');
select is(public.gigstream_update_account_ages(), null,
	'a second time on the same day does nothing');
update public.workers set account_age_days = 0;
select is(public.gigstream_update_account_ages(), null,
	'whatever the rows say');
update stats.days set day = day - 1;
select is(public.gigstream_update_account_ages(), 2::bigint,
	'on the next day it is due again');
select is((select day from stats.days where task = 'account_ages'),
	(now() at time zone 'UTC')::date, 'and remembered');
update stats.days set day = day + 1;
select is(public.gigstream_update_account_ages(), null,
	'a clock that goes back is no new day');
set local timezone = 'Pacific/Kiritimati';
update stats.days set day = (now() at time zone 'UTC')::date;
select is(public.gigstream_update_account_ages(), null,
	'the session''s time zone does not matter');

select * from finish();
rollback;
