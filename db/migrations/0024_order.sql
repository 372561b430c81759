-- Facts arrive in the order of the chain: a key in that order grows at its end,
-- where one that begins with a hash is touched all over. It finds blocks, too.
-- Transactions are only ever looked up by their whole hash. (Statements that do
-- so say `chain_id + 0`: before the table's first analyze the planner would take
-- all of a chain, which is all there is, for a few rows of the key.)
alter table chain.transfers drop constraint transfers_pkey,
	add primary key (chain_id, block_number, log_index, block_hash);
drop index chain.transfers_block, chain.transfers_tx;
create index transfers_tx on chain.transfers using hash (tx_hash);

-- What may still be found in a block.
create index transactions_unplaced on public.transactions (chain_id)
	where block_number is null;

-- Also of what was orphaned: is anything stored of these blocks?
drop index chain.events_block;
create index events_block on chain.events (chain_id, block_number);
