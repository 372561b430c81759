select s.id, s.contract_address, s.contract_stream_id, s.worker_wallet,
	s.platform_wallet, s.worker_id, s.platform_id, s.total_amount_usdc,
	s.released_amount_usdc, s.claimed_amount_usdc, s.refunded_amount_usdc,
	extract(epoch from s.start_time)::bigint,
	extract(epoch from s.end_time)::bigint,
	s.release_interval,
	extract(epoch from s.next_release_at)::bigint,
	s.status,
	extract(epoch from s.paused_at)::bigint,
	extract(epoch from s.completed_at)::bigint,
	extract(epoch from s.cancelled_at)::bigint
from unnest($2::bytea[], $3::numeric[]) k (contract, stream_id)
join public.streams s on s.chain_id = $1::bigint
	and s.contract_address = chain.hex(k.contract)
	and s.contract_stream_id = k.stream_id
order by s.id
