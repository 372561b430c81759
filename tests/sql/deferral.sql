-- Indexes that a backfill leaves out of an empty database: dropped once, built
-- one by one, and never where there is something already.
begin;
select plan(30);
\ir lib/people.sql

create function pg_temp.indexes() returns table (name text, definition text)
language sql as $$
	select c.relname::text, pg_get_indexdef(x.indexrelid)
	from pg_index x
	join pg_class c on c.oid = x.indexrelid
	where x.indrelid in ('public.transactions'::regclass,
		'chain.transfers'::regclass, 'chain.transitions'::regclass)
$$;
create temporary table before on commit drop as
select * from pg_temp.indexes();
create function pg_temp.missing() returns setof text
language sql as $$
	select name from before except select name from pg_temp.indexes()
	order by 1
$$;
grant select on before to public;

-- Who may.
select throws_ok(format('set local role %s; select chain.%s()', r, f), '42501',
	null, format('%s does not %s', r, f))
from unnest(array['gigstream_api', 'gigstream_readonly']) r,
	unnest(array['defer_indexes', 'restore_index', 'stores_something']) f;
select throws_ok('set local role gigstream_daemon; '
	'delete from chain.deferred_indexes', '42501', null,
	'the daemon forgets none by itself');
select throws_ok('set local role gigstream_daemon; '
	'insert into chain.deferred_indexes values '
	'(''x'', ''public.workers'', ''drop table public.workers'')', '42501',
	null, 'nor has anything built');

-- Where there is something, nothing happens.
select pg_temp.worker(1) as ann, pg_temp.platform(1) as acme \gset
savepoint empty;
select pg_temp.payout(:'ann', :'acme', 1, 'pending') \g /dev/null
set local role gigstream_daemon;
select chain.defer_indexes() as n \gset
reset role;
select is(:n, 0, 'a payment is there');
select is_empty('select pg_temp.missing()', 'so nothing is dropped');
rollback to empty;
insert into chain.transfers (chain_id, block_number, block_time, tx_index,
	log_index, block_hash, tx_hash, from_wallet, to_wallet, amount)
values (1, 1, 1, 0, 0, '\x01', '\x02', '\x03', '\x04', 1);
select is(chain.defer_indexes(), 0::bigint, 'a transfer is there');
select is_empty('select pg_temp.missing()', 'nor then');
rollback to empty;
insert into chain.transitions (chain_id, subject, row_id, reason)
values (1, 'transaction', gen_random_uuid(), 'test');
select is(chain.defer_indexes(), 0::bigint, 'a transition is there');
select is_empty('select pg_temp.missing()', 'nor then, either');
rollback to empty;

-- Where there is nothing.
select cmp_ok((select count(*) from before), '>', 15::bigint, 'of many');
set local role gigstream_daemon;
select chain.defer_indexes() as n \gset
reset role;
select is(:n, 8, 'eight are left out');
select set_eq('select pg_temp.missing()', array['idx_transactions_created',
	'idx_transactions_from', 'idx_transactions_status',
	'idx_transactions_to', 'idx_transactions_type',
	'idx_transactions_worker', 'transactions_platform', 'transitions_row'],
	'those that only readers use');
select is_empty($$select name from before
	where definition like '%UNIQUE%' and name in (
		select pg_temp.missing())$$, 'no unique one');
select results_eq('select name, definition from chain.deferred_indexes',
	'select name, definition from before where name in (
		select pg_temp.missing())', 'and remembered as they were');
select is(chain.defer_indexes(), 8::bigint, 'a second time nothing is new');

-- With rows meanwhile.
select pg_temp.payout(:'ann', :'acme', 1, 'pending') as payout \gset
select is(chain.defer_indexes(), 8::bigint, 'with rows, they are still out');
set local role gigstream_daemon;
select chain.restore_index() as n \gset
reset role;
select is(:n, 7, 'one is built');
select is((select count(*) from pg_temp.missing()), 7::bigint, 'just one');
select is(chain.defer_indexes(), 7::bigint, 'it is not dropped again');
select is((select count(*) from pg_temp.missing()), 7::bigint, 'really');

-- Somebody else was faster.
create index idx_transactions_from on public.transactions (from_wallet, id);
select is(chain.restore_index(), 6::bigint, 'what is there is not built');
select matches(definition, 'from_wallet, id', 'but stays as it is')
from pg_temp.indexes() where name = 'idx_transactions_from';
drop index public.idx_transactions_from;
create index idx_transactions_from on public.transactions (from_wallet);

select is(array(select chain.restore_index() from generate_series(1, 7)),
	array[5, 4, 3, 2, 1, 0, 0]::bigint[], 'then all of them, and no more');
select set_eq('select * from pg_temp.indexes()', 'select * from before',
	'all are as they were');
select is_empty('select * from chain.deferred_indexes', 'nothing is due');

select * from finish();
rollback;
