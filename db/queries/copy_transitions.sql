copy chain.transitions (chain_id, subject, row_id, from_status, to_status,
	reason, block_number, block_time)
from stdin (format binary)
