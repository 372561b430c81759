select genesis_hash, start_block, start_hash, final_number
from chain.chains where chain_id = $1::bigint
