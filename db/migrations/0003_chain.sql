-- What the chain said, and how far we are. Facts are thin: hashes and
-- addresses are bytea, times are the chain's own Unix seconds, amounts are
-- base units. Everything in public that came from the chain derives from here.

create table chain.chains (
	chain_id bigint primary key,
	genesis_hash bytea not null,
	start_block bigint not null,
	start_hash bytea not null,
	head_number bigint,
	head_time bigint,
	final_number bigint,
	final_hash bytea,
	updated_at timestamptz not null default now(),
	constraint chains_chain_id_check check (chain_id > 0)
);

-- Canonical blocks only: the recent ones, and every one that holds facts.
create table chain.blocks (
	chain_id bigint not null references chain.chains,
	number bigint not null,
	hash bytea not null,
	parent_hash bytea not null,
	time bigint not null,
	has_facts boolean not null,
	primary key (chain_id, number)
);
create index blocks_prunable on chain.blocks (chain_id, number)
	where not has_facts;

create function chain.keep_block_hash() returns trigger
language plpgsql as $$
begin
	raise exception 'block % is stored as 0x% and was now read as 0x%',
		old.number, encode(old.hash, 'hex'), encode(new.hash, 'hex')
		using errcode = 'GSB01',
		hint = 'The chain has to be rolled back first.';
end
$$;

create trigger keep_block_hash before update on chain.blocks
	for each row when (old.hash <> new.hash)
	execute function chain.keep_block_hash();

-- Every decoded event of the contracts, whether or not it fits the others.
-- topics: 32 bytes each, one after the other.
create table chain.events (
	chain_id bigint not null,
	block_number bigint not null,
	block_time bigint not null,
	tx_index integer not null,
	log_index integer not null,
	kind smallint not null,
	orphaned boolean not null default false,
	block_hash bytea not null,
	tx_hash bytea not null,
	contract bytea not null,
	stream_id numeric(78,0) not null,
	topics bytea not null,
	data bytea not null,
	primary key (chain_id, block_hash, log_index)
);
create index events_stream on chain.events (chain_id, contract, stream_id)
	where not orphaned;
create index events_tx on chain.events (chain_id, tx_hash)
	where not orphaned;
create index events_block on chain.events (chain_id, block_number)
	where not orphaned;

-- USDC movements. role is what explains one: a projection like any other.
create table chain.transfers (
	chain_id bigint not null,
	block_number bigint not null,
	block_time bigint not null,
	tx_index integer not null,
	log_index integer not null,
	orphaned boolean not null default false,
	block_hash bytea not null,
	tx_hash bytea not null,
	from_wallet bytea not null,
	to_wallet bytea not null,
	amount numeric(78,0) not null,
	role text not null default 'plain',
	sender bytea,
	nonce numeric(20,0),
	primary key (chain_id, block_hash, log_index),
	constraint transfers_role_check check (role in ('plain', 'escrow',
		'claim', 'cancel_payout', 'cancel_refund'))
);
create index transfers_tx on chain.transfers (chain_id, tx_hash);
create index transfers_block on chain.transfers (chain_id, block_number)
	where not orphaned;

-- Logs of our contracts that do not decode (malformed), and events of
-- chain.events that contradict the others of their stream.
create table chain.quarantine (
	chain_id bigint not null,
	block_number bigint not null,
	block_time bigint not null,
	tx_index integer not null,
	log_index integer not null,
	malformed boolean not null,
	orphaned boolean not null default false,
	block_hash bytea not null,
	tx_hash bytea not null,
	contract bytea not null,
	topics bytea not null,
	data bytea not null,
	reason text not null,
	created_at timestamptz not null default now(),
	primary key (chain_id, block_hash, log_index)
);
create index quarantine_block on chain.quarantine (chain_id, block_number)
	where not orphaned;

