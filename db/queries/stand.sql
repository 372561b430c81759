select head_number, final_number from chain.chains where chain_id = $1::bigint
