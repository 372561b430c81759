-- $2: a contract. $5 of its streams after the id $4 (NULL: from the first), and
-- whether facts above block $3 are in them; not those that began after it.
select s.contract_stream_id, coalesce(f.last > $3::bigint, false),
	f.last is null, s.status::text, s.worker_wallet, s.platform_wallet,
	s.total_amount_usdc, s.released_amount_usdc, s.claimed_amount_usdc
from public.streams s
left join lateral (
	select min(e.block_number) as first, max(e.block_number) as last
	from chain.events e
	where e.chain_id = $1::bigint and e.contract = $2::bytea
		and e.subject = s.contract_stream_id and not e.orphaned
		and e.kind between 1 and 29
) f on true
where s.chain_id = $1::bigint and s.contract_address = chain.hex($2::bytea)
	and s.contract_stream_id > coalesce($4::numeric, -1)
	and coalesce(f.first, 0) <= $3::bigint
order by s.contract_stream_id
limit $5::bigint
