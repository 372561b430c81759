-- What an event that is folded into nothing says, decoded, by our names for its
-- fields; NULL for those of streams and loans.
alter table chain.events add column detail jsonb;
create index events_reputation on chain.events (chain_id, block_number)
	where kind in (50, 51) and not orphaned;
create index events_reputation_worker
	on chain.events (chain_id, (detail ->> 'worker'))
	where kind in (50, 51) and not orphaned;

-- Reputation, as in stats.score_event() before, and: where the chain's word is
-- not what the score before and the event's own points come to, it counts, and
-- metadata.difference tells by how much. A fact that comes with both scores is
-- older than what was told already: it is history, and moves nothing.
create or replace function stats.score_event() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
	expected integer;
begin
	if new.block_hash is not null and new.previous_score is not null
		and new.new_score is not null
	then
		return new;
	end if;
	if new.worker_id is null then
		select id into new.worker_id from public.workers
		where wallet_address = new.worker_wallet;
	end if;
	select coalesce(r.score, w.reputation_score) into new.previous_score
	from public.workers w
	left join stats.running_scores r on r.worker_id = w.id
	where w.id = new.worker_id
	for no key update of w;
	if not found or exists (select from public.reputation_events e
		where e.id = new.id or (e.chain_id = new.chain_id
			and e.block_hash = new.block_hash
			and e.log_index = new.log_index))
	then
		return new;
	end if;
	expected := least(greatest(new.previous_score + new.points_delta, 0),
		1000);
	if new.block_hash is not null and new.new_score <> expected then
		new.metadata := new.metadata || jsonb_build_object(
			'difference', new.new_score - expected);
	end if;
	new.new_score := coalesce(new.new_score, expected);
	insert into stats.running_scores values (new.worker_id, new.new_score)
	on conflict (worker_id) do update set score = excluded.score;
	return new;
end
$$;

-- Points of an event by itself, as ReputationLedger gives them: 2 for a task, 1
-- more in time, and by its rating.
create function chain.reputation_points(kind smallint, detail jsonb)
returns integer language sql immutable as $$
	select case when kind = 51 then -(detail ->> 'points_lost')::integer
		else 2 + (detail ->> 'on_time')::boolean::integer
			+ case detail ->> 'rating' when '5' then 3
				when '4' then 2 when '3' then 1
				when '1' then -1 else 0 end
		end
$$;

-- The score that the contract had before this event: what its last event of
-- the worker says, or 100, where each begins. What is in quarantine says nothing.
create function chain.score_before(e chain.events) returns integer
language sql stable as $$
	select coalesce((
		select (p.detail ->> 'new_score')::integer
		from chain.events p
		where p.chain_id = e.chain_id and p.kind in (50, 51)
			and not p.orphaned and p.contract = e.contract
			and p.detail ->> 'worker' = e.detail ->> 'worker'
			and (p.block_number, p.log_index)
				< (e.block_number, e.log_index)
			and not exists (select from chain.quarantine q
				where q.chain_id = p.chain_id
				and q.block_hash = p.block_hash
				and q.log_index = p.log_index
				and not q.orphaned)
		order by p.block_number desc, p.log_index desc
		limit 1), 100)
$$;

-- Is a later event of the worker told already?
create function chain.is_late(e chain.events, worker uuid) returns boolean
language sql stable as $$
	select exists (
		select
		from public.reputation_events r
		join chain.events n on n.chain_id = r.chain_id
			and n.block_hash = chain.unhex(r.block_hash)
			and n.log_index = r.log_index
		where r.worker_id = worker and r.chain_id = e.chain_id
			and r.created_at >= chain.to_time(e.block_time)
			and not n.orphaned and (n.block_number, n.log_index)
				> (e.block_number, e.log_index))
$$;

