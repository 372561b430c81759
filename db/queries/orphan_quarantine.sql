update chain.quarantine set orphaned = true
where chain_id = $1::bigint and block_number > $2::bigint and not orphaned
