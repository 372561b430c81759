update chain.reorgs set outcome = 'done', settled_at = now()
where chain_id = $1::bigint and id = $2::bigint
