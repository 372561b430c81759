-- A time that is what it was keeps its fraction of a second: applications say it.
update public.transactions t
set type = x.type::public.transaction_type,
	status = x.status::public.transaction_status, tx_hash = x.tx_hash,
	from_wallet = x.from_wallet, to_wallet = x.to_wallet,
	amount_usdc = x.amount, ordinal = x.ordinal, worker_id = x.worker_id,
	platform_id = x.platform_id, stream_id = s.id, loan_id = l.id,
	block_number = x.block_number, block_hash = x.block_hash,
	log_index = x.log_index, confirmations = x.confirmations,
	submitted_at = case when extract(epoch from t.submitted_at)::bigint
			= x.submitted_at then t.submitted_at
		else chain.to_time(x.submitted_at) end,
	confirmed_at = chain.to_time(x.confirmed_at),
	error_message = case when x.status = 'failed' then t.error_message end
from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
	$7::text[], $8::numeric[], $9::integer[], $10::uuid[], $11::uuid[],
	$12::text[], $13::numeric[], $14::text[], $15::numeric[],
	$16::bigint[], $17::text[], $18::integer[], $19::bigint[],
	$20::bigint[], $21::bigint[])
	x (id, type, status, tx_hash, from_wallet, to_wallet, amount, ordinal,
	worker_id, platform_id, stream_contract, stream_id, loan_contract,
	loan_id, block_number, block_hash, log_index, confirmations, submitted_at, confirmed_at)
left join public.streams s on s.chain_id = $1::bigint
	and s.contract_address = x.stream_contract
	and s.contract_stream_id = x.stream_id
left join public.loans l on l.chain_id = $1::bigint
	and l.contract_address = x.loan_contract
	and l.contract_loan_id = x.loan_id
where t.id = x.id and t.chain_id = $1::bigint
