-- What is read above the common ancestor from now on is read for every wallet.
update chain.watched set since = $2::bigint + 1
where chain_id = $1::bigint and since > $2::bigint + 1
