-- Those with a hash of $2; and what was intended without a hash, where the
-- transfers of these hashes or new ones ($3 from, $4 to, $5 amount) may be it.
-- Locked, so that what an application says of one meanwhile (a hash, that it is
-- cancelled) is known before or comes after, and is never overwritten.
with moved (from_wallet, to_wallet, amount) as (
	select chain.hex(f), chain.hex(t), (a * 0.000001)::numeric(78,6)
	from unnest($3::bytea[], $4::bytea[], $5::numeric[]) x (f, t, a)
	union
	select chain.hex(t.from_wallet), chain.hex(t.to_wallet),
		(t.amount * 0.000001)::numeric(78,6)
	from chain.transfers t
	where t.chain_id + 0 = $1::bigint and t.tx_hash = any ($2::bytea[])
		and not t.orphaned
), concerned (id) as (
	select t.id
	from public.transactions t
	where t.chain_id = $1::bigint
		and t.tx_hash = any (array(
			select chain.hex(h) from unnest($2::bytea[]) h))
	union all
	select t.id
	from moved m
	join public.transactions t on t.chain_id = $1::bigint
		and t.from_wallet = m.from_wallet
		and t.to_wallet = m.to_wallet and t.amount_usdc = m.amount
		and t.ordinal is null and t.tx_hash is null
		and t.status in ('pending', 'failed')
)
select t.id, t.type, t.status, t.tx_hash, t.from_wallet, t.to_wallet,
	t.amount_usdc, t.ordinal, t.worker_id, t.platform_id,
	s.contract_address, s.contract_stream_id, l.contract_address,
	l.contract_loan_id,
	t.block_number, t.block_hash, t.log_index, t.confirmations,
	extract(epoch from t.submitted_at)::bigint,
	extract(epoch from t.confirmed_at)::bigint,
	i.id is not null, coalesce(i.hash_given, false),
	coalesce(i.head, 9223372036854775807), coalesce(i.since, 0)
from concerned c
join public.transactions t on t.id = c.id
left join public.streams s on s.id = t.stream_id
left join public.loans l on l.id = t.loan_id
left join chain.intents i on i.id = t.id
order by t.created_at, t.id
for update of t
