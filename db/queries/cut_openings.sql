delete from chain.openings
where chain_id = $1::bigint and block_number > $2::bigint
