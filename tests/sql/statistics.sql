-- The statistics of workers and platforms under every kind of change.
begin;
select plan(40);
\ir lib/people.sql
\ir lib/statistics.sql

select pg_temp.worker(1) as ann, pg_temp.worker(2) as bob,
	pg_temp.platform(1) as acme, pg_temp.platform(2) as bolt \gset

create function pg_temp.worker_says(tasks integer, earned numeric, rate numeric,
	why text) returns text
language sql as $$
	select is((total_tasks, total_earned, completion_rate)::text,
		(tasks, earned::numeric(78,6), rate::numeric(5,2))::text, why)
	from public.workers where wallet_address = pg_temp.wallet(1)
$$;
create function pg_temp.platform_says(payouts numeric, tasks integer,
	workers integer, why text) returns text
language sql as $$
	select is((total_payouts, total_tasks, unique_workers)::text,
		(payouts::numeric(78,6), tasks, workers)::text, why)
	from public.platforms where name = 'Platform 1'
$$;
create function pg_temp.all_right(why text) returns text
language sql as $$
	select is_empty('select * from pg_temp.wrong_statistics()', why)
$$;

select pg_temp.worker_says(0, 0, 0, 'a worker begins with nothing');
select pg_temp.platform_says(0, 0, 0, 'so does a platform');

select pg_temp.task(:'ann', :'acme', 'in_progress', 12.5) as first,
	pg_temp.task(:'ann', :'acme', 'created', 7.25) as second,
	pg_temp.task(null, :'acme', 'created', 100) as third \gset
select pg_temp.worker_says(0, 0, 0, 'open tasks are not completed');
select pg_temp.platform_says(0, 3, 1, 'a task without a worker is a task');

update public.tasks set status = 'completed' where id = :'first';
select pg_temp.worker_says(1, 12.5, 50, 'one of two is completed');
update public.tasks set status = 'completed' where id = :'first';
select pg_temp.worker_says(1, 12.5, 50, 'to complete again changes nothing');
update public.tasks set payment_amount_usdc = 13 where id = :'first';
select pg_temp.worker_says(1, 13, 50, 'the payment of a completed task changes');
update public.tasks set status = 'in_progress' where id = :'first';
select pg_temp.worker_says(0, 0, 0, 'un-completion takes it back');
select is((select completed_at from public.tasks where id = :'first'), null,
	'and the time of completion');
update public.tasks set status = 'completed' where id = :'first';
update public.tasks set deleted_at = now() where id = :'first';
select pg_temp.worker_says(0, 0, 0, 'a soft-deleted task counts nowhere');
select pg_temp.platform_says(0, 2, 1, 'nor for its platform');
update public.tasks set deleted_at = null where id = :'first';
select pg_temp.worker_says(1, 13, 50, 'restored, it counts');
update public.tasks set worker_id = :'bob' where id = :'first';
select pg_temp.worker_says(0, 0, 0, 'a task goes to another worker');
select pg_temp.platform_says(0, 3, 2, 'who counts as one more');
select is((select total_earned from public.workers where id = :'bob'), 13.0,
	'and has earned it');
update public.tasks set platform_id = :'bolt' where id = :'first';
select pg_temp.platform_says(0, 2, 1, 'a task goes to another platform');
select is((select (total_tasks, unique_workers)::text from public.platforms
	where id = :'bolt'), '(1,1)', 'which has it now');
select pg_temp.all_right('after all of this every total is right');
update public.tasks set title = 'Another title' where id = :'first';
select is((select (total_tasks, total_earned)::text from public.workers
	where id = :'bob'), '(1,13.000000)', 'a title is no statistic');

select pg_temp.payout(:'ann', :'acme', 5, 'pending') as paid \gset
select pg_temp.platform_says(0, 2, 1, 'an intended payout is none yet');
update public.transactions set status = 'submitted' where id = :'paid';
update public.transactions set status = 'confirmed' where id = :'paid';
select pg_temp.platform_says(5, 2, 1, 'a confirmed payout counts its USDC');
select pg_temp.payout(:'ann', :'acme', 2.5, 'confirmed') as other \gset
select pg_temp.platform_says(7.5, 2, 1, 'one confirmed at once, too');
set local gigstream.chain_evidence = 'on';
update public.transactions set status = 'submitted' where id = :'other';
select pg_temp.platform_says(5, 2, 1, 'a reorg takes it back');
delete from public.transactions where id = :'other';
select pg_temp.all_right('a deleted payout is gone');
update public.transactions set worker_id = :'bob', platform_id = :'bolt'
where id = :'paid';
select pg_temp.all_right('a payout moves to others');
insert into public.transactions (platform_id, type, status, amount_usdc,
	from_wallet, to_wallet, chain_id, tx_hash, ordinal)
select :'acme', 'payout', 'confirmed', (2::numeric ^ 256 - 1) * 0.000001,
	pg_temp.wallet(1), pg_temp.wallet(2), 1, '0x' || repeat('f', 64), n
from generate_series(1, 20) n;
select pg_temp.platform_says(1e72 - 0.000001, 2, 1,
	'a hostile token''s sums do not stop anybody');
delete from public.transactions where amount_usdc > 1e60;
select pg_temp.platform_says(0, 2, 1, 'and leave no trace');

delete from public.tasks where id = :'second';
select pg_temp.platform_says(0, 1, 0, 'a deleted task, and its only worker');
select pg_temp.task(:'ann', :'acme', 'completed', 1),
	pg_temp.task(:'ann', :'bolt', 'assigned', 1) \g /dev/null
