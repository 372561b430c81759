select id, kind = 'history', from_block, to_block, done_to, rescan,
	n_wallets, finished_at is not null
from chain.jobs
where chain_id = $1::bigint and finished_at is null
order by id
