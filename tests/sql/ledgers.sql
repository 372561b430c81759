-- What the ledgers on a chain say of a worker, told in every order.
begin;
select plan(20);
\ir lib/people.sql

insert into chain.chains (chain_id, genesis_hash, start_block, start_hash)
values (1, sha256('genesis'), 0, sha256('genesis'));
select pg_temp.worker(1) as ann, pg_temp.worker(2) as bob \gset
update chain.watched set since = 0, linked = true;

-- A task in time, of worker n, recorded by a ledger in a block.
create function pg_temp.fact(ledger integer, n integer, block bigint,
	score numeric) returns void
language sql as $$
	insert into chain.events (chain_id, block_number, block_hash,
		block_time, tx_index, log_index, tx_hash, contract, kind,
		subject, topics, data, detail)
	values (1, block, sha256(block::text::bytea), 1000 + block / 2, 0,
		ledger, sha256((ledger || '.' || block)::bytea),
		sha256(ledger::text::bytea), 50, n, '', '',
		jsonb_build_object('worker', pg_temp.wallet(n), 'task', block,
			'on_time', true, 'rating', '0', 'new_score',
			trunc(score)::text))
$$;
create function pg_temp.publish(read_from bigint, read_to bigint, final bigint)
returns bigint
language sql as $$
	select chain.publish_reputation(1, read_from, read_to, final);
	update chain.chains set final_number = final;
	select count(*) from public.reputation_events
$$;
create function pg_temp.orphan(above bigint) returns void
language sql as $$
	update chain.events set orphaned = true where block_number > above;
	select chain.withdraw_reputation(1, above)
$$;
create function pg_temp.score(worker uuid) returns integer
language sql as $$
	select reputation_score from public.workers where id = worker
$$;

select pg_temp.fact(1, 1, 20, 109), pg_temp.fact(1, 1, 21, 112) \g /dev/null
select is(pg_temp.publish(20, 25, 20), 1::bigint, 'what is final is told');
select is(pg_temp.publish(null, null, 25), 2::bigint, 'once, as it becomes so');
select is(pg_temp.publish(15, 25, 25), 2::bigint, 'also where it is read again');
select is(pg_temp.score(:'ann'), 112, 'and moves the score');

-- What no score can be, in blocks that are read after the newer ones.
select pg_temp.fact(1, 1, 9, 103), pg_temp.fact(1, 1, 10, 1001),
	pg_temp.fact(1, 1, 11, 2::numeric ^ 255), pg_temp.fact(1, 1, 12, 106) \g /dev/null
insert into chain.quarantine (chain_id, block_number, block_time, tx_index,
	log_index, malformed, block_hash, tx_hash, contract, topics, data,
	reason)
select chain_id, block_number, block_time, tx_index, log_index, false,
	block_hash, tx_hash, contract, topics, data, 'a score above 1000'
from chain.events where block_number in (10, 11);
select lives_ok('select pg_temp.publish(0, 14, 25)',
	'a hostile number stops nothing');
select results_eq('select previous_score, new_score
	from public.reputation_events order by created_at, log_index',
	'values (100, 103), (103, 106), (100, 109), (109, 112)',
	'what was told late is history, beside what it followed');
select is(pg_temp.score(:'ann'), 112, 'and the score stays');

-- Two ledgers of one worker: the later word counts.
select pg_temp.fact(1, 2, 30, 103), pg_temp.fact(2, 2, 31, 203),
	pg_temp.fact(1, 2, 33, 106) \g /dev/null
select pg_temp.publish(null, null, 40) \g /dev/null
select is(pg_temp.score(:'bob'), 106, 'the last ledger''s word counts');
select pg_temp.orphan(32) \g /dev/null
select is(pg_temp.score(:'bob'), 203,
	'what is taken back leaves the word of whichever ledger stands');
select is(pg_temp.score(:'ann'), 112, 'and nobody else''s score moves');
select pg_temp.orphan(30) \g /dev/null
select is(pg_temp.score(:'bob'), 103, 'and further back');
select pg_temp.orphan(22) \g /dev/null
select is(pg_temp.score(:'bob'), 100, 'as far as where each begins');
select is((select count(*) from public.reputation_events
	where event_type = 'manual_adjustment' and worker_id = :'bob'),
	3::bigint, 'each by an event of its own');

-- The operator was wrong: the very blocks come back.
update chain.events set orphaned = false where block_number > 22;
select pg_temp.publish(23, 32, 32) \g /dev/null
select is(pg_temp.score(:'bob'), 106, 'what comes back counts again');
select pg_temp.publish(23, 32, 32) \g /dev/null
select is((select count(*) from public.reputation_events
	where event_type = 'manual_adjustment' and worker_id = :'bob'),
	4::bigint, 'once');
insert into public.reputation_events (worker_id, event_type, points_delta,
	created_at)
values (:'bob', 'manual_adjustment', 50, now() + interval '1 second');
select pg_temp.publish(23, 32, 32) \g /dev/null
select is(pg_temp.score(:'bob'), 156, 'and what is told after it stays');
select is(pg_temp.score(:'ann'), 112, 'also of others');

-- Registered, and not adopted yet: the newest event waits for those before it.
select pg_temp.worker(3) as cy \gset
select pg_temp.fact(1, 3, 50, 103), pg_temp.fact(1, 3, 60, 106) \g /dev/null
select pg_temp.publish(null, null, 60) \g /dev/null
select is((select count(*) from public.reputation_events
	where worker_id = :'cy'), 0::bigint, 'who is not adopted is told nothing');
update chain.watched set since = 0, linked = true;
select is(chain.publish_reputation_of(1, array[pg_temp.wallet(3)]), 0::bigint,
	'at the adoption all is, in order');
select is(pg_temp.score(:'cy'), 106, 'and nothing differs');

select * from finish();
rollback;