-- Final events of registered workers become public.reputation_events, in their
-- order, dated by their blocks; of a worker who is not adopted yet, at the
-- adoption, so that none comes before the older ones. Returns in how many the
-- chain's word differed.
create function chain.tell_reputation(due chain.events[]) returns bigint
language sql as $$
	with told as (
		insert into public.reputation_events (worker_id, worker_wallet,
			task_id, chain_id, block_hash, log_index, event_type,
			points_delta, previous_score, new_score, description,
			triggered_by, metadata, created_at)
		select w.id, w.wallet_address, t.id, e.chain_id,
			chain.hex(e.block_hash), e.log_index,
			case when e.kind = 51 then 'dispute_filed'
				when (e.detail ->> 'on_time')::boolean
				then 'task_completed' else 'task_late'
				end::public.reputation_event_type,
			chain.reputation_points(e.kind, e.detail),
			case when chain.is_late(e, w.id)
				then chain.score_before(e) end,
			(e.detail ->> 'new_score')::integer,
			format('%s of task %s', case when e.kind = 51
				then 'DisputeRecorded' else 'TaskRecorded' end,
				e.detail ->> 'task'),
			'chain', e.detail - '{worker,new_score}'::text[],
			coalesce(chain.to_time(e.block_time), now())
		from unnest(due) e
		join public.workers w
			on w.wallet_address = e.detail ->> 'worker'
		join chain.watched a on a.chain_id = e.chain_id and a.linked
			and a.wallet = chain.unhex(w.wallet_address)
		left join lateral (
			select min(x.id::text)::uuid as id
			from public.tasks x
			where x.worker_id = w.id
				and x.external_task_id = e.detail ->> 'task'
			having count(*) = 1
		) t on true
		where not exists (select from public.reputation_events r
				where r.chain_id = e.chain_id
				and r.block_hash = chain.hex(e.block_hash)
				and r.log_index = e.log_index)
			and not exists (select from chain.quarantine q
				where q.chain_id = e.chain_id
				and q.block_hash = e.block_hash
				and q.log_index = e.log_index
				and not q.orphaned)
		order by e.block_number, e.log_index
		returning metadata
	)
	select count(*) from told where metadata ? 'difference'
$$;

-- What the newest event that was told of a worker and still stands says, of
-- whichever ledger on this chain; NULL: none stands.
create function chain.standing_score(chain bigint, worker uuid) returns integer
language sql stable as $$
	select r.new_score
	from public.reputation_events r
	join chain.events e on e.chain_id = r.chain_id
		and e.block_hash = chain.unhex(r.block_hash)
		and e.log_index = r.log_index
	where r.worker_id = worker and r.chain_id = chain and not e.orphaned
	order by e.block_number desc, e.log_index desc
	limit 1
$$;

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
create function chain.publish_reputation(chain bigint,
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

-- The same for workers who have just been registered.
create function chain.publish_reputation_of(chain bigint, wallets text[])
returns bigint language sql as $$
	select chain.tell_reputation(array(
		select e
		from chain.events e
		where e.chain_id = chain and e.kind in (50, 51)
			and not e.orphaned
			and e.detail ->> 'worker' = any (wallets)
			and e.block_number <= (
				select c.final_number from chain.chains c
				where c.chain_id = chain)))
$$;

-- An operator has accepted that final blocks above `ancestor` are no more. What
-- was told of them stays told; each worker's score goes back to what still
-- stands, or to what it was before the first of them.
create function chain.withdraw_reputation(chain bigint,
	ancestor bigint) returns void language sql as $$
	insert into public.reputation_events (worker_id, worker_wallet,
		event_type, points_delta, new_score, description, triggered_by)
	select x.worker_id, x.worker_wallet, 'manual_adjustment',
		x.score - w.reputation_score, x.score,
		format('blocks above %s are no more on chain %s', ancestor,
			chain), 'chain'
	from (
		select distinct on (r.worker_id) r.worker_id, r.worker_wallet,
			coalesce(chain.standing_score(chain, r.worker_id),
				r.previous_score) as score
		from chain.events e
		join public.reputation_events r on r.chain_id = e.chain_id
			and r.block_hash = chain.hex(e.block_hash)
			and r.log_index = e.log_index
		where e.chain_id = chain and e.kind in (50, 51) and e.orphaned
			and e.block_number > ancestor
		order by r.worker_id, e.block_number, e.log_index
	) x
	join public.workers w on w.id = x.worker_id
	where x.score <> w.reputation_score
	order by x.worker_id
$$;

revoke execute on function chain.reputation_points(smallint, jsonb),
	chain.score_before(chain.events), chain.is_late(chain.events, uuid),
	chain.tell_reputation(chain.events[]),
	chain.publish_reputation(bigint, bigint, bigint, bigint),
	chain.publish_reputation_of(bigint, text[]),
	chain.withdraw_reputation(bigint, bigint),
	chain.standing_score(bigint, uuid),
	chain.restore_reputation(chain.events[]) from public;
grant execute on function chain.reputation_points(smallint, jsonb),
	chain.score_before(chain.events), chain.is_late(chain.events, uuid),
	chain.tell_reputation(chain.events[]),
	chain.publish_reputation(bigint, bigint, bigint, bigint),
	chain.publish_reputation_of(bigint, text[]),
	chain.withdraw_reputation(bigint, bigint),
	chain.standing_score(bigint, uuid),
	chain.restore_reputation(chain.events[]) to gigstream_daemon;
grant update (detail) on chain.events to gigstream_daemon;
grant select (reputation_score) on public.workers to gigstream_daemon;
