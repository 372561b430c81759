-- The books held against the chain itself: one row for each time.
-- summary: {"wallets":{"checked":..,"differ":..,"explained":..,"uncovered":..,
-- "no_state":..},"contracts":{..},"streams":{..}}.
create table chain.audits (
	id bigint generated always as identity primary key,
	chain_id bigint not null references chain.chains,
	block_number bigint not null,
	block_hash bytea not null,
	differences bigint not null,
	summary jsonb not null,
	started_at timestamptz not null,
	finished_at timestamptz not null default now(),
	constraint audits_block_number_check check (block_number >= 0),
	constraint audits_block_hash_check check (length(block_hash) = 32),
	constraint audits_differences_check check (differences >= 0)
);
create index audits_newest on chain.audits (chain_id, id);

-- Where no node has the state any more that an account's books begin with: what
-- it had after a later block, the earliest that an audit saw. In the units that
-- the node counts in: the token's, or the coin's where the token is the coin.
create table chain.openings (
	chain_id bigint not null references chain.chains,
	account bytea not null,
	block_number bigint not null,
	balance numeric(78,0) not null,
	primary key (chain_id, account),
	constraint openings_block_number_check check (block_number >= 0)
);
create index openings_block on chain.openings (chain_id, block_number);

-- The first block of those that were read without a gap up to this one; NULL:
-- this one was not.
create function chain.unbroken(ranges int8multirange, block bigint)
returns bigint
language sql immutable parallel safe as $$
	select lower(r) from unnest(ranges) r where r @> block
$$;

grant select, insert on chain.audits to gigstream_daemon;
grant select, insert, delete on chain.openings to gigstream_daemon;
grant select on chain.audits, chain.openings
	to gigstream_api, gigstream_readonly;
revoke execute on function chain.unbroken(int8multirange, bigint) from public;
grant execute on function chain.unbroken(int8multirange, bigint)
	to gigstream_daemon, gigstream_api, gigstream_readonly;