delete from public.workers where id = :'ann';
select pg_temp.all_right('a deleted worker leaves its tasks behind');
select pg_temp.platform_says(0, 2, 0, 'but is no worker of its platforms');
delete from public.platforms where id = :'acme';
select is((select count(*) from public.tasks where platform_id = :'acme'),
	0::bigint, 'a deleted platform takes its tasks');
select pg_temp.all_right('and what they added');

-- A statement at a time, of every kind, for a while.
create function pg_temp.live(steps integer) returns void
language plpgsql as $$
declare
	people uuid[] := array(select pg_temp.worker(n)
		from generate_series(10, 19) n);
	platforms uuid[] := array(select pg_temp.platform(n)
		from generate_series(10, 13) n);
	statuses public.task_status[] :=
		enum_range(null::public.task_status);
	types public.task_type[] := enum_range(null::public.task_type);
begin
	for step in 1..steps loop
		case floor(random() * 10)
		when 0, 1 then
			insert into public.tasks (worker_id, platform_id, title,
				type, payment_amount_usdc, status, due_date,
				worker_rating)
			select nullif(people[ceil(random() * 10)], people[1]),
				platforms[ceil(random() * 4)], 'T',
				types[ceil(random() * 3)],
				ceil(random() * 1000) * 0.01,
				statuses[ceil(random() * 6)],
				now() + (random() - 0.5) * interval '1 day',
				nullif(floor(random() * 6)::integer, 0)
			from generate_series(1, ceil(random() * 8)::integer);
		when 2 then
			update public.tasks
			set status = 'completed'
			where random() < 0.3 and status <> 'cancelled';
		when 3 then
			update public.tasks
			set status = (array['in_progress', 'disputed'])[
				ceil(random() * 2)]::public.task_status
			where random() < 0.3 and status = 'completed';
		when 4 then
			update public.tasks
			set deleted_at = case when random() < 0.5 then now() end,
				worker_id = people[ceil(random() * 10)],
				platform_id = platforms[ceil(random() * 4)],
				payment_amount_usdc = payment_amount_usdc + 1,
				type = types[ceil(random() * 3)]
			where random() < 0.2;
		when 5 then
			delete from public.tasks where random() < 0.1;
		when 6 then
			insert into public.transactions (worker_id, platform_id,
				type, status, amount_usdc, from_wallet,
				to_wallet, chain_id, tx_hash)
			select people[ceil(random() * 10)],
				platforms[ceil(random() * 4)],
				(enum_range(null::public.transaction_type))[
					ceil(random() * 5)],
				(enum_range(null::public.transaction_status))[
					ceil(random() * 5)],
				ceil(random() * 1000) * 0.01, pg_temp.wallet(1),
				pg_temp.wallet(2), 1, '0x' || lpad(to_hex(
					nextval('pg_temp.hashes')), 64, 'e')
			from generate_series(1, ceil(random() * 8)::integer);
		when 7 then
			insert into public.streams (worker_id, platform_id,
				worker_wallet, platform_wallet, chain_id,
				contract_address, contract_stream_id,
				total_amount_usdc, start_time)
			values (nullif(people[ceil(random() * 10)], people[1]),
				platforms[ceil(random() * 4)], pg_temp.wallet(1),
				pg_temp.wallet(2), 1, pg_temp.wallet(3), step,
				100, now());
		when 8 then
			update public.streams
			set status = (enum_range(null::public.stream_status))[
				ceil(random() * 4)],
				worker_id = people[ceil(random() * 10)],
				released_amount_usdc = 60 + step % 7,
				claimed_amount_usdc = step % 50,
				refunded_amount_usdc = step % 11
			where random() < 0.5;
			delete from public.streams where random() < 0.02;
			insert into public.loans (worker_id,
				requested_amount_usdc, remaining_balance_usdc)
			values (people[ceil(random() * 10)], 10, 9);
			update public.loans
			set status = (enum_range(null::public.loan_status))[
				ceil(random() * 8)],
				remaining_balance_usdc = step % 10
			where random() < 0.3;
			delete from public.loans where random() < 0.1;
		else
			update public.transactions
			set status = case status when 'pending'
				then 'submitted' when 'submitted'
				then 'confirmed' else 'submitted'
				end::public.transaction_status,
				worker_id = people[ceil(random() * 10)]
			where random() < 0.3 and status <> 'cancelled';
		end case;
	end loop;
end
$$;
select setseed(0.5), pg_temp.live(700) \g /dev/null
select cmp_ok((select least(count(*), (select count(*) from public.streams))
	from public.tasks), '>', 10::bigint,
	'a random life leaves tasks and streams');
select pg_temp.all_right('whose statistics are right');
delete from public.workers where wallet_address = pg_temp.wallet(12);
delete from public.platforms where name = 'Platform 11';
select pg_temp.all_right('also when people go');

-- stats.recount() comes to the same, whatever was there.
create temporary table before on commit drop as
	select id, total_tasks, total_earned, completion_rate
	from public.workers;
update public.workers set total_tasks = 7, total_earned = 7;
update public.platforms set unique_workers = 7, total_payouts = 7;
delete from stats.workers;
select stats.recount() \g /dev/null
select pg_temp.all_right('recount counts everything anew');
select results_eq('select id, total_tasks, total_earned, completion_rate
	from public.workers order by id',
	'select * from before order by id', 'as the triggers had');
select isnt_empty('select from public.workers where total_tasks > 0',
	'which is not nothing');
truncate public.transactions;
select pg_temp.all_right('after a truncate no payout counts');
select is((select sum(total_payouts) from public.platforms), 0.0,
	'nothing at all');

select * from finish();
rollback;
