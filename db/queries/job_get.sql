select id, kind, from_block, to_block, done_to, rescan,
	n_wallets, finished_at is not null, array_to_string(tally, ' '), error
from chain.jobs
where chain_id = $1::bigint and id = $2::bigint
