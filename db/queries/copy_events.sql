copy chain.events (chain_id, block_number, block_hash, block_time, tx_index,
	log_index, tx_hash, contract, kind, part, subject, topics, data, detail)
from stdin (format binary)
