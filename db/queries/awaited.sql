-- Transactions that were sent, or lost their block, after the one with id $2;
-- with who sent them, if known, and since when no node had them.
select t.id, t.tx_hash, t.ordinal is null, coalesce(i.sender, f.sender),
	coalesce(i.nonce, f.nonce),
	greatest(extract(epoch from clock_timestamp() - greatest(i.seen_at,
		(select max(x.at) from chain.transitions x
			where x.row_id = t.id))), 0)::bigint
from public.transactions t
left join chain.intents i on i.id = t.id
left join lateral (
	select sender, nonce, true as found
	from chain.transfers
	where chain_id + 0 = t.chain_id and tx_hash = chain.unhex(t.tx_hash)
		and orphaned
	order by nonce nulls last limit 1
) f on true
where t.chain_id = $1::bigint and t.status = 'submitted'
	and t.block_number is null and t.id > coalesce($2::uuid,
		'00000000-0000-0000-0000-000000000000')
	and (i.id is not null or f.found)
order by t.id
limit $3::bigint
