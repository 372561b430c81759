update public.streams s
set worker_wallet = x.worker_wallet, platform_wallet = x.platform_wallet,
	worker_id = x.worker_id, platform_id = x.platform_id,
	total_amount_usdc = x.total, released_amount_usdc = x.released,
	claimed_amount_usdc = x.claimed, refunded_amount_usdc = x.refunded,
	start_time = chain.to_time(x.start_time),
	end_time = chain.to_time(x.end_time),
	release_interval = x.release_interval,
	next_release_at = chain.to_time(x.next_release_at),
	status = x.status::public.stream_status,
	paused_at = chain.to_time(x.paused_at),
	completed_at = chain.to_time(x.completed_at),
	cancelled_at = chain.to_time(x.cancelled_at)
from unnest($2::uuid[], $3::text[], $4::numeric[], $5::text[], $6::text[],
	$7::uuid[], $8::uuid[], $9::numeric[], $10::numeric[], $11::numeric[],
	$12::numeric[], $13::bigint[], $14::bigint[], $15::numeric[],
	$16::bigint[], $17::text[], $18::bigint[], $19::bigint[],
	$20::bigint[])
	x (id, contract, stream_id, worker_wallet, platform_wallet, worker_id,
	platform_id, total, released, claimed, refunded, start_time, end_time,
	release_interval, next_release_at, status, paused_at, completed_at,
	cancelled_at)
where s.id = x.id and s.chain_id = $1::bigint
