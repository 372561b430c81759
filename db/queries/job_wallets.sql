select unnest(wallets) from chain.jobs
where chain_id = $1::bigint and id = $2::bigint
