insert into chain.transitions (chain_id, subject, row_id, from_status,
	to_status, reason, block_number, block_time)
select $1::bigint, subject, row_id, from_status, to_status, reason,
	block_number, chain.to_time(block_time)
from unnest($2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[],
	$7::bigint[], $8::bigint[])
	x (subject, row_id, from_status, to_status, reason, block_number,
	block_time)
