select wallet from chain.watched
where chain_id = $1::bigint and since is not null
order by wallet
