-- Wallets by the million: they are adopted and their histories are read in
-- parts of bounded size, and what is asked every second does not count them one
-- by one.

-- `since` moves down to the start block once the blocks below it were read for
-- the wallet: then it is covered wherever the token is, and costs nothing more.
comment on column chain.watched.since is
	'From this block on it is covered wherever the token is; above the
	start block: its history is not complete.';
update chain.watched w
set since = c.start_block
from chain.chains c
where c.chain_id = w.chain_id and w.since > c.start_block
	and chain.covered(w.chain_id, w.wallet)
		@> int8range(c.start_block, w.since);

-- In their order, so that a part is the front of it.
drop index chain.watched_new;
create index watched_new on chain.watched (chain_id, wallet)
	where since is null or not linked;

-- How many have been adopted.
alter table chain.chains add column wallets bigint not null default 0;
update chain.chains c
set wallets = (select count(*) from chain.watched w
	where w.chain_id = c.chain_id and w.since is not null);
grant update (wallets) on chain.chains to gigstream_daemon;

-- Told every second, and so not counted then.
alter table chain.jobs add column n_wallets integer not null
	generated always as (cardinality(wallets)) stored;

-- What a reorg cuts is at the end: of all that wallets have, next to nothing.
create index coverage_end on chain.coverage (chain_id, upper(ranges));

-- Wallets registered since the last commit, `most` of them: they follow from the
-- block after the tip on, a history job owns start..tip, and streams and loans
-- that name them are linked at once. A contract (in contracts, or covered before
-- it was ever adopted) is no wallet. Costs next to nothing where there is no
-- newcomer.
drop function chain.adopt(bigint, bigint, bigint, bytea[]);
create function chain.adopt(chain bigint, tip bigint, start bigint,
	contracts bytea[], most integer) returns setof bytea
language plpgsql as $$
declare
	adopted bytea[];
	first_time bigint;
begin
	-- By their places, and each one's coverage by itself: so that it costs
	-- what it finds, whatever the planner believes of tables that have just
	-- grown. A row that moves meanwhile is the next commit's.
	with newcomers as (
		update chain.watched w
		set since = coalesce(w.since, tip + 1), linked = true,
			adopted_at = coalesce(w.adopted_at, now())
		where w.ctid = any (array(
			select n.ctid
			from chain.watched n
			where n.chain_id = chain
				and (n.since is null or not n.linked)
				and n.wallet <> all (contracts)
				and (n.since is not null or (
					select true from chain.coverage c
					where c.chain_id = n.chain_id
						and c.source = n.wallet
					limit 1) is null)
			order by n.wallet
			limit most))
		returning w.wallet, w.adopted_at
	)
	select array_agg(n.wallet order by n.wallet),
		count(*) filter (where n.adopted_at = now())
	into adopted, first_time
	from newcomers n;
	if adopted is null then
		return;
	end if;
	update chain.chains c set wallets = c.wallets + first_time
	where c.chain_id = chain;
	if start <= tip then
		insert into chain.jobs (chain_id, kind, wallets, from_block,
			to_block)
		values (chain, 'history', adopted, start, tip);
	end if;
	perform chain.link(chain, adopted);
	return query select unnest(adopted);
end
$$;

-- What was known before its worker or platform was registered: streams and loans,
-- what was paid to and from them, and reputation.
create function chain.link(chain bigint, wallets bytea[]) returns void
language plpgsql as $$
declare
	names text[] := array(select chain.hex(w) from unnest(wallets) w);
	linked uuid[];
begin
	perform chain.publish_reputation_of(chain, names);
	with changed as (
		update public.loans l set worker_id = w.id
		from unnest(names) n (wallet)
		join public.workers w on w.wallet_address = n.wallet
		where l.worker_wallet = n.wallet and l.chain_id = chain
			and l.worker_id is null
		returning l.id, l.worker_id
	)
	update public.transactions t set worker_id = c.worker_id
	from changed c
	where t.loan_id = c.id and t.worker_id is null;
	with unlinked as (
		select s.id
		from unnest(names) n (wallet)
		join public.streams s on s.worker_wallet = n.wallet
		where s.chain_id = chain and s.worker_id is null
		union
		select s.id
		from unnest(names) n (wallet)
		join public.streams s on s.platform_wallet = n.wallet
		where s.chain_id = chain and s.platform_id is null
	), changed as (
		update public.streams s
		set worker_id = coalesce(s.worker_id, (select w.id
				from public.workers w
				where w.wallet_address = s.worker_wallet)),
			platform_id = coalesce(s.platform_id, (select p.id
				from public.platforms p
				where p.wallet_address = s.platform_wallet))
		from unlinked u
		where s.id = u.id
		returning s.id
	)
	select array_agg(id) into linked from changed;
	if linked is null then
		return;
	end if;
	update public.transactions t
	set worker_id = coalesce(t.worker_id, s.worker_id),
		platform_id = coalesce(t.platform_id, s.platform_id)
	from public.streams s
	where t.stream_id = any (linked) and s.id = t.stream_id;
end
$$;

revoke execute on function
	chain.adopt(bigint, bigint, bigint, bytea[], integer),
	chain.link(bigint, bytea[]) from public;
grant execute on function
	chain.adopt(bigint, bigint, bigint, bytea[], integer),
	chain.link(bigint, bytea[])
	to gigstream_daemon;
