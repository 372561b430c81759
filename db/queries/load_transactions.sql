select t.id, t.type, t.status, t.tx_hash, t.from_wallet, t.to_wallet,
	t.amount_usdc, t.ordinal, t.worker_id, t.platform_id,
	s.contract_address, s.contract_stream_id, l.contract_address,
	l.contract_loan_id,
	t.block_number, t.block_hash, t.log_index, t.confirmations,
	extract(epoch from t.submitted_at)::bigint,
	extract(epoch from t.confirmed_at)::bigint
from public.transactions t
left join public.streams s on s.id = t.stream_id
left join public.loans l on l.id = t.loan_id
where t.chain_id = $1::bigint
	and t.tx_hash = any (array(
		select chain.hex(h) from unnest($2::bytea[]) h))
order by t.id
