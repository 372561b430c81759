-- What is blocked, by whose word, and for how many.
begin;
select plan(13);
\ir lib/people.sql

insert into chain.chains (chain_id, genesis_hash, start_block, start_hash)
values (1, sha256('genesis'), 0, sha256('genesis')),
	(2, sha256('other'), 0, sha256('other'));

create sequence pg_temp.blocks;
-- An event of a contract about an account, or (0) about itself.
create function pg_temp.event(kind integer, contract integer,
	account integer default 0, chain bigint default 1) returns void
language sql as $$
	insert into chain.events (chain_id, block_number, block_hash,
		block_time, tx_index, log_index, tx_hash, contract, kind,
		subject, topics, data, detail)
	select chain, b, sha256(b::text::bytea), b, 0, 0, sha256('tx'),
		chain.unhex(pg_temp.wallet(contract)), kind, account, '', '',
		jsonb_build_object('account', pg_temp.wallet(account))
	from nextval('pg_temp.blocks') b
$$;
create function pg_temp.stream(contract integer, worker integer, id integer,
	chain bigint default 1) returns void
language sql as $$
	insert into public.streams (worker_wallet, platform_wallet, chain_id,
		contract_address, contract_stream_id, total_amount_usdc,
		start_time)
	values (pg_temp.wallet(worker), pg_temp.wallet(9), chain,
		pg_temp.wallet(contract), id, 10, now())
$$;
create function pg_temp.pay(worker integer, chain bigint default 1)
returns void
language sql as $$
	insert into public.transactions (type, amount_usdc, from_wallet,
		to_wallet, chain_id)
	values ('payout', 1, pg_temp.wallet(9), pg_temp.wallet(worker), chain)
$$;
create view pg_temp.reasons as
select 's' || contract_stream_id as what, coalesce(blocked_reason, '-') as why
from public.streams
union all
select 't' || right(to_wallet, 1) || chain_id, coalesce(blocked_reason, '-')
from public.transactions;
create function pg_temp.marked() returns text
language sql as $$
	select chain.mark_blocked(1, true, '{}');
	select string_agg(what || ' ' || why, ', ' order by what)
	from pg_temp.reasons where why <> '-'
$$;
select format('%s is blacklisted by the token', pg_temp.wallet(n)) as listed
from (values (1)) x (n) \gset

select pg_temp.stream(5, 1, 1), pg_temp.stream(6, 2, 2),
	pg_temp.stream(5, 1, 3, 2), pg_temp.pay(1), pg_temp.pay(1, 2),
	pg_temp.pay(2) \g /dev/null
select is(chain.mark_blocked(1, false, '{}'), 0::bigint, 'nothing is, at first');
select is(pg_temp.marked(), null, 'nor anywhere');
select pg_temp.event(62, 7, 1) \g /dev/null
select is(pg_temp.marked(), format('s1 %1$s, t11 %1$s', :'listed'),
	'a blacklisted account, on its chain');
select pg_temp.pay(1) \g /dev/null
select is((select count(*) from pg_temp.reasons where why = :'listed'),
	3::bigint, 'also what is intended now');
insert into public.transactions (type, status, amount_usdc, from_wallet,
	to_wallet, chain_id, tx_hash)
values ('payout', 'submitted', 1, pg_temp.wallet(9), pg_temp.wallet(1), 1,
	'0x' || repeat('a', 64)) returning id as sent \gset
select is((select blocked_reason from public.transactions where id = :'sent'),
	:'listed', 'or was sent already');
delete from public.transactions where id = :'sent';
select pg_temp.event(80, 6) \g /dev/null
select is(pg_temp.marked(), format('s1 %1$s, s2 the contract is paused, '
	't11 %1$s, t11 %1$s', :'listed'), 'a paused contract, and no other');
select pg_temp.event(64, 7) \g /dev/null
select is(regexp_replace(pg_temp.marked(), '(\w+) the token is paused', '\1',
	'g'), 's1, s2, t11, t11, t21',
	'a paused token goes before all');
select pg_temp.event(65, 7), pg_temp.event(81, 6), pg_temp.event(63, 7, 1)
	\g /dev/null
select is(pg_temp.marked(), null, 'and all of it is taken back');
select pg_temp.event(62, 7, 5) \g /dev/null
select is(pg_temp.marked(),
	format('s1 %s is blacklisted by the token', pg_temp.wallet(5)),
	'a contract may be blacklisted, too');
update public.streams set status = 'completed' where contract_stream_id = 1;
select is(chain.mark_blocked(1, false, array(select id from public.streams
	where contract_stream_id = 1)), 1::bigint,
	'a stream that has ended owes nothing');
select is((select count(*) from pg_temp.reasons where why <> '-'), 0::bigint,
	'and is not blocked');

-- As many accounts as a token has blacklisted, and streams of ours.
select count(pg_temp.event(62, 7, n)) from generate_series(1000, 3999) n
	\g /dev/null
select count(pg_temp.stream(6, n, n)) from generate_series(3000, 8999) n
	\g /dev/null
set local statement_timeout = '5s';
select lives_ok('select chain.mark_blocked(1, true, ''{}'')',
	'thousands of each are marked in no time');
select is((select count(*) from public.streams
	where blocked_reason like '% is blacklisted by the token'),
	1000::bigint, 'each that is blacklisted');

select * from finish();
rollback;
