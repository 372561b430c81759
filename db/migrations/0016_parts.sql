-- One log of a contract may mean more than one event of ours (a change of a
-- stream that ends one and begins another): each is a row of its own under its
-- own subject, so that every stream finds its events as before.
alter table chain.events
	add column part smallint not null default 0,
	drop constraint events_pkey,
	add primary key (chain_id, block_hash, log_index, part);

-- Each may contradict its own stream.
alter table chain.quarantine
	add column part smallint not null default 0,
	drop constraint quarantine_pkey,
	add primary key (chain_id, block_hash, log_index, part);
