-- How many endpoints vouch for the hashes of blocks (chain.quorum): each range
-- ends in a block that so many called final and named by one hash, and its
-- blocks are linked by their parents' hashes. Blocks outside of all ranges rest
-- on the word of one.
create table chain.agreed (
	chain_id bigint not null references chain.chains,
	endpoints smallint not null,
	ranges int8multirange not null default '{}',
	primary key (chain_id, endpoints),
	constraint agreed_endpoints_check check (endpoints >= 2)
);

-- The same with each block in one row only, that of the most endpoints, and
-- those of one endpoint too, without an end.
create function chain.agreement(chain bigint)
returns table (endpoints smallint, ranges int8multirange)
language sql stable as $$
	select a.endpoints, a.ranges - coalesce((select range_agg(r)
		from chain.agreed b, unnest(b.ranges) r
		where b.chain_id = chain and b.endpoints > a.endpoints), '{}')
	from chain.agreed a
	where a.chain_id = chain
	union all
	select 1::smallint, '{(,)}'::int8multirange - coalesce((
		select range_agg(r)
		from chain.agreed b, unnest(b.ranges) r
		where b.chain_id = chain), '{}')
$$;

grant select, insert, update on chain.agreed to gigstream_daemon;
grant select on chain.agreed to gigstream_api, gigstream_readonly;
revoke execute on function chain.agreement(bigint) from public;
grant execute on function chain.agreement(bigint)
	to gigstream_daemon, gigstream_api, gigstream_readonly;
