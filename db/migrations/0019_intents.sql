-- Payments that are intended. An application inserts a pending transaction,
-- with a hash or without, and the chain says what becomes of it. ordinal is NULL
-- until a movement has been found to be it: so a hash may be given that the
-- chain has brought already.
alter table public.transactions alter column ordinal drop not null,
	alter column ordinal drop default;
-- What is intended without a hash, under what it will be recognised by.
create index transactions_intended on public.transactions
	(chain_id, from_wallet, to_wallet, amount_usdc)
	where ordinal is null and tx_hash is null
		and status in ('pending', 'failed');
-- What has a hash and is in no block: it is asked after.
create index transactions_awaited on public.transactions (chain_id, id)
	where status = 'submitted' and block_number is null;

-- What the chain need not say of an intended one. A row of the chain's own has
-- none here. head: the newest block when it was inserted; without a hash it
-- meets only later ones (NULL: none was known yet). since: where that block was
-- old news, Unix seconds before which no block is later. is_new: it, or its hash, has
-- not been held against what is there already. sender, nonce: of its hash, as a
-- node proved them. seen_at: when a node last had it, or the hash was given.
create table chain.intents (
	id uuid primary key, -- of public.transactions
	chain_id bigint not null,
	head bigint,
	since bigint,
	is_new boolean not null default true,
	hash_given boolean not null,
	sender bytea,
	nonce numeric(20,0),
	seen_at timestamptz not null default now()
);
create index intents_new on chain.intents (chain_id, id) where is_new;

-- A daemon that runs writes its chain's row every second. The minute is for the
-- clocks of chain and database, which may differ.
create function chain.intend() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	insert into chain.intents (id, chain_id, head, since, hash_given)
	select new.id, new.chain_id, c.head_number,
		case when c.updated_at < now() - interval '1 minute'
			then extract(epoch from now())::bigint - 60 end,
		new.tx_hash is not null
	from (values (new.chain_id)) x (chain_id)
	left join chain.chains c using (chain_id)
	on conflict (id) do update
	set is_new = true, hash_given = excluded.hash_given, sender = null,
		nonce = null, seen_at = excluded.seen_at;
	return null;
end
$$;

create trigger intend after insert on public.transactions
	for each row when (new.ordinal is null and new.block_number is null
		and new.status in ('pending', 'submitted'))
	execute function chain.intend();
-- Whoever attaches a hash, or another one, means this row with it.
create trigger intend_hash after update on public.transactions
	for each row when (old.tx_hash is distinct from new.tx_hash
		and not public.gigstream_chain_evidence())
	execute function chain.intend();

-- Given up, or gone: the chain is not asked about it any more. (No foreign key,
-- so that the table can still be truncated by itself.)
create function chain.give_up() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	if tg_op = 'TRUNCATE' then
		delete from chain.intents;
	else
		delete from chain.intents where id = old.id;
	end if;
	return null;
end
$$;

create trigger give_up_gone after delete on public.transactions
	for each row execute function chain.give_up();
create trigger give_up_all after truncate on public.transactions
	for each statement execute function chain.give_up();
create trigger give_up after update on public.transactions
	for each row when (old.status is distinct from new.status
		and new.status in ('cancelled', 'failed')
		and not public.gigstream_chain_evidence())
	execute function chain.give_up();

-- A hash is attached to what was intended and stands in no block.
create function public.gigstream_keep_hash() returns trigger
language plpgsql as $$
begin
	if old.block_number is null
		and old.status in ('pending', 'submitted', 'failed')
		and (old.ordinal is null or exists (select
			from chain.intents i where i.id = old.id))
	then
		new.ordinal := null;
		return new;
	end if;
	raise exception 'transaction % is % as %: its hash stays', old.id,
		old.status, coalesce(old.tx_hash, 'nothing')
		using errcode = 'check_violation',
		hint = 'Another payment is another row.';
end
$$;

create trigger keep_hash before update on public.transactions
	for each row when (old.tx_hash is distinct from new.tx_hash
		and not public.gigstream_chain_evidence())
	execute function public.gigstream_keep_hash();

-- The chain brought a payment before it was known to be intended: the rows
-- `born` go, and what was told of them is told of `intents`, one for one.
create function chain.take_over(chain bigint, born uuid[], intents uuid[])
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
	if exists (select from chain.intents i where i.id = any (born))
		or (select count(*) from chain.intents i
			where i.id = any (intents) and i.chain_id = chain)
			<> cardinality(intents)
	then
		raise exception 'only an intended payment takes over, and only '
			'from one that nobody intended'
			using errcode = 'check_violation';
	end if;
	update chain.transitions t set row_id = x.intent
	from unnest(born, intents) x (born, intent)
	where t.row_id = x.born and t.subject = 'transaction';
	update public.transactions i
	set task_id = coalesce(i.task_id, b.task_id),
		metadata = b.metadata || i.metadata
	from unnest(born, intents) x (born, intent)
	join public.transactions b on b.id = x.born
	where i.id = x.intent;
	delete from public.transactions t
	where t.id = any (born) and t.chain_id = chain;
end
$$;

-- Those that wait already are held against the chain as if inserted now.
update public.transactions set ordinal = null
where status in ('pending', 'cancelled') and block_number is null;
insert into chain.intents (id, chain_id, head, hash_given)
select t.id, t.chain_id, c.head_number, t.tx_hash is not null
from public.transactions t
left join chain.chains c on c.chain_id = t.chain_id
where t.status = 'pending' and t.ordinal is null;

-- As stored, confirmations are those of the last change; these are today's.
create or replace view chain.movements as
select t.chain_id, t.block_number, chain.hex(t.block_hash) as block_hash,
	t.log_index, chain.to_time(t.block_time) as block_time,
	chain.hex(t.tx_hash) as tx_hash,
	chain.hex(t.from_wallet) as from_wallet,
	chain.hex(t.to_wallet) as to_wallet,
	(t.amount * 0.000001)::numeric(78,6) as amount_usdc, t.role,
	p.id as transaction_id, p.type, p.status, p.worker_id, p.platform_id,
	p.stream_id, t.dust,
	greatest((select c.head_number from chain.chains c
		where c.chain_id = t.chain_id) - t.block_number + 1, 1)
		as confirmations
from chain.transfers t
left join public.transactions p on p.chain_id = t.chain_id
	and p.tx_hash = chain.hex(t.tx_hash) and p.log_index = t.log_index
	and p.block_number = t.block_number
where not t.orphaned;

grant select on chain.intents
	to gigstream_daemon, gigstream_api, gigstream_readonly;
grant update on chain.intents to gigstream_daemon;
revoke execute on function chain.intend(), chain.give_up(),
	public.gigstream_keep_hash(), chain.take_over(bigint, uuid[], uuid[])
	from public;
grant execute on function chain.take_over(bigint, uuid[], uuid[])
	to gigstream_daemon;
