-- The newest audit: how long ago it ended, in milliseconds; when, in Unix time.
select a.block_number, a.differences,
	coalesce((a.summary->'wallets'->>'checked')::bigint, 0),
	greatest((extract(epoch from now() - a.finished_at) * 1000)::bigint, 0),
	extract(epoch from a.finished_at)::bigint
from chain.audits a
where a.chain_id = $1::bigint
order by a.id desc
limit 1
