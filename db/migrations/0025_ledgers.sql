-- Several ledgers may speak of one worker, and some of what they say is no score.

-- The score that the contract had before this event: what its last event of
-- the worker says, or 100, where each begins. What is in quarantine says nothing.
create or replace function chain.score_before(e chain.events) returns integer
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

-- An operator has accepted that final blocks above `ancestor` are no more. What
-- was told of them stays told; each worker's score goes back to what still
-- stands, or to what it was before the first of them.
create or replace function chain.withdraw_reputation(chain bigint,
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

revoke execute on function chain.standing_score(bigint, uuid) from public;
grant execute on function chain.standing_score(bigint, uuid)
	to gigstream_daemon;
