-- What an operator takes back was final before.
update chain.chains set final_number = $2::bigint, final_hash = null
where chain_id = $1::bigint and final_number > $2::bigint
