-- Transactions that lost their block, with who sent them, if known.
select t.id, f.sender, f.nonce,
	coalesce((select extract(epoch from clock_timestamp() - max(x.at))
		from chain.transitions x where x.row_id = t.id), 0)::bigint
from public.transactions t
join lateral (
	select sender, nonce from chain.transfers
	where chain_id = t.chain_id and tx_hash = chain.unhex(t.tx_hash)
		and orphaned
	order by nonce nulls last limit 1
) f on true
where t.chain_id = $1::bigint and t.status = 'submitted'
	and t.block_number is null
order by t.id
limit $2::bigint
