-- Payments that an application intends: what it may say of them, and when.
begin;
select plan(25);
\ir lib/people.sql

select pg_temp.worker(1) as ann, pg_temp.platform(1) as acme \gset
insert into chain.chains (chain_id, genesis_hash, start_block, start_hash,
	head_number)
values (1, '', 0, '', 40);

create function pg_temp.hash(n integer) returns text
language sql as $$ select '0x' || lpad(to_hex(n), 64, '0') $$;
-- As an application does it.
create function pg_temp.intend(chain bigint, tx integer default null)
returns uuid
language plpgsql as $$
declare
	id uuid;
begin
	set local role gigstream_api;
	insert into public.transactions (type, amount_usdc, from_wallet,
		to_wallet, chain_id, tx_hash)
	values ('payout', 5, pg_temp.wallet(1000001), pg_temp.wallet(1), chain,
		pg_temp.hash(tx))
	returning transactions.id into id;
	reset role;
	return id;
end
$$;
create function pg_temp.say(what text) returns text
language plpgsql as $$
begin
	set local role gigstream_api;
	execute 'update public.transactions set ' || what;
	reset role;
	return 'allowed';
exception when others then
	return sqlerrm;
end
$$;
-- As the daemon does it.
create function pg_temp.chain_says(what text) returns void
language plpgsql as $$
begin
	perform set_config('gigstream.chain_evidence', 'on', true);
	execute 'update public.transactions set ' || what;
	perform set_config('gigstream.chain_evidence', 'off', true);
end
$$;
create view pg_temp.known as
	select is_new, head, hash_given, sender from chain.intents;

select pg_temp.intend(1) as id \gset
select results_eq('select status::text, ordinal, tx_hash
	from public.transactions', $$values ('pending', null::integer, null::text)$$,
	'it waits, for whatever movement it is');
select results_eq('select * from pg_temp.known',
	$$values (true, 40::bigint, false, null::bytea)$$,
	'the head of that moment is remembered');
update chain.intents set is_new = false, sender = '\x01', nonce = 1;
update chain.chains set head_number = 50;
select is(pg_temp.say('metadata = ''{"a": 1}'''), 'allowed',
	'its metadata is the application''s');
select results_eq('select is_new from chain.intents', 'values (false)',
	'and news to nobody');
select is(pg_temp.say('tx_hash = pg_temp.hash(1)'), 'allowed',
	'a hash is attached');
select results_eq('select * from pg_temp.known',
	$$values (true, 40::bigint, true, null::bytea)$$,
	'which is news; the head stays that of its beginning');
select is(pg_temp.say('tx_hash = pg_temp.hash(2), status = ''submitted'''),
	'allowed', 'another one in its place');
select is(pg_temp.say('status = ''confirmed'''),
	'transaction ' || :'id' || ': status submitted -> confirmed is not allowed',
	'the chain confirms, nobody else');
select pg_temp.chain_says('status = ''failed'', error_message = ''dropped''');
select isnt_empty('select from chain.intents',
	'what has failed on the chain may still come');
select is(pg_temp.say('tx_hash = pg_temp.hash(3)'), 'allowed',
	'under another hash, too');
select pg_temp.chain_says('status = ''submitted'', ordinal = 0,
	block_number = 41, block_hash = pg_temp.hash(41), log_index = 0');
select matches(pg_temp.say('tx_hash = pg_temp.hash(4)'),
	'is submitted as 0x0+3: its hash stays',
	'what stands in a block keeps its hash');
select pg_temp.chain_says('block_number = null, block_hash = null,
	log_index = null');
select is(pg_temp.say('tx_hash = pg_temp.hash(5)'), 'allowed',
	'what a reorg took away may get another');
select is((select ordinal from public.transactions), null,
	'and is open again');
select matches(pg_temp.attempt('gigstream_api',
	'update public.transactions set ordinal = null'), 'permission denied',
	'and is not made anew');

delete from public.transactions;
select is_empty('select from chain.intents', 'a row that is gone is not asked after');

select pg_temp.intend(1, 7) as id \gset
select results_eq('select hash_given from chain.intents', 'values (true)',
	'the hash may come with it');
select lives_ok($$insert into public.transactions (type, status, amount_usdc,
	from_wallet, to_wallet, chain_id, tx_hash, ordinal)
	values ('payout', 'submitted', 5, pg_temp.wallet(1000001),
	pg_temp.wallet(1), 1, pg_temp.hash(7), 0)$$,
	'also where the chain has a row of it');
select is((select count(*)::integer from chain.intents), 1,
	'which nobody intended');
select matches(pg_temp.say(format('tx_hash = pg_temp.hash(9) where id <> %L',
	:'id')), 'its hash stays', 'and which is given no other hash');
select throws_matching(format('select chain.take_over(1, array[%L]::uuid[],
	array[%L]::uuid[])', :'id', :'id'), 'only an intended payment takes over',
	'an intent is taken over by nobody');
delete from public.transactions where ordinal = 0;
select is(pg_temp.say('status = ''cancelled'''), 'allowed', 'it is cancelled');
select is_empty('select from chain.intents', 'and not asked after');
select matches(pg_temp.say('tx_hash = pg_temp.hash(8)'), 'its hash stays',
	'nor given another hash');

truncate public.transactions;
select pg_temp.intend(2) as id \gset
select results_eq('select head from chain.intents', 'values (null::bigint)',
	'of a chain that nobody follows yet no head is known');
truncate public.transactions;
select is_empty('select from chain.intents', 'truncated, all are gone');

select * from finish();
rollback;