-- Which blocks were read for a source (a contract, or a wallet), and what
-- vouched for them.
create table chain.coverage (
	chain_id bigint not null,
	source bytea not null,
	verified_by text not null,
	ranges int8multirange not null default '{}',
	primary key (chain_id, source, verified_by)
);

-- Every registered wallet. From block `since` on it is covered wherever the
-- token is; NULL: not adopted yet. What was read for it below stands in
-- coverage. linked: what was known of it before its registration (streams, and
-- transfers that now mean something) has been given to a job.
create table chain.watched (
	chain_id bigint not null references chain.chains,
	wallet bytea not null,
	since bigint,
	linked boolean not null default false,
	adopted_at timestamptz,
	primary key (chain_id, wallet)
);
create index watched_new on chain.watched (chain_id)
	where since is null or not linked;
create index watched_since on chain.watched (chain_id, since);

create table chain.jobs (
	id bigint generated always as identity primary key,
	chain_id bigint not null references chain.chains,
	kind text not null,
	wallets bytea[] not null default '{}',
	from_block bigint not null,
	to_block bigint not null,
	done_to bigint,
	rescan boolean not null default false,
	created_at timestamptz not null default now(),
	finished_at timestamptz,
	constraint jobs_kind_check check (kind in ('range', 'history')),
	constraint jobs_range_check check (from_block between 0 and to_block)
);
create unique index jobs_open_range
	on chain.jobs (chain_id, from_block, to_block, rescan)
	where kind = 'range' and finished_at is null;
create index jobs_open on chain.jobs (chain_id, id) where finished_at is null;

-- Every status a row has had, and why. from_status NULL: the row is new;
-- to_status NULL: the row is gone.
create table chain.transitions (
	id bigint generated always as identity primary key,
	chain_id bigint not null,
	subject text not null,
	row_id uuid not null,
	from_status text,
	to_status text,
	reason text not null,
	block_number bigint,
	block_time timestamptz,
	at timestamptz not null default now(),
	constraint transitions_subject_check
		check (subject in ('stream', 'transaction'))
);
create index transitions_row on chain.transitions (row_id, id);

-- One writer per chain. Its term is checked last in every commit.
create table chain.lease (
	chain_id bigint primary key,
	term bigint not null default 0,
	holder uuid,
	owner text,
	backend_pid integer,
	backend_start timestamptz,
	ttl interval,
	expires_at timestamptz
);

-- Unix seconds as a timestamp; 0 is none, and the last one that PostgreSQL
-- can hold stands for all beyond it.
create function chain.to_time(seconds bigint) returns timestamptz
language sql immutable parallel safe as $$
	select case when seconds <> 0
		then to_timestamp(least(seconds, 9224318015999)) end
$$;

create function chain.hex(b bytea) returns text
language sql immutable strict parallel safe as $$
	select '0x' || encode(b, 'hex')
$$;

create function chain.unhex(t text) returns bytea
language sql immutable strict parallel safe as $$
	select decode(substr(t, 3), 'hex')
$$;

