-- Where USDC is the chain's own money (Circle's Arc) it has 18 decimals, and the
-- token six. What a native send moves below the token's unit is kept beside it,
-- in units of 10^-18.
alter table chain.transfers add column dust bigint not null default 0,
	add constraint transfers_dust_check
		check (dust >= 0 and dust < 1000000000000);

-- Every USDC movement that stands, beside what it became.
create or replace view chain.movements as
select t.chain_id, t.block_number, chain.hex(t.block_hash) as block_hash,
	t.log_index, chain.to_time(t.block_time) as block_time,
	chain.hex(t.tx_hash) as tx_hash,
	chain.hex(t.from_wallet) as from_wallet,
	chain.hex(t.to_wallet) as to_wallet,
	(t.amount * 0.000001)::numeric(78,6) as amount_usdc, t.role,
	p.id as transaction_id, p.type, p.status, p.worker_id, p.platform_id,
	p.stream_id, t.dust
from chain.transfers t
left join public.transactions p on p.chain_id = t.chain_id
	and p.tx_hash = chain.hex(t.tx_hash) and p.log_index = t.log_index
	and p.block_number = t.block_number
where not t.orphaned;
