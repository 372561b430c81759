-- A backfill into an empty database may leave out indexes that only readers use,
-- and build each at its end, at once, which costs far less than to keep them for
-- every row. What was dropped is remembered here, in the transaction that drops
-- it, and forgotten in the one that builds it: a crash loses and repeats nothing.
create table chain.deferred_indexes (
	name text primary key, -- in the schema of its table
	relation regclass not null,
	definition text not null,
	since timestamptz not null default now()
);

-- Drops them where nothing is stored yet, and nobody is at work there; returns
-- how many are missing now. None is unique, and none serves the daemon while it
-- reads blocks (what serves a rebuild may be among them).
create function chain.defer_indexes() returns bigint
language plpgsql security definer
set search_path = pg_catalog, pg_temp set lock_timeout = '2s' as $$
declare
	i record;
begin
	-- Only an empty table is locked, and asked again then.
	if not chain.stores_something() then
		lock table public.transactions, chain.transfers,
			chain.transitions in access exclusive mode;
	end if;
	if not chain.stores_something() then
		for i in select c.relname, x.indexrelid::regclass as index,
				x.indrelid::regclass as relation
			from pg_index x
			join pg_class c on c.oid = x.indexrelid
			where x.indrelid in ('public.transactions'::regclass,
					'chain.transitions'::regclass)
				and c.relname in ('idx_transactions_from',
					'idx_transactions_to',
					'idx_transactions_worker',
					'idx_transactions_status',
					'idx_transactions_type',
					'idx_transactions_created',
					'transactions_platform',
					'transitions_row')
				and not x.indisunique and x.indisvalid
		loop
			insert into chain.deferred_indexes (name, relation,
				definition)
			values (i.relname, i.relation,
				pg_get_indexdef(i.index));
			execute format('drop index %s', i.index);
		end loop;
	end if;
	return (select count(*) from chain.deferred_indexes);
exception when lock_not_available or deadlock_detected then
	return (select count(*) from chain.deferred_indexes);
end
$$;

create function chain.stores_something() returns boolean
language sql volatile as $$
	select exists (select from public.transactions)
		or exists (select from chain.transfers)
		or exists (select from chain.transitions)
$$;

-- Builds the next of them, unless somebody has; returns how many are missing
-- then. Two processes that do it at once take turns.
create function chain.restore_index() returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	d chain.deferred_indexes;
begin
	select * into d from chain.deferred_indexes
	order by name limit 1 for update;
	if found and not exists (select from pg_index x
		join pg_class c on c.oid = x.indexrelid
		where x.indrelid = d.relation and c.relname = d.name)
	then
		execute d.definition;
	end if;
	delete from chain.deferred_indexes where name = d.name;
	return (select count(*) from chain.deferred_indexes);
end
$$;

grant select on chain.deferred_indexes
	to gigstream_daemon, gigstream_api, gigstream_readonly;
revoke execute on function chain.defer_indexes(), chain.restore_index(),
	chain.stores_something() from public;
grant execute on function chain.defer_indexes(), chain.restore_index()
	to gigstream_daemon;
