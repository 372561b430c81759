-- A reorg deeper than what is final halts the writer. How to go on is an
-- operator's word: "this block is on the chain that survives, what we have above
-- it may be undone". The writer takes the newest open one up, if it holds.
create table chain.reorgs (
	id bigint generated always as identity primary key,
	chain_id bigint not null references chain.chains,
	to_block bigint not null,
	to_hash bytea not null,
	actor_id text not null,
	request_id text not null,
	created_at timestamptz not null default now(),
	outcome text,
	reason text,
	settled_at timestamptz,
	blocks bigint,
	events bigint,
	transfers bigint,
	transactions bigint,
	confirmed bigint,
	constraint reorgs_to_block_check check (to_block >= 0),
	constraint reorgs_to_hash_check check (length(to_hash) = 32),
	constraint reorgs_outcome_check check (outcome in ('done', 'refused')),
	constraint reorgs_settled_check
		check ((outcome is null) = (settled_at is null))
);
create index reorgs_open on chain.reorgs (chain_id, id)
	where settled_at is null;
comment on column chain.reorgs.actor_id is
	'PII: who said it: an operator''s login name.';

create trigger audit after insert or update on chain.reorgs
	for each row when (public.gigstream_has_actor())
	execute function public.gigstream_audit();

-- What stands above a block, and would have to go: blocks by their height.
create function chain.standing_above(chain bigint, above bigint)
returns table (blocks bigint, events bigint, transfers bigint,
	transactions bigint, confirmed bigint)
language sql stable as $$
	select greatest((select max(b.number) from chain.blocks b
			where b.chain_id = chain) - above, 0),
		(select count(*) from chain.events e where e.chain_id = chain
			and e.block_number > above and not e.orphaned),
		(select count(*) from chain.transfers t where t.chain_id = chain
			and t.block_number > above and not t.orphaned),
		count(*), count(*) filter (where x.status = 'confirmed')
	from public.transactions x
	where x.chain_id = chain and x.block_number > above
$$;

-- The hash that we know of a block: that of one we stand on, or of the two that
-- the chain is known by.
create function chain.known_hash(chain bigint, block bigint) returns bytea
language sql stable as $$
	select coalesce(
		(select b.hash from chain.blocks b
			where b.chain_id = chain and b.number = block),
		(select c.start_hash from chain.chains c
			where c.chain_id = chain and c.start_block = block),
		(select c.genesis_hash from chain.chains c
			where c.chain_id = chain and block = 0))
$$;

-- Why its holder has halted; said for one term only.
alter table chain.lease add column halted text,
	add column halted_term bigint;

grant select, insert, update (outcome, reason, settled_at, blocks, events,
	transfers, transactions, confirmed)
	on chain.reorgs to gigstream_daemon;
grant select on chain.reorgs to gigstream_api;
grant select (id, chain_id, to_block, to_hash, request_id, created_at, outcome,
	reason, settled_at, blocks, events, transfers, transactions, confirmed)
	on chain.reorgs to gigstream_readonly;
revoke execute on function chain.standing_above(bigint, bigint),
	chain.known_hash(bigint, bigint) from public;
grant execute on function chain.standing_above(bigint, bigint),
	chain.known_hash(bigint, bigint)
	to gigstream_daemon, gigstream_api, gigstream_readonly;
