delete from chain.blocks where chain_id = $1::bigint and number > $2::bigint
