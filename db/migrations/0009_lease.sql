-- The lease remembers its holder's backend only where that is known: behind a
-- pooler each transaction has another. Such a lease lives until it expires, and
-- its locks until their transaction ends.

create or replace function chain.lease_is_live(l chain.lease) returns boolean
language sql stable as $$
	select l.holder is not null and l.expires_at > clock_timestamp()
		and (l.backend_pid is null or exists (
			select from pg_catalog.pg_stat_activity a
			where a.pid = l.backend_pid
			and coalesce(a.backend_start = l.backend_start, true)))
$$;

-- Takes the lease where it is free, renews it where it is ours already.
-- backend: the process that our connection was told it has; if it is another
-- than the one that runs this, there is a pooler in between.
drop function chain.take_lease(bigint, uuid, text, interval);
create function chain.take_lease(chain bigint, me uuid, my_name text,
	ttl interval, backend integer)
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
		(backend_pid, backend_start) = (
			select a.pid, a.backend_start
			from pg_catalog.pg_stat_activity a
			where a.pid = pg_backend_pid() and a.pid = backend),
		ttl = take_lease.ttl,
		expires_at = clock_timestamp() + take_lease.ttl
	where x.chain_id = chain and x.holder is not distinct from l.holder
		and x.term = l.term - (l.holder is distinct from me)::integer;
	return query select found, x.term, x.owner
		from chain.lease x where x.chain_id = chain;
end
$$;
revoke execute on function
	chain.take_lease(bigint, uuid, text, interval, integer) from public;
grant execute on function
	chain.take_lease(bigint, uuid, text, interval, integer)
	to gigstream_daemon;
