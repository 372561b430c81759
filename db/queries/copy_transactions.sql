copy public.transactions (chain_id, id, type, status, tx_hash, from_wallet,
	to_wallet, amount_usdc, ordinal, worker_id, platform_id, block_number,
	block_hash, log_index, confirmations, submitted_at, confirmed_at)
from stdin (format binary)
