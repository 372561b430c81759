insert into public.streams (chain_id, id, contract_address, contract_stream_id,
	worker_wallet, platform_wallet, worker_id, platform_id,
	total_amount_usdc, released_amount_usdc, claimed_amount_usdc,
	refunded_amount_usdc, start_time, end_time, release_interval,
	next_release_at, status, paused_at, completed_at, cancelled_at)
select $1::bigint, id, contract, stream_id, worker_wallet, platform_wallet,
	worker_id, platform_id, total, released, claimed, refunded,
	chain.to_time(start_time), chain.to_time(end_time), release_interval,
	chain.to_time(next_release_at), status::public.stream_status,
	chain.to_time(paused_at), chain.to_time(completed_at),
	chain.to_time(cancelled_at)
from unnest($2::uuid[], $3::text[], $4::numeric[], $5::text[], $6::text[],
	$7::uuid[], $8::uuid[], $9::numeric[], $10::numeric[], $11::numeric[],
	$12::numeric[], $13::bigint[], $14::bigint[], $15::numeric[],
	$16::bigint[], $17::text[], $18::bigint[], $19::bigint[],
	$20::bigint[])
	x (id, contract, stream_id, worker_wallet, platform_wallet, worker_id,
	platform_id, total, released, claimed, refunded, start_time, end_time,
	release_interval, next_release_at, status, paused_at, completed_at,
	cancelled_at)
