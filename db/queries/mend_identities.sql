-- A row that stands where a fact stands is that fact's row, whatever else it
-- says. Of the blocks $2..$3; they are added to the job $4 as its $5th count.
with standing as (
	select block_hash, log_index, chain.hex(block_hash) as hash,
		chain.hex(tx_hash) as tx, chain.hex(from_wallet) as sender,
		chain.hex(to_wallet) as receiver, amount * 0.000001 as usdc,
		row_number() over (partition by tx_hash, from_wallet,
			to_wallet, amount order by log_index) - 1 as nth
	from chain.transfers
	where chain_id = $1::bigint and not orphaned
		and block_number between $2::bigint and $3::bigint
), mended as (
	update public.transactions t
	set tx_hash = f.tx, from_wallet = f.sender, to_wallet = f.receiver,
		amount_usdc = f.usdc, ordinal = f.nth
	from standing f
	where t.chain_id = $1::bigint and t.block_hash = f.hash
		and t.log_index = f.log_index
		and t.block_number between $2::bigint and $3::bigint
		and (t.tx_hash, t.from_wallet, t.to_wallet, t.amount_usdc,
			t.ordinal) is distinct from
			(f.tx, f.sender, f.receiver, f.usdc, f.nth)
	returning t.id
)
update chain.jobs
set tally[$5::integer] = tally[$5::integer] + (select count(*) from mended)
where chain_id = $1::bigint and id = $4::bigint