-- A registered wallet awaits the writer of each chain; one that is watched
-- already (as a platform's, say) awaits its rows.
create function chain.watch_wallet() returns trigger
language plpgsql security definer set search_path = pg_catalog as $$
begin
	insert into chain.watched (chain_id, wallet)
	select c.chain_id, chain.unhex(new.wallet_address)
	from chain.chains c
	on conflict (chain_id, wallet) do update set linked = false;
	return null;
end
$$;

create trigger watch_wallet after insert or update of wallet_address
	on public.workers for each row
	when (new.wallet_address is not null)
	execute function chain.watch_wallet();
create trigger watch_wallet after insert or update of wallet_address
	on public.platforms for each row
	when (new.wallet_address is not null)
	execute function chain.watch_wallet();

-- Remembers a chain's identity, once. Registrations under way are waited for,
-- so that no wallet falls between this and the trigger above.
create function chain.identify(chain bigint, genesis bytea, start bigint,
	start_block_hash bytea) returns void
language plpgsql as $$
begin
	if exists (select from chain.chains c where c.chain_id = chain) then
		return;
	end if;
	lock table public.workers, public.platforms
		in share row exclusive mode;
	insert into chain.chains (chain_id, genesis_hash, start_block,
		start_hash)
	values (chain, genesis, start, start_block_hash)
	on conflict do nothing;
	insert into chain.watched (chain_id, wallet)
	select chain, chain.unhex(w.wallet_address)
	from (select wallet_address from public.workers
		union
		select wallet_address from public.platforms
			where wallet_address is not null) w
	on conflict do nothing;
end
$$;

-- The blocks read for a source, whatever vouched for them.
create function chain.covered(chain bigint, of bytea) returns int8multirange
language sql stable as $$
	select coalesce(range_agg(r), '{}')
	from chain.coverage c, unnest(c.ranges) r
	where c.chain_id = chain and c.source = of
$$;

-- The blocks read for each adopted wallet: where the token was read while the
-- wallet was watched, and what was read for the wallet itself.
create function chain.wallet_coverage(chain bigint, token bytea)
returns table (wallet bytea, ranges int8multirange)
language sql stable as $$
	select w.wallet, t.ranges * int8multirange(int8range(w.since, null))
		+ coalesce(own.ranges, '{}')
	from chain.watched w
	cross join (select chain.covered(chain, token)) t (ranges)
	left join (
		select c.source, range_agg(r)
		from chain.coverage c, unnest(c.ranges) r
		where c.chain_id = chain
		group by c.source
	) own (source, ranges) on own.source = w.wallet
	where w.chain_id = chain and w.since is not null
$$;

create function chain.lease_is_live(l chain.lease) returns boolean
language sql stable as $$
	select l.holder is not null and l.expires_at > clock_timestamp()
		and exists (select from pg_catalog.pg_stat_activity a
			where a.pid = l.backend_pid
			and coalesce(a.backend_start = l.backend_start, true))
$$;

-- Takes the lease where it is free, renews it where it is ours already.
create function chain.take_lease(chain bigint, me uuid, my_name text,
	ttl interval)
returns table (held boolean, term bigint, owner text)
language plpgsql as $$
declare
	l chain.lease;
begin
	insert into chain.lease (chain_id) values (chain)
		on conflict do nothing;
	select * into strict l from chain.lease x where x.chain_id = chain;
	if l.holder is distinct from me then
		if chain.lease_is_live(l) then
			return query select false, l.term, l.owner;
			return;
		end if;
		perform chain.end_backend(l);
		l.term := l.term + 1;
	end if;
	-- Waits for a commit under way; if another came first, it has it.
	update chain.lease x
	set term = l.term, holder = me, owner = my_name,
		backend_pid = pg_backend_pid(),
		backend_start = (select a.backend_start
			from pg_catalog.pg_stat_activity a
			where a.pid = pg_backend_pid()),
		ttl = take_lease.ttl,
		expires_at = clock_timestamp() + take_lease.ttl
	where x.chain_id = chain and x.holder is not distinct from l.holder
		and x.term = l.term - (l.holder is distinct from me)::integer;
	return query select found, x.term, x.owner
		from chain.lease x where x.chain_id = chain;
end
$$;

-- Ends the backend of a holder who has stopped renewing, so that what it has
-- locked is free. Without the right to, its locks are waited for.
create function chain.end_backend(l chain.lease) returns void
language plpgsql as $$
begin
	perform pg_terminate_backend(a.pid)
	from pg_catalog.pg_stat_activity a
	where a.pid = l.backend_pid and a.backend_start = l.backend_start
		and a.pid <> pg_backend_pid();
exception when insufficient_privilege then
	null;
end
$$;

-- The last statement before COMMIT: renews the lease and thereby locks it, so
-- that nobody takes it in between; refuses whoever does not hold it any more.
create function chain.assert_lease(chain bigint, me uuid, my_term bigint)
returns void
language plpgsql as $$
begin
	update chain.lease l
	set expires_at = clock_timestamp() + l.ttl
	where l.chain_id = chain and l.holder = me and l.term = my_term;
	if not found then
		raise exception 'another process leads chain % (%)', chain,
			coalesce((select l.owner from chain.lease l
				where l.chain_id = chain), 'nobody')
			using errcode = 'GSL01';
	end if;
end
$$;

-- Wallets registered since the last commit: they follow from the block after
-- the tip on, a history job owns start..tip, and streams that name them are
-- linked at once. A contract (in contracts, or covered before it was ever
-- adopted) is no wallet. Costs next to nothing where there is no newcomer.
create function chain.adopt(chain bigint, tip bigint, start bigint,
	contracts bytea[]) returns setof bytea
language plpgsql as $$
declare
	wallets bytea[];
	names text[];
	linked uuid[];
begin
	with newcomers as (
		select w.wallet
		from chain.watched w
		where w.chain_id = chain and (w.since is null or not w.linked)
			and w.wallet <> all (contracts)
			and (w.since is not null or not exists (
				select from chain.coverage c
				where c.chain_id = w.chain_id
					and c.source = w.wallet))
	), adopted as (
		update chain.watched w
		set since = coalesce(w.since, tip + 1), linked = true,
			adopted_at = coalesce(w.adopted_at, now())
		from newcomers n
		where w.chain_id = chain and w.wallet = n.wallet
		returning w.wallet
	)
	select array_agg(wallet order by wallet) into wallets from adopted;
	if wallets is null then
		return;
	end if;
	if start <= tip then
		insert into chain.jobs (chain_id, kind, wallets, from_block,
			to_block)
		values (chain, 'history', wallets, start, tip);
	end if;
	names := array(select chain.hex(w) from unnest(wallets) w);
	with changed as (
		update public.streams s
		set worker_id = coalesce(s.worker_id, (select w.id
				from public.workers w
				where w.wallet_address = s.worker_wallet)),
			platform_id = coalesce(s.platform_id, (select p.id
				from public.platforms p
				where p.wallet_address = s.platform_wallet))
		where s.chain_id = chain
			and ((s.worker_id is null
					and s.worker_wallet = any (names))
				or (s.platform_id is null
					and s.platform_wallet = any (names)))
		returning s.id
	)
	select array_agg(id) into linked from changed;
	update public.transactions t
	set worker_id = coalesce(t.worker_id, s.worker_id),
		platform_id = coalesce(t.platform_id, s.platform_id)
	from public.streams s
	where t.stream_id = any (linked) and s.id = t.stream_id;
	return query select unnest(wallets);
end
$$;

-- Every USDC movement that stands, beside what it became.
create view chain.movements as
select t.chain_id, t.block_number, chain.hex(t.block_hash) as block_hash,
	t.log_index, chain.to_time(t.block_time) as block_time,
	chain.hex(t.tx_hash) as tx_hash,
	chain.hex(t.from_wallet) as from_wallet,
	chain.hex(t.to_wallet) as to_wallet,
	(t.amount * 0.000001)::numeric(78,6) as amount_usdc, t.role,
	p.id as transaction_id, p.type, p.status, p.worker_id, p.platform_id,
	p.stream_id
from chain.transfers t
left join public.transactions p on p.chain_id = t.chain_id
	and p.tx_hash = chain.hex(t.tx_hash) and p.log_index = t.log_index
	and p.block_number = t.block_number
where not t.orphaned;

-- Coverage range by range, for people.
create view chain.covered_ranges as
select c.chain_id, chain.hex(c.source) as source, c.verified_by,
	lower(r) as from_block, upper(r) - 1 as to_block
from chain.coverage c, unnest(c.ranges) r;
