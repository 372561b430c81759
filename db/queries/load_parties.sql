-- Who is registered among the wallets $2, and among those of the transactions
-- $3 and the streams and loans ($4, $5) as they are stored.
with stored_txs (hash) as (
	select chain.hex(h) from unnest($3::bytea[]) h
), wallets (wallet) as (
	select chain.hex(w) from unnest($2::bytea[]) w
	union
	select chain.hex(w)
	from chain.transfers t, unnest(array[t.from_wallet, t.to_wallet]) w
	where t.chain_id + 0 = $1::bigint and t.tx_hash = any ($3::bytea[])
		and not t.orphaned
	union
	select w
	from stored_txs x
	join public.transactions t on t.chain_id = $1::bigint
		and t.tx_hash = x.hash,
	unnest(array[t.from_wallet, t.to_wallet]) w
	union
	select w
	from unnest($4::bytea[], $5::numeric[]) k (contract, stream_id)
	join public.streams s on s.chain_id = $1::bigint
		and s.contract_address = chain.hex(k.contract)
		and s.contract_stream_id = k.stream_id,
	unnest(array[s.worker_wallet, s.platform_wallet]) w
	union
	select l.worker_wallet
	from unnest($4::bytea[], $5::numeric[]) k (contract, loan_id)
	join public.loans l on l.chain_id = $1::bigint
		and l.contract_address = chain.hex(k.contract)
		and l.contract_loan_id = k.loan_id
)
select x.wallet, w.id, p.id
from wallets x
left join public.workers w on w.wallet_address = x.wallet
left join public.platforms p on p.wallet_address = x.wallet
where w.id is not null or p.id is not null
