copy chain.transfers (chain_id, block_number, block_hash, block_time, tx_index,
	log_index, tx_hash, from_wallet, to_wallet, amount, dust, role, sender,
	nonce)
from stdin (format binary)
