-- What an operator took back may return, in the blocks that it was told of: its
-- rows are there, and only the scores have to go where they were.
create function chain.restore_reputation(due chain.events[]) returns void
language sql as $$
	insert into public.reputation_events (worker_id, worker_wallet,
		event_type, points_delta, new_score, description, triggered_by)
	select x.id, x.wallet_address, 'manual_adjustment',
		x.score - x.reputation_score, x.score,
		format('blocks of chain %s stand again', x.chain_id), 'chain'
	from (
		select distinct w.id, w.wallet_address, w.reputation_score,
			e.chain_id, chain.standing_score(e.chain_id, w.id)
				as score
		from unnest(due) e
		join public.reputation_events r on r.chain_id = e.chain_id
			and r.block_hash = chain.hex(e.block_hash)
			and r.log_index = e.log_index
		join public.workers w on w.id = r.worker_id
		-- Nothing was told of the worker since.
		join lateral (
			select n.event_type, n.triggered_by
			from public.reputation_events n
			where n.worker_id = w.id
			order by n.created_at desc
			limit 1
		) newest on newest.event_type = 'manual_adjustment'
			and newest.triggered_by = 'chain'
	) x
	where x.score <> x.reputation_score
	order by x.id
$$;

-- After blocks were read (NULL: none) and before `final` is recorded: what is
-- due by either.
create or replace function chain.publish_reputation(chain bigint,
	read_from bigint, read_to bigint, final bigint) returns bigint
language plpgsql as $$
declare
	due constant chain.events[] := array(
		select e
		from chain.events e
		where e.chain_id = chain and e.kind in (50, 51)
			and not e.orphaned
			and e.block_number > coalesce((
				select c.final_number from chain.chains c
				where c.chain_id = chain), -1)
			and e.block_number <= final
		union
		select e
		from chain.events e
		where e.chain_id = chain and e.kind in (50, 51)
			and not e.orphaned and e.block_number >= read_from
			and e.block_number <= least(read_to, final));
	differences bigint;
begin
	if due = '{}' then
		return 0;
	end if;
	differences := chain.tell_reputation(due);
	perform chain.restore_reputation(due);
	return differences;
end
$$;

revoke execute on function chain.restore_reputation(chain.events[])
	from public;
grant execute on function chain.restore_reputation(chain.events[])
	to gigstream_daemon;
